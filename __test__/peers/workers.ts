// npm run workers [-- --times N]: terminates so many workers, at each named point of a receive in
// turn. Afterwards exactly the descriptors of before are open, and nothing has aborted.
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Conduit, isConduitError } from 'fd-conduit';
import { openDescriptors } from '../support/descriptors.js';
import { numberOption } from '../support/random.js';
import { warmUp } from '../support/warm-up.js';
import { type EndedWorkerData, POINTS } from './ended-worker.js';

const PROGRAM = join(__dirname, 'ended-worker.js');
const TIMES = numberOption('times', 2000);
const MESSAGES = 3;

const open = (): number => openSync('/dev/null', 'r');

/** Transfers until the worker is gone; answers how many left. */
async function flood(conduit: Conduit): Promise<number> {
  for (let left = 0; ; left += 1) {
    const fd = open();
    try {
      await conduit.transferFd(fd);
    } catch (error) {
      closeSync(fd);
      if (isConduitError(error) && error.type === 'FailedTransfer') {
        return left;
      }
      throw error;
    }
  }
}

/** Starts a worker, brings it to its point, and terminates it there; answers what left for it. */
async function endOne(point: (typeof POINTS)[number]): Promise<number> {
  const [mine, theirs] = Conduit.pair();
  const flag = new Int32Array(new SharedArrayBuffer(4));
  const sent = new Int32Array(new SharedArrayBuffer(4));
  const workerData: EndedWorkerData = { fd: theirs.fd, point, flag, sent };
  const worker = new Worker(PROGRAM, { workerData });
  const told: string[] = [];
  let tell = (): void => undefined;
  worker.on('message', (message: string) => {
    told.push(message);
    tell();
  });
  const hears = async (message: string): Promise<void> => {
    while (!told.includes(message)) {
      await new Promise<void>((resolve, reject) => {
        tell = resolve;
        worker.once('error', reject);
      });
    }
  };
  let left = 0;
  if (point === 'flooded') {
    await hears('here');
    theirs.close();
    const flooding = flood(mine);
    await new Promise((resolve) => setTimeout(resolve, 3));
    await worker.terminate();
    left = await flooding;
  } else {
    if (point !== 'waiting') {
      await hears('ready');
      for (; left < MESSAGES; left += 1) {
        await mine.transferFd(open());
      }
      Atomics.store(sent, 0, 1);
      Atomics.notify(sent, 0);
    }
    await hears('here');
    await worker.terminate();
    theirs.close();
  }
  mine.close();
  return left;
}

/** Turns of the loop in which what is closed late is closed. */
async function settled(wanted: string): Promise<string> {
  for (let turn = 0; turn < 200 && openDescriptors().join() !== wanted; turn += 1) {
    global.gc?.();
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return openDescriptors().join();
}

async function main(): Promise<void> {
  // The first worker opens what all share.
  await endOne('waiting');
  await warmUp();
  const before = openDescriptors().join();
  let sent = 0;
  for (let time = 0; time < TIMES; time += 1) {
    sent += await endOne(POINTS[time % POINTS.length] ?? 'waiting');
    if ((time + 1) % 100 === 0) {
      process.stderr.write(`${time + 1} workers ended, ${sent} transfers\n`);
      if ((await settled(before)) !== before) {
        break;
      }
    }
  }
  const after = await settled(before);
  const isExact = after === before;
  process.stdout.write(`${JSON.stringify({ ended: TIMES, sent, isExact })}\n`);
  if (!isExact) {
    process.stderr.write(`before: ${before}\nafter:  ${after}\n`);
    process.exitCode = 1;
  }
}

void main();
