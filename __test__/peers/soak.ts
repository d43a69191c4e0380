// npm run soak [-- --minutes N --seed N]: transfers with random kills, aborts and workers. At the
// end: transfers, losses (there must be none), exactly the descriptors of before, memory.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openDescriptors } from '../support/descriptors.js';
import { EchoLane, type Lane, PairLane, type Tally } from '../support/lanes.js';
import { numberOption, Random } from '../support/random.js';

const MINUTES = numberOption('minutes', 5);
const SEED = numberOption('seed', 1 + (Date.now() % 1_000_000));
const MOST_GROWTH_MIB = 64;
const PROGRESS_MS = 10_000;
const FILES = 16;

const mebibytes = (bytes: number): number => Math.round(bytes / 2 ** 20);

/** Resident memory after garbage collection. */
async function resident(): Promise<number> {
  for (let turn = 0; turn < 5; turn += 1) {
    global.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  return process.memoryUsage.rss();
}

async function settled(wanted: string): Promise<string> {
  for (let turn = 0; turn < 200 && openDescriptors().join() !== wanted; turn += 1) {
    global.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return openDescriptors().join();
}

async function drive(lane: Lane, until: number): Promise<void> {
  try {
    while (Date.now() < until) {
      await lane.round();
      await new Promise(setImmediate);
    }
  } finally {
    await lane.close();
  }
}

async function soak(directory: string, milliseconds: number, tally: Tally): Promise<void> {
  const random = new Random(SEED);
  const files = Array.from({ length: FILES }, (_, index) => {
    const path = join(directory, `${index}`);
    writeFileSync(path, `${index}`);
    return path;
  });
  const until = Date.now() + milliseconds;
  const lanes = [
    new PairLane(files, random, tally),
    new EchoLane('process', files, random, tally),
    new EchoLane('worker', files, random, tally),
  ];
  await Promise.all(lanes.map((lane) => drive(lane, until)));
}

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'fdc-soak-'));
  const tally: Tally = { transfers: 0, losses: 0, aborts: 0, kills: 0 };
  const started = Date.now();
  process.stderr.write(`seed ${SEED}, ${MINUTES} minutes\n`);
  // What all share is opened, and memory finds its level, before it is measured.
  const total = MINUTES * 60_000;
  await soak(directory, total / 5, tally);
  const before = { open: openDescriptors().join(), memory: await resident() };
  const progress = setInterval(() => {
    const seconds = Math.round((Date.now() - started) / 1000);
    const rss = mebibytes(process.memoryUsage.rss());
    process.stderr.write(`${seconds} s, ${JSON.stringify(tally)}, ${rss} MiB\n`);
  }, PROGRESS_MS);
  await soak(directory, (total * 4) / 5, tally);
  clearInterval(progress);
  rmSync(directory, { recursive: true });
  const isExact = (await settled(before.open)) === before.open;
  const grownMiB = mebibytes((await resident()) - before.memory);
  process.stdout.write(`${JSON.stringify({ ...tally, isExact, grownMiB })}\n`);
  if (!isExact) {
    process.stderr.write(`before: ${before.open}\nafter:  ${openDescriptors().join()}\n`);
  }
  const isGood = tally.losses === 0 && isExact && grownMiB < MOST_GROWTH_MIB;
  process.exitCode = isGood ? 0 : 1;
}

void main();
