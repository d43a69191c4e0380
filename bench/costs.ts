import { join } from 'node:path';
import type { Kit } from './kit.js';
import { median } from './median.js';
import type { Options } from './options.js';
import { Program } from './program.js';
import type { Progress } from './progress.js';

/** A cost that is measured within one process. */
export interface Cost {
  readonly name: string;
  readonly title: string;
  readonly batches: number;
  /** Messages of one batch. */
  readonly messages: number;
}

/** All of them; bench/alone and bench/programs/c/alone.c measure them. */
export const COSTS: readonly Cost[] = [
  { name: 'layers', title: 'What each layer costs', batches: 41, messages: 1_000 },
  { name: 'sockets', title: 'Many sockets in one process', batches: 9, messages: 2_000 },
  { name: 'descriptors', title: 'Many descriptors a message', batches: 15, messages: 1_000 },
  { name: 'payload', title: 'Much payload a message', batches: 9, messages: 1_000 },
];

/** Nanoseconds a message, by the program that took them, its series, and what varies. */
export interface Point {
  readonly by: 'C' | 'fd-conduit';
  readonly series: string;
  readonly x: number;
  readonly ns: number;
}

/** The programs that measure, as far as they are here. */
export function measurers({ compiled }: Kit): [Point['by'], string[]][] {
  return [
    ...(compiled === undefined ? [] : [['C', [compiled.alone]] as [Point['by'], string[]]]),
    ['fd-conduit', [process.execPath, join(__dirname, 'alone', 'main.js')]],
  ];
}

/** Measures one cost, round by round; answers the middle of the rounds. */
export async function measureCost(
  cost: Cost,
  kit: Kit,
  options: Options,
  progress: Progress,
): Promise<Point[]> {
  const rounds = new Map<string, Point[]>();
  const batches = Math.max(Math.ceil(cost.batches * options.share), 3);
  const messages = Math.max(Math.ceil(cost.messages * options.share), 10);
  for (let round = 0; round < options.rounds; round += 1) {
    for (const [by, command] of measurers(kit)) {
      progress.begin(cost.title, `${by}, round ${round + 1} of ${options.rounds}`);
      for (const point of await points(by, [...command, cost.name, `${batches}`, `${messages}`])) {
        const key = `${by} ${point.series} ${point.x}`;
        rounds.set(key, [...(rounds.get(key) ?? []), point]);
      }
    }
  }
  return [...rounds.values()].map((same) => ({
    ...(same[0] as Point),
    ns: median(same.map(({ ns }) => ns)),
  }));
}

async function points(by: Point['by'], command: readonly string[]): Promise<Point[]> {
  const program = new Program(command);
  try {
    return (await program.rest()).map((line) => {
      const [, series = '', x, ns] = line.split(' ');
      return { by, series, x: Number(x), ns: Number(ns) };
    });
  } finally {
    await program.end();
  }
}
