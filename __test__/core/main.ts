// The core of the suite, for every runtime and system that the package runs on: no test runner,
// no dependency, one process and its peers. CORE_RUNTIME is the command of a peer, as JSON, where
// `process.execPath` alone does not start one (an emulator, a loader of another C library).
import { isConduitError } from 'fd-conduit';
import { type Case, cases, Lacking } from './cases.js';
import { manyCases } from './many-cases.js';
import { nodeCases } from './node-cases.js';
import { exactly } from './open-descriptors.js';
import { processCases } from './process-cases.js';

const counts = { ok: 0, failed: 0, unsupported: 0 };

async function run({ name, body }: Case): Promise<void> {
  try {
    // The first times the runtime may open what it keeps (an epoll, a thread's pipe): what the
    // library leaves open, it leaves open every time.
    await body();
    await exactly(body).catch(() => exactly(body));
    tell('ok', name);
  } catch (error) {
    if (isClear(error)) {
      tell('unsupported', name, error.message);
    } else {
      tell('failed', name, error instanceof Error ? (error.stack ?? error.message) : String(error));
      process.exitCode = 1;
    }
  }
}

/** An error that tells what this runtime lacks. */
function isClear(error: unknown): error is Error {
  const type = isConduitError(error) ? error.type : undefined;
  return type === 'Unsupported' || type === 'NoFD' || error instanceof Lacking;
}

function tell(outcome: keyof typeof counts, name: string, why?: string): void {
  counts[outcome] += 1;
  console.log(`${outcome} - ${name}${why === undefined ? '' : `: ${why}`}`);
}

async function main(): Promise<void> {
  const { CORE_LEAVE_OUT } = process.env;
  for (const each of [...cases, ...manyCases, ...nodeCases, ...processCases]) {
    if (CORE_LEAVE_OUT !== undefined && each.name.includes(CORE_LEAVE_OUT)) {
      tell('unsupported', each.name, 'left out by CORE_LEAVE_OUT');
    } else {
      await run(each);
    }
  }
  // Nothing ends the process: that it ends by itself is the last thing tested.
  console.log(`${counts.ok} passed, ${counts.failed} failed, ${counts.unsupported} unsupported`);
}

/** Settled when all have run; nothing but a runtime that never ends by itself asks. */
export const finished = main();
