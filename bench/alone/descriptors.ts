import { openSync } from 'node:fs';
import { socketPair } from 'fd-conduit';
import { type Extent, measure } from './measure.js';

const COUNTS = [1, 2, 4, 8, 16, 32, 64, 128, 253];
const FEWEST = 8;
const BYTE = Uint8Array.of(98);

/** What one message costs that carries many descriptors. */
export async function descriptors({ batches, messages }: Extent): Promise<void> {
  const [here, there] = socketPair();
  const fd = openSync('/dev/null', 'r');
  const buffer = new Uint8Array(1);
  for (const count of COUNTS) {
    const extras = { descriptors: new Array<number>(count).fill(fd) };
    const limits = { maxDescriptors: count };
    const fewer = Math.max(Math.floor(messages / count), FEWEST);
    await measure('descriptors', count, { batches, messages: fewer }, async (times) => {
      for (let sent = 0; sent < times; sent += 1) {
        await here.write(BYTE, extras);
        const message = await there.read(buffer, limits);
        message.close();
      }
    });
  }
  here.close();
  there.close();
}
