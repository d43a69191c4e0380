import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import { openFd } from '../support/conduits.js';
import { exactly, inodeOf, isOpen } from '../support/descriptors.js';
import { temporaryFile } from '../support/files.js';

const PROGRAM = join(__dirname, '..', 'peers', 'worker-numbers.js');

/** Opens the file until it has that number; all that was opened on the way comes along. */
function openAs(number: number, path: string): number[] {
  const fds = [openFd(path)];
  while (!fds.includes(number) && fds.length < 100) {
    fds.push(openFd(path));
  }
  return fds;
}

for (const way of [
  'adopts and closes',
  'adopts, releases and transfers',
  'adopts, releases and closes',
  'opens and transfers',
  'receives, closes and opens again, and transfers',
  'receives and closes',
  'receives and transfers',
]) {
  test(`a worker that ${way} a number closes nobody's file when it ends`, async (t) => {
    const path = temporaryFile(t, 'of the main thread');
    // The first worker of a process opens what all share.
    await new Worker('', { eval: true }).terminate();
    await exactly(t, async () => {
      const worker = new Worker(PROGRAM, { workerData: way });
      const [number] = (await once(worker, 'message')) as [number];
      t.false(isOpen(number));
      const fds = openAs(number, path);
      t.true(fds.includes(number));
      const inode = inodeOf(number);
      const exit = once(worker, 'exit');
      worker.postMessage('end');
      await exit;
      t.true(isOpen(number));
      t.is(inodeOf(number), inode);
      fds.forEach(closeSync);
    });
  });
}
