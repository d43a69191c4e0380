import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { socketPair } from 'fd-conduit';
import type { Contender } from './contenders.js';
import type { Kit } from './kit.js';
import { openDescriptors, Program } from './program.js';
import type { Workload } from './workloads.js';

const CLOSING_MS = 2_000;

/** What came of one run. */
export interface Run {
  readonly perSecond: number;
  /** What was to come, and what came: descriptors, or connections. */
  readonly expected: number;
  readonly received: number;
  /** Of the sample that was looked at, those that were something else. */
  readonly wrong: number;
  /** Descriptors that are open now in either process and were not before; unknown without /proc. */
  readonly left: number | undefined;
}

/** What a process is told; who listens says a port as well. */
interface Ready {
  readonly pid: number;
  readonly port: number | undefined;
}

/** Has two processes do one workload; rejects where one of them fails. */
export async function runPair(
  contender: Contender,
  workload: Workload,
  kit: Kit,
  share: number,
): Promise<Run> {
  const count = Math.max(Math.ceil(workload.count * contender.pace * share), workload.size * 2);
  const programs = start(contender, workload, count, kit);
  try {
    const ready = await allReady(programs);
    const before = countOpen(ready);
    const [operations = 0, nanoseconds = 0, received = 0, wrong = 0] = await measure(
      programs,
      workload,
      count,
      ready,
      kit,
    );
    const left = await leftOpen(ready, before);
    const perSecond = (operations * 1e9) / nanoseconds;
    return { perSecond, expected: count, received, wrong, left };
  } finally {
    await Promise.all(programs.map((program) => program.end()));
  }
}

/** Starts the receiver, if the sender does not, and the sender. */
function start(contender: Contender, workload: Workload, count: number, kit: Kit): Program[] {
  const pinned = workload.oneCore ? (kit.oneCore ?? []) : [];
  const command = (role: string) => [
    ...pinned,
    ...contender.command,
    role,
    workload.name,
    `${count}`,
    `${workload.size}`,
    kit.files,
  ];
  if (contender.startsReceiver) {
    return [new Program(command('sender'))];
  }
  const [near, far] = socketPair({ type: workload.socketType });
  const programs = [
    new Program(command('receiver'), far.fd),
    new Program(command('sender'), near.fd),
  ];
  near.close();
  far.close();
  return programs;
}

async function allReady(programs: readonly Program[]): Promise<Ready[]> {
  const [first, second = first] = programs as [Program, Program?];
  const ready: Ready[] = [];
  for (const program of [first, second]) {
    const [pid = 0, port] = await program.words('ready');
    ready.push({ pid, port });
  }
  return ready;
}

/** Lets them begin; answers the words of whoever measures. */
async function measure(
  programs: readonly Program[],
  workload: Workload,
  count: number,
  ready: readonly Ready[],
  kit: Kit,
): Promise<number[]> {
  for (const program of programs) {
    program.go();
  }
  const port = ready.find((each) => each.port !== undefined)?.port;
  if (port !== undefined) {
    return measureFrom(new Program([...clientCommand(kit), `${port}`, `${count}`]));
  }
  const measuring = workload.name === 'round-trip' ? programs.at(-1) : programs[0];
  return (measuring as Program).words('result');
}

async function measureFrom(client: Program): Promise<number[]> {
  try {
    return await client.words('result');
  } finally {
    await client.end();
  }
}

function clientCommand({ compiled }: Kit): string[] {
  return compiled === undefined
    ? [process.execPath, join(__dirname, 'programs', 'client.js')]
    : [compiled.client];
}

function countOpen(processes: readonly Ready[]): number | undefined {
  const counts = processes.map(({ pid }) => openDescriptors(pid));
  return counts.reduce<number | undefined>(
    (sum, count) => (sum === undefined || count === undefined ? undefined : sum + count),
    0,
  );
}

/** How many more are open than before, once what is on its way to be closed is closed. */
async function leftOpen(
  processes: readonly Ready[],
  before: number | undefined,
): Promise<number | undefined> {
  const end = Date.now() + CLOSING_MS;
  for (;;) {
    const after = countOpen(processes);
    if (before === undefined || after === undefined) {
      return undefined;
    }
    if (after <= before || Date.now() > end) {
      return Math.max(after - before, 0);
    }
    await delay(5);
  }
}
