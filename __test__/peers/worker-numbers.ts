// A worker thread that closes a number in the way its `workerData` names, tells the number, and
// ends when it is told to.
import { closeSync, openSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { Conduit, Descriptor } from 'fd-conduit';

const opened = (): number => openSync('/dev/null', 'r');

/** A number that came through a conduit. */
async function received(conduits: [Conduit, Conduit]): Promise<number> {
  const [here, there] = conduits;
  await here.transferFd(opened());
  return there.receiveFd();
}

async function transferred(fd: number, [here, there]: [Conduit, Conduit]): Promise<void> {
  await here.transferFd(fd);
  (await there.receive()).close();
}

const ways: Record<string, (conduits: [Conduit, Conduit]) => Promise<number>> = {
  'adopts and closes': async () => {
    const fd = opened();
    Descriptor.adopt(fd).close();
    return fd;
  },
  'adopts, releases and transfers': async (conduits) => {
    const fd = opened();
    await transferred(Descriptor.adopt(fd).release(), conduits);
    return fd;
  },
  'adopts, releases and closes': async () => {
    const fd = opened();
    closeSync(Descriptor.adopt(fd).release());
    return fd;
  },
  'opens and transfers': async (conduits) => {
    const fd = opened();
    await transferred(fd, conduits);
    return fd;
  },
  'receives, closes and opens again, and transfers': async (conduits) => {
    const fd = await received(conduits);
    closeSync(fd);
    const again = opened();
    await transferred(again, conduits);
    return again;
  },
  'receives and closes': async (conduits) => {
    const fd = await received(conduits);
    closeSync(fd);
    return fd;
  },
  'receives and transfers': async (conduits) => {
    const fd = await received(conduits);
    await transferred(fd, conduits);
    return fd;
  },
};

async function main(way: string): Promise<void> {
  const conduits = Conduit.pair();
  const number = await ways[way]?.(conduits);
  parentPort?.postMessage(number);
  parentPort?.once('message', () => process.exit());
}

void main(workerData as string);
