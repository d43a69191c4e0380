import { closeSync } from 'node:fs';
import test from 'ava';
import { optionConstants, UnixServer, UnixSocket } from 'fd-conduit';
import { openFd } from '../support/conduits.js';
import { exactly } from '../support/descriptors.js';
import { rejection, thrown } from '../support/errors.js';
import { abstractName, ends, TYPES, textFrom } from '../support/sockets.js';

const { SOL_SOCKET, SO_TYPE, SO_SNDBUF, SO_RCVBUF, SO_SNDTIMEO, SO_ERROR } = optionConstants();
const me = { pid: process.pid, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
const isLinux = process.platform === 'linux';

test('options are read and set, as numbers, truths and bytes', (t) => {
  const [one] = ends(t, 'dgram');
  t.is(one.getOption(SOL_SOCKET, SO_TYPE), 2);
  t.is(one.getOption(SOL_SOCKET, SO_ERROR), 0);
  one.setOption(SOL_SOCKET, SO_SNDBUF, 65536);
  const { sendBufferSize } = one;
  t.true(sendBufferSize >= 65536);
  const bytes = one.getOptionBytes(SOL_SOCKET, SO_SNDBUF);
  t.is(bytes.length, 4);
  t.is(new Int32Array(bytes.buffer)[0], sendBufferSize);
  const timeval = one.getOptionBytes(SOL_SOCKET, SO_SNDTIMEO);
  one.setOption(SOL_SOCKET, SO_SNDTIMEO, timeval);
  t.deepEqual(one.getOptionBytes(SOL_SOCKET, SO_SNDTIMEO), timeval);
  const unknown = thrown(t, () => one.getOption(SOL_SOCKET, 9999), 'FailedCall');
  t.like(unknown, { code: 'ENOPROTOOPT', syscall: 'getsockopt' });
  t.is(thrown(t, () => one.setOption(SOL_SOCKET, 9999, 1), 'FailedCall').syscall, 'setsockopt');
});

test('buffer sizes are told and set, and a larger one takes a larger packet', async (t) => {
  const [one, other] = ends(t, 'dgram');
  one.sendBufferSize = 8192;
  other.receiveBufferSize = 8192;
  const small = one.sendBufferSize;
  t.is(one.getOption(SOL_SOCKET, SO_SNDBUF), small);
  t.is(other.getOption(SOL_SOCKET, SO_RCVBUF), other.receiveBufferSize);
  const packet = Buffer.alloc(small * 2);
  t.is((await rejection(t, one.write(packet), 'FailedTransfer')).code, 'EMSGSIZE');
  one.sendBufferSize = packet.length * 2;
  other.receiveBufferSize = packet.length * 2;
  t.is(await one.write(packet), packet.length);
  t.is((await other.read(packet)).bytesRead, packet.length);
});

if (TYPES.includes('seqpacket')) {
  test('the timestamps that tell an empty packet from the end are off before a read, and after release', async (t) => {
    const { SO_TIMESTAMP } = optionConstants();
    const [one, other] = ends(t, 'seqpacket');
    t.is(other.getOption(SOL_SOCKET, SO_TIMESTAMP), 0);
    await one.write(Buffer.from('x'));
    t.is(await textFrom(other), 'x');
    using again = UnixSocket.adopt(other.release());
    t.is(again.getOption(SOL_SOCKET, SO_TIMESTAMP), 0);
    again.setOption(SOL_SOCKET, SO_TIMESTAMP, true);
    again.tryRead(new Uint8Array(1));
    using wanted = UnixSocket.adopt(again.release());
    t.is(wanted.getOption(SOL_SOCKET, SO_TIMESTAMP), 1);
  });
}

test('the constants are the system’s, and frozen', (t) => {
  t.is(optionConstants(), optionConstants());
  t.true(Object.isFrozen(optionConstants()));
  t.is(optionConstants().SO_PASSCRED !== undefined, isLinux);
});

test('shutdown ends the directions it names', async (t) => {
  const byte = Buffer.from('x');
  const [one, other] = ends(t);
  one.shutdown('write');
  t.true((await other.read(new Uint8Array(1))).isEnd);
  t.is((await rejection(t, one.write(byte), 'FailedTransfer')).code, 'EPIPE');
  await other.write(Buffer.from('still'));
  t.is(await textFrom(one), 'still');
  one.shutdown('read');
  t.true((await one.read(new Uint8Array(1))).isEnd);
  const [here, there] = ends(t);
  const waiting = here.read(new Uint8Array(1));
  here.shutdown('both');
  t.true((await waiting).isEnd);
  t.true((await there.read(new Uint8Array(1))).isEnd);
  using unconnected = UnixServer.bind(abstractName());
  t.false(unconnected.isClosed);
});

if (isLinux) {
  for (const type of TYPES) {
    test(`with passCredentials each message tells who sent it (${type})`, async (t) => {
      const [one, other] = ends(t, type);
      const buffer = new Uint8Array(8);
      await one.write(Buffer.from('x'));
      t.is((await other.read(buffer)).credentials, undefined);
      t.false(other.passCredentials);
      other.passCredentials = true;
      t.true(other.passCredentials);
      await one.write(Buffer.from('x'));
      t.deepEqual((await other.read(buffer)).credentials, me);
      await one.write(Buffer.from('x'), { credentials: true });
      t.deepEqual((await other.read(buffer)).credentials, me);
      await one.writeVec([Buffer.from('x')], { credentials: me, descriptors: [other] });
      using both = await other.read(buffer, { maxDescriptors: 1 });
      t.deepEqual(both.credentials, me);
      t.is(both.count, 1);
      other.passCredentials = false;
      await one.write(Buffer.from('x'));
      t.is((await other.read(buffer)).credentials, undefined);
    });

    test(`with passPidfd each message brings its sender, and it is closed with it (${type})`, async (t) => {
      const [one, other] = ends(t, type);
      other.passPidfd = true;
      t.true(other.passPidfd);
      const buffer = new Uint8Array(8);
      await exactly(t, async () => {
        await one.write(Buffer.from('x'));
        (await other.read(buffer)).close();
        await one.write(Buffer.from('x'));
        using message = await other.read(buffer);
        const { pidfd } = message;
        t.is(pidfd?.kind, 'pidfd');
        t.is(message.pidfd, pidfd);
        message.close();
        t.false(pidfd?.isClosed);
        pidfd?.close();
        other.passPidfd = false;
        await one.write(Buffer.from('x'));
        t.is((await other.read(buffer)).pidfd, undefined);
      });
    });
  }

  test('a pidfd that came unasked is closed, as where somebody else switched it on', async (t) => {
    const [one, other] = ends(t);
    const { SO_PASSPIDFD = -1 } = optionConstants();
    other.setOption(SOL_SOCKET, SO_PASSPIDFD, true);
    const fd = openFd();
    await exactly(t, async () => {
      await one.write(Buffer.from('x'), { descriptors: Array(253).fill(fd) });
      using message = await other.read(new Uint8Array(1), { maxDescriptors: 253 });
      t.is(message.count, 253);
      t.is(message.pidfd, undefined);
    });
    closeSync(fd);
  });

  test('253 descriptors, credentials and a pidfd come in one message', async (t) => {
    const [one, other] = ends(t, 'seqpacket');
    other.passCredentials = true;
    other.passPidfd = true;
    const fd = openFd();
    await exactly(t, async () => {
      await one.write(Buffer.from('x'), { descriptors: Array(253).fill(fd) });
      using message = await other.read(new Uint8Array(1), { maxDescriptors: 253 });
      t.is(message.count, 253);
      t.deepEqual(message.credentials, me);
      t.is(message.pidfd?.kind, 'pidfd');
      message.pidfd?.close();
    });
    closeSync(fd);
  });

  test('an empty packet and the end are told apart with passCredentials too', async (t) => {
    const [one, other] = ends(t, 'seqpacket');
    other.passCredentials = true;
    await one.write(new Uint8Array(0));
    one.close();
    t.like(await other.read(new Uint8Array(1)), { isEnd: false, credentials: me });
    t.like(await other.read(new Uint8Array(1)), { isEnd: true, credentials: undefined });
  });

  test('peerPidfd is the process at the other end', async (t) => {
    const name = abstractName();
    using server = UnixServer.bindAndListen(name);
    using client = await UnixSocket.connect(name);
    using pidfd = client.peerPidfd();
    t.is(pidfd.kind, 'pidfd');
    t.deepEqual(client.peerCredentials(), me);
    t.false(server.isClosed);
  });

  test('with refuseDescriptors the sender gets EPERM, and bytes alone go', async (t) => {
    const [one, other] = ends(t);
    t.false(other.refuseDescriptors);
    other.refuseDescriptors = true;
    t.true(other.refuseDescriptors);
    const fd = openFd();
    const refused = one.write(Buffer.from('x'), { descriptors: [fd] });
    t.is((await rejection(t, refused, 'FailedTransfer')).code, 'EPERM');
    await one.write(Buffer.from('bytes'));
    t.is(await textFrom(other), 'bytes');
    other.refuseDescriptors = false;
    await one.write(Buffer.from('x'), { descriptors: [fd] });
    using message = await other.read(new Uint8Array(1), { maxDescriptors: 1 });
    t.is(message.count, 1);
    closeSync(fd);
  });
} else {
  test('what only Linux has is Unsupported', (t) => {
    const [one] = ends(t);
    thrown(t, () => one.passCredentials, 'Unsupported');
    thrown(t, () => one.passPidfd, 'Unsupported');
    thrown(t, () => one.refuseDescriptors, 'Unsupported');
    thrown(t, () => one.peerPidfd(), 'Unsupported');
  });
}
