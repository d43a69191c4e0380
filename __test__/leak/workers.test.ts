import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import { Conduit, type ConduitServer } from 'fd-conduit';
import { openFd, pair, textOfDescriptor } from '../support/conduits.js';
import { exactly } from '../support/descriptors.js';
import { temporaryFile } from '../support/files.js';
import { socketPath } from '../support/unix.js';

const PROGRAM = join(__dirname, '..', 'peers', 'worker.js');
const TIMES = 100;

/** Terminates a worker while it receives, at another point of its life each time. */
async function terminateOne(server: ConduitServer, messages: number): Promise<void> {
  const worker = new Worker(PROGRAM, { workerData: server.path });
  const started = once(worker, 'message');
  const conduit = await server.accept();
  await started;
  const transfers: Promise<void>[] = [];
  for (let index = 0; index < messages; index += 1) {
    transfers.push(conduit.transferFd(openFd()));
  }
  await Promise.all(transfers);
  await worker.terminate();
  conduit.close();
}

test('a worker that is terminated while it receives, 100 times, leaves nothing open', async (t) => {
  using server = Conduit.listen(socketPath(t));
  // The first worker of a process opens what all share.
  await terminateOne(server, 1);
  await exactly(t, async () => {
    for (let time = 0; time < TIMES; time += 1) {
      await terminateOne(server, time % 10);
    }
  });
  const [one, other] = pair(t);
  await one.transferFd(openFd(temporaryFile(t, 'still here')));
  t.is(textOfDescriptor(await other.receive()), 'still here');
});

test('workers that are terminated at once leave nothing open', async (t) => {
  using server = Conduit.listen(socketPath(t));
  await terminateOne(server, 1);
  await exactly(t, async () => {
    const workers = Array.from(
      { length: 4 },
      () => new Worker(PROGRAM, { workerData: server.path }),
    );
    const started = workers.map((worker) => once(worker, 'message'));
    const conduits = await Promise.all(workers.map(() => server.accept()));
    await Promise.all(started);
    await Promise.all(workers.map((worker) => worker.terminate()));
    for (const conduit of conduits) {
      conduit.close();
    }
  });
});
