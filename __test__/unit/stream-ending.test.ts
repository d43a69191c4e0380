import test from 'ava';
import { StreamSocket, socketPair } from 'fd-conduit';
import { exactly } from '../support/descriptors.js';
import { rejection } from '../support/errors.js';

test('end closes what comes beside the bytes that nobody reads', async (t) => {
  await exactly(t, async () => {
    const [here, there] = socketPair();
    using stream = StreamSocket.adopt(here.release());
    await there.write(Buffer.from('x'), { descriptors: [0, 1] });
    const ending = stream.end();
    await there.write(Buffer.from('y'), { descriptors: [2] });
    there.close();
    await ending;
    t.true(stream.isClosed);
  });
});

test('end after a write that left in part is refused, and takes nothing from later reads', async (t) => {
  const [here, there] = socketPair();
  using stream = StreamSocket.adopt(here.release());
  await rejection(t, stream.write(Buffer.alloc(16 << 20), { timeoutMs: 5 }), 'Timeout');
  t.is((await rejection(t, stream.end(), 'FailedTransfer')).code, 'EPIPE');
  const reading = stream.read(Buffer.alloc(8), { timeoutMs: 1000 });
  await there.write(Buffer.from('answer'));
  t.is(await reading, 6);
  there.close();
});

test('a write after the end of writing names both reasons that it may have', async (t) => {
  const [here, there] = socketPair();
  using stream = StreamSocket.adopt(here.release());
  stream.shutdown('write');
  const error = await rejection(t, stream.write(Buffer.from('x')), 'FailedTransfer');
  t.is(error.code, 'EPIPE');
  t.regex(error.message, /shut down/);
  there.close();
});
