import { once } from 'node:events';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import { socketPair } from 'fd-conduit';
import { exchange } from '../peers/many.js';
import { exactly } from '../support/descriptors.js';

test('two hundred sockets at once in one process', async (t) => {
  await exactly(t, async () => {
    t.is(await exchange(100), 100 * 3);
  });
});

test('ten worker threads with twenty sockets each, which leave nothing open', async (t) => {
  // The module of worker threads keeps some descriptors from its first worker on.
  await run(0);
  await exactly(t, async () => {
    const received = await Promise.all(Array.from({ length: 10 }, () => run(10)));
    t.deepEqual(received, Array(10).fill(10 * 3));
  });
});

test('worker threads that are terminated while their sockets wait leave nothing open', async (t) => {
  await run(0);
  await exactly(t, async () => {
    const workers = Array.from({ length: 10 }, () => start({ pairs: 10, waits: true }));
    await Promise.all(workers.map((worker) => once(worker, 'message')));
    await Promise.all(workers.map((worker) => worker.terminate()));
    const [one, other] = socketPair();
    await one.write(Buffer.from('x'));
    t.is((await other.read(new Uint8Array(1))).bytesRead, 1);
    one.close();
    other.close();
  });
});

function start(workerData: { pairs: number; waits: boolean }): Worker {
  return new Worker(join(__dirname, '..', 'peers', 'many.js'), { workerData });
}

async function run(pairs: number): Promise<number> {
  const worker = start({ pairs, waits: false });
  const exit = once(worker, 'exit');
  const [received] = (await once(worker, 'message')) as [number];
  await exit;
  return received;
}
