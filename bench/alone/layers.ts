import { openSync } from 'node:fs';
import { Conduit, put, putEach, socketPair } from 'fd-conduit';
import { type Extent, measure } from './measure.js';
import { Native } from './native.js';

const A_CALL = 64;
const BYTE = Uint8Array.of(98);

/** One descriptor, sent, received and closed, by each layer alone. */
export async function layers(extent: Extent): Promise<void> {
  const fd = openSync('/dev/null', 'r');
  const native = new Native();
  await measure('call', 1, extent, (times) => native.call(times));
  await measure('native', 1, extent, (times) => native.pass(fd, times));
  await sockets(fd, extent);
  await conduits(fd, extent);
}

async function sockets(fd: number, extent: Extent): Promise<void> {
  const [here, there] = socketPair();
  const buffer = new Uint8Array(1);
  const extras = { descriptors: [fd] };
  const limits = { maxDescriptors: 1 };
  await measure('try', 1, extent, (times) => {
    for (let count = 0; count < times; count += 1) {
      here.tryWrite(BYTE, extras);
      there.tryRead(buffer, limits)?.close();
    }
  });
  await measure('await', 1, extent, async (times) => {
    for (let count = 0; count < times; count += 1) {
      await here.write(BYTE, extras);
      const message = await there.read(buffer, limits);
      message.close();
    }
  });
  here.close();
  there.close();
}

async function conduits(fd: number, extent: Extent): Promise<void> {
  const [here, there] = Conduit.pair();
  const one = [fd];
  const many = new Array<number>(A_CALL).fill(fd);
  await measure('conduit', 1, extent, async (times) => {
    for (let count = 0; count < times; count += 1) {
      await put(here, one);
      const descriptor = await there.receive();
      descriptor.close();
    }
  });
  await measure('event-loop', 1, extent, async (times) => {
    for (let count = 0; count < times; count += 1) {
      const receiving = there.receive();
      await put(here, one);
      const descriptor = await receiving;
      descriptor.close();
    }
  });
  const calls = Math.ceil(extent.messages / A_CALL);
  await measure('batch', 1, { ...extent, messages: calls * A_CALL }, async () => {
    for (let call = 0; call < calls; call += 1) {
      await putEach(here, many);
      for (let received = 0; received < A_CALL; ) {
        const batch = await there.receiveBatch({ max: A_CALL });
        received += batch.count;
        batch.close();
      }
    }
  });
  here.close();
  there.close();
}
