import { join } from 'node:path';
import type { Kit } from './kit.js';

/** One way of passing descriptors. */
export interface Contender {
  readonly name: string;
  /** Who it belongs to; the report compares with C and with what Node has itself. */
  readonly family: 'library' | 'c' | 'python' | 'node';
  /** What it does the work of, by the names of the workloads. */
  readonly workloads: readonly string[];
  /** Whether the sender starts the receiver itself, over a channel of its own. */
  readonly startsReceiver: boolean;
  /** By what the count of each run is multiplied, for the slow: a run takes about as long. */
  readonly pace: number;
  /** The command, without its arguments. */
  readonly command: readonly string[];
}

const EVERYTHING = ['single', 'full', 'round-trip', 'connections', 'packets'];

/** What is compared, as far as this machine has it. */
export function contenders({ compiled, python }: Kit): Contender[] {
  const all = { workloads: EVERYTHING, startsReceiver: false, pace: 1 };
  const own = { startsReceiver: true, family: 'node' } as const;
  const node = (program: string) => [process.execPath, join(__dirname, 'programs', program)];
  const found: (Contender | undefined)[] = [
    compiled && { ...all, name: 'C', family: 'c', command: [compiled.pair] },
    { ...all, name: 'fd-conduit', family: 'library', command: node('library.js') },
    {
      ...all,
      name: 'fd-conduit, in batches',
      family: 'library',
      workloads: ['single'],
      command: node('library-batches.js'),
    },
    {
      ...all,
      name: 'fd-conduit, streams',
      family: 'library',
      workloads: ['connections'],
      command: node('library-streams.js'),
    },
    python && { ...all, name: 'Python', family: 'python', pace: 0.5, command: python },
    {
      ...own,
      name: "Node's IPC",
      workloads: ['single', 'round-trip', 'connections'],
      pace: 0.2,
      command: node('ipc.js'),
    },
    {
      ...own,
      name: "Node's cluster",
      workloads: ['connections'],
      pace: 1,
      command: node('cluster.js'),
    },
  ];
  return found.filter((contender) => contender !== undefined);
}
