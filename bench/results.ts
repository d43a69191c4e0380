import type { Comparison } from './comparison.js';
import { isWhole } from './comparison.js';
import type { Point } from './costs.js';
import type { Machine } from './machine.js';

/** All that was measured. */
export interface Results {
  readonly machine: Machine;
  readonly rounds: number;
  /** Whether this was only to see that it works. */
  readonly isQuick: boolean;
  /** What this machine lacks, in words. */
  readonly missing: readonly string[];
  readonly comparisons: readonly Comparison[];
  /** By the names of the costs. */
  readonly costs: Readonly<Record<string, readonly Point[]>>;
}

/** What went wrong, in words; nothing where every descriptor came, was right and is closed. */
export function faults({ comparisons }: Results): string[] {
  return comparisons.flatMap(({ workload, standings }) =>
    standings
      .filter((standing) => !isWhole(standing))
      .map(({ contender, failure, runs }) => {
        const figures = runs.flatMap((run) =>
          run === undefined
            ? []
            : `${run.received} of ${run.expected} came, ${run.wrong} wrong, ${run.left ?? 0} left open`,
        );
        return `${workload}, ${contender}: ${failure ?? figures.join('; ')}`;
      }),
  );
}
