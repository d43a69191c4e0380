import test from 'ava';
import { UnixSocket } from 'fd-conduit';
import { rejection, thrown } from '../support/errors.js';
import { abstractName } from '../support/sockets.js';

const PACKET = Buffer.from('packet');

test('what is sent to a full receiver, without a connection, waits until that has room', async (t) => {
  const name = abstractName();
  const receiver = UnixSocket.bind(name);
  const sender = UnixSocket.bind();
  let sent = 0;
  while (sender.tryWrite(PACKET, { to: name }) !== undefined) {
    sent += 1;
  }
  await rejection(t, sender.write(PACKET, { to: name, timeoutMs: 20 }), 'Timeout');
  thrown(t, () => sender.writeSync(PACKET, { to: name, timeoutMs: 20 }), 'Timeout');
  const before = process.cpuUsage();
  const waiting = sender.write(PACKET, { to: name });
  await new Promise((resolve) => setTimeout(resolve, 200));
  const { user, system } = process.cpuUsage(before);
  // A call that spins uses up all of the time, one that waits next to none.
  t.true(user + system < 150_000);
  for (let received = 0; received < sent; received += 1) {
    t.is((await receiver.read(Buffer.alloc(64))).bytesRead, PACKET.length);
  }
  t.is(await waiting, PACKET.length);
  t.is((await receiver.read(Buffer.alloc(64))).bytesRead, PACKET.length);
  sender.close();
  receiver.close();
});
