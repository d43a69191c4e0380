import { type Contender, contenders } from './contenders.js';
import type { Kit } from './kit.js';
import { median } from './median.js';
import type { Options } from './options.js';
import { type Run, runPair } from './pair.js';
import type { Progress } from './progress.js';
import { WORKLOADS, type Workload } from './workloads.js';

/** How one contender did in one workload. */
export interface Standing {
  readonly contender: string;
  readonly family: Contender['family'];
  /** A run a round; nothing where it failed. */
  readonly runs: readonly (Run | undefined)[];
  /** Why its first failed run failed. */
  readonly failure: string | undefined;
}

/** How all did in one workload. */
export interface Comparison {
  readonly workload: string;
  readonly standings: readonly Standing[];
}

/** The contenders of each workload that is wanted. */
export function entries(kit: Kit, options: Options): [Workload, Contender[]][] {
  const all = contenders(kit);
  const hasPackets = process.platform !== 'darwin';
  return WORKLOADS.filter(
    ({ name, socketType }) => options.wants(name) && (hasPackets || socketType !== 'seqpacket'),
  ).map((workload) => [workload, all.filter(({ workloads }) => workloads.includes(workload.name))]);
}

/** Runs all of them, round by round; who goes first rotates. */
export async function compare(
  [workload, rivals]: readonly [Workload, readonly Contender[]],
  kit: Kit,
  options: Options,
  progress: Progress,
): Promise<Comparison> {
  const runs = new Map<Contender, (Run | undefined)[]>(rivals.map((rival) => [rival, []]));
  const failures = new Map<Contender, string>();
  for (let round = 0; round < options.rounds; round += 1) {
    const first = round % rivals.length;
    for (const rival of [...rivals.slice(first), ...rivals.slice(0, first)]) {
      progress.begin(workload.title, `${rival.name}, round ${round + 1} of ${options.rounds}`);
      const run = failures.has(rival)
        ? undefined
        : await runPair(rival, workload, kit, options.share).catch((error: Error) => {
            failures.set(rival, error.message);
            return undefined;
          });
      runs.get(rival)?.push(run);
    }
  }
  const standings = rivals.map((rival) => ({
    contender: rival.name,
    family: rival.family,
    runs: runs.get(rival) ?? [],
    failure: failures.get(rival),
  }));
  return { workload: workload.name, standings };
}

/** Whether every descriptor came, was what it should be, and is closed. */
export function isWhole({ runs, failure }: Standing): boolean {
  return (
    failure === undefined &&
    runs.every(
      (run) =>
        run !== undefined && run.received === run.expected && run.wrong === 0 && !(run.left ?? 0),
    )
  );
}

/** The middle rate of a standing, in operations a second. */
export function rateOf({ runs }: Standing): number {
  return median(runs.flatMap((run) => run?.perSecond ?? []));
}

/** How many times as fast one was as another, by the middle of the rounds in which both ran. */
export function ratio(one: Standing, other: Standing | undefined): number {
  return median(
    one.runs.flatMap((run, round) => {
      const rival = other?.runs[round];
      return run && rival ? run.perSecond / rival.perSecond : [];
    }),
  );
}
