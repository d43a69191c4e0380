// Many sockets at once, in the thread that imports this or in a worker of its own.
import { closeSync, openSync } from 'node:fs';
import { isMainThread, parentPort, workerData } from 'node:worker_threads';
import { socketPair } from 'fd-conduit';

const MESSAGES = 3;

/** Sends descriptors over so many pairs at once; answers how many messages came whole. */
export async function exchange(pairs: number): Promise<number> {
  const fd = openSync('/dev/null', 'r');
  const received = await Promise.all(Array.from({ length: pairs }, () => exchangeOver(fd)));
  closeSync(fd);
  return received.reduce((sum, count) => sum + count, 0);
}

async function exchangeOver(fd: number): Promise<number> {
  const [one, other] = socketPair({ type: 'stream' });
  let received = 0;
  const reads = Array.from({ length: MESSAGES }, async () => {
    using message = await other.read(new Uint8Array(2), { maxDescriptors: 2 });
    received += message.bytesRead === 2 && message.count === 2 ? 1 : 0;
  });
  for (let count = 0; count < MESSAGES; count += 1) {
    await one.write(Buffer.from('ab'), { descriptors: [fd, fd] });
    await new Promise(setImmediate);
  }
  await Promise.all(reads);
  one.close();
  other.close();
  return received;
}

/** Leaves reads waiting over so many pairs, with messages that nobody has taken. */
function wait(pairs: number): void {
  for (let count = 0; count < pairs; count += 1) {
    const [one, other] = socketPair();
    one.tryWrite(Buffer.from('x'), { descriptors: [one] });
    void one.read(new Uint8Array(1));
    void other.read(new Uint8Array(1), { maxDescriptors: 1 });
    void other.read(new Uint8Array(1));
  }
}

if (!isMainThread) {
  const { pairs, waits } = workerData as { pairs: number; waits: boolean };
  if (waits) {
    wait(pairs);
    parentPort?.postMessage(0);
  } else {
    void exchange(pairs).then((received) => parentPort?.postMessage(received));
  }
}
