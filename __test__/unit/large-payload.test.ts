import test from 'ava';
import { StreamSocket, socketPair } from 'fd-conduit';

const BEHIND = 2 ** 31;
const REST = 300_000;

test('a payload beyond 2 GiB arrives as it is', async (t) => {
  const [one, there] = socketPair();
  using here = StreamSocket.adopt(one.release());
  // Zeroes that nobody writes to take no memory.
  const payload = new Uint8Array(BEHIND + REST).fill(1, BEHIND);
  const writing = here.write(payload);
  writing.then(() => here.close());
  const buffer = Buffer.alloc(1 << 20);
  let [total, ones] = [0, 0];
  for (;;) {
    const { bytesRead } = await there.read(buffer);
    if (bytesRead === 0) {
      break;
    }
    total += bytesRead;
    const first = buffer.subarray(0, bytesRead).indexOf(1);
    ones += first < 0 ? 0 : bytesRead - first;
  }
  t.is(await writing, payload.length);
  t.is(total, payload.length);
  t.is(ones, REST);
  there.close();
});
