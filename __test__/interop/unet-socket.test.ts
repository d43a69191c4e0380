import { closeSync, fstatSync } from 'node:fs';
import { UnixServer, UnixSocket } from 'fd-conduit';
import { openFd } from '../support/conduits.js';
import { exactly } from '../support/descriptors.js';
import { rejection } from '../support/errors.js';
import { Foreign, startFacingSocket } from '../support/foreign.js';
import { testWith } from '../support/foreign-programs.js';
import { fileOfHalves } from '../support/halves.js';
import { textFrom } from '../support/sockets.js';
import { socketPath } from '../support/unix.js';

const test = testWith('unet');

for (const type of ['stream', 'seqpacket'] as const) {
  test(`1 and 253 descriptors go to unet, with vectors on both sides (${type})`, async (t) => {
    const { socket, foreign } = await startFacingSocket(t, 'unet', type);
    const fd = openFd(fileOfHalves(t));
    const { ino } = fstatSync(fd);
    for (const count of [1, 253]) {
      const parts = ['vec', '', 'tored'].map((text) => Buffer.from(text));
      await socket.writeVec(parts, { descriptors: Array(count).fill(fd) });
      const sizes = [2, 0, 4, 10];
      const received = await foreign.ask({ do: 'receive', sizes, maxFds: count });
      t.is(received.payload.toString(), 'vectored');
      t.deepEqual(
        received.buffers.map((buffer) =>
          Buffer.from(buffer, 'base64').toString().replace(/\0/g, ''),
        ),
        ['ve', '', 'ctor', 'ed'],
      );
      t.deepEqual(
        received.fds.map(({ inode }) => inode),
        Array(count).fill(ino),
      );
      await foreign.ask({ do: 'closeFds', fds: received.fds.map((held) => held.fd) });
    }
    closeSync(fd);
  });

  test(`1 and 253 descriptors come from unet, with vectors on both sides (${type})`, async (t) => {
    const { socket, foreign } = await startFacingSocket(t, 'unet', type);
    const { fds } = await foreign.ask({ do: 'open', path: fileOfHalves(t) });
    const [{ fd = -1, inode = -1 } = {}] = fds;
    await exactly(t, async () => {
      for (const count of [1, 253]) {
        const sent = foreign.ask({
          do: 'send',
          buffers: ['vec', '', 'tored'],
          fds: Array(count).fill(fd),
        });
        const buffers = [2, 0, 4, 10].map((size) => Buffer.alloc(size));
        using message = await socket.readVec(buffers, { maxDescriptors: count });
        t.is((await sent).sent, 8);
        t.is(Buffer.concat(buffers).toString('utf8', 0, message.bytesRead), 'vectored');
        const numbers = message.extract();
        t.deepEqual(
          numbers.map((number) => fstatSync(number).ino),
          Array(count).fill(inode),
        );
        for (const number of numbers) {
          closeSync(number);
        }
      }
    });
  });

  test(`a unet that has not enabled descriptors gets the bytes; here they are refused and closed (${type})`, async (t) => {
    const { socket, foreign } = await startFacingSocket(t, 'unet', type);
    const { fds } = await foreign.ask({ do: 'open', path: fileOfHalves(t) });
    await exactly(t, async () => {
      await socket.write(Buffer.from('x'), { descriptors: [socket] });
      t.is((await foreign.ask({ do: 'receive', sizes: [9] })).payload.toString(), 'x');
      await foreign.ask({ do: 'send', buffers: ['x'], fds: fds.map(({ fd }) => fd) });
      const refused = await rejection(t, socket.read(new Uint8Array(9)), 'BadCtrlMesg');
      t.like(refused, { reason: 'too-many', bytesRead: 1, descriptorsReceived: 1 });
    });
    await foreign.ask({ do: 'send', buffers: ['next'] });
    t.is(await textFrom(socket), 'next');
  });

  test(`unet enables one descriptor and may get two, here one is one (${type})`, async (t) => {
    const { socket, foreign } = await startFacingSocket(t, 'unet', type);
    const { fds } = await foreign.ask({ do: 'open', path: fileOfHalves(t) });
    const [{ fd = -1 } = {}] = fds;
    await socket.write(Buffer.from('x'), { descriptors: [socket, socket] });
    t.is((await foreign.ask({ do: 'receive', sizes: [1], maxFds: 1 })).fds.length, 2);
    await foreign.ask({ do: 'send', buffers: ['x'], fds: [fd, fd] });
    const two = socket.read(new Uint8Array(1), { maxDescriptors: 1 });
    t.is((await rejection(t, two, 'BadCtrlMesg')).descriptorsReceived, 2);
  });

  test(`neither side waits where it was told not to (${type})`, async (t) => {
    const { socket, foreign } = await startFacingSocket(t, 'unet', type);
    t.is(socket.tryRead(new Uint8Array(1)), undefined);
    const refused = foreign.ask({ do: 'receive', sizes: [1], tryOnly: true });
    await t.throwsAsync(refused, { code: 'EAGAIN' });
    await foreign.ask({ do: 'send', buffers: ['x'], tryOnly: true });
    t.is(socket.tryRead(new Uint8Array(1))?.bytesRead, 1);
  });

  test(`unet's shutdown ends both directions here, and ours ends both there (${type})`, async (t) => {
    const one = await startFacingSocket(t, 'unet', type);
    const waiting = one.socket.read(new Uint8Array(1));
    await one.foreign.ask({ do: 'shutdown' });
    t.true((await waiting).isEnd);
    const refused = one.socket.write(Buffer.from('x'));
    t.is((await rejection(t, refused, 'FailedTransfer')).code, 'EPIPE');
    const other = await startFacingSocket(t, 'unet', type);
    other.socket.shutdown('both');
    await t.throwsAsync(other.foreign.ask({ do: 'receive', sizes: [1] }), { code: 'EOF' });
    const sent = other.foreign.ask({ do: 'send', buffers: ['x'] });
    await t.throwsAsync(sent, { code: 'EPIPE' });
  });

  test(`a second close there is EBADF, here it does nothing (${type})`, async (t) => {
    const { socket, foreign } = await startFacingSocket(t, 'unet', type);
    await foreign.ask({ do: 'close' });
    await t.throwsAsync(foreign.ask({ do: 'close' }), { code: 'EBADF' });
    t.true((await socket.read(new Uint8Array(1))).isEnd);
    socket.close();
    t.notThrows(() => socket.close());
  });

  test(`released and adopted again on both sides, the connection goes on (${type})`, async (t) => {
    const { socket, foreign } = await startFacingSocket(t, 'unet', type);
    const { fd } = await foreign.ask({ do: 'release' });
    await t.throwsAsync(foreign.ask({ do: 'credentials' }), { code: 'EBADF' });
    await foreign.ask({ do: 'adopt', fd });
    using again = UnixSocket.adopt(socket.release());
    await foreign.ask({ do: 'send', buffers: ['still here'] });
    t.is(await textFrom(again), 'still here');
  });

  test(`connecting, accepting, credentials and names, in both directions (${type})`, async (t) => {
    const foreign = Foreign.start(t, 'unet');
    const me = [process.pid, process.getuid?.(), process.getgid?.()];
    const [ours, theirs] = [socketPath(t), socketPath(t)];
    using server = UnixServer.bindAndListen(ours, { type });
    await foreign.ask({ do: 'connect', path: ours, type });
    using accepted = await server.accept();
    t.is(accepted.peerCredentials().pid, foreign.pid);
    const seen = await foreign.ask({ do: 'credentials' });
    t.deepEqual([seen.pid, seen.uid, seen.gid], me);
    const names = await foreign.ask({ do: 'names' });
    t.true(Buffer.from(names.peerName, 'base64').includes(ours));
    t.is(accepted.peerName().kind, 'unnamed');
    await accepted.write(Buffer.from('hello'));
    t.is((await foreign.ask({ do: 'receive', sizes: [9] })).payload.toString(), 'hello');

    await foreign.ask({ do: 'listen', path: theirs, type });
    using client = await UnixSocket.connect(theirs, { type });
    await foreign.ask({ do: 'accept' });
    t.is(client.peerCredentials().pid, foreign.pid);
    t.is(client.peerName().path, theirs);
    await foreign.ask({ do: 'send', buffers: ['welcome'] });
    t.is(await textFrom(client), 'welcome');
  });

  test(`a server goes from here to unet and back by its descriptor (${type})`, async (t) => {
    const path = socketPath(t);
    const { socket, foreign } = await startFacingSocket(t, 'unet', type);
    const server = UnixServer.bindAndListen(path, { type });
    await socket.write(Buffer.from('x'), { descriptors: [server] });
    const { fds } = await foreign.ask({ do: 'receive', sizes: [1], maxFds: 1 });
    const { fd } = await foreign.ask({ do: 'adoptServer', fd: fds[0]?.fd ?? -1 });
    await foreign.ask({ do: 'send', buffers: ['x'], fds: [fd] });
    server.release();
    const message = await socket.read(new Uint8Array(1), { maxDescriptors: 1 });
    using back = UnixServer.adopt(message.extract()[0] as number);
    const accepting = back.accept();
    await foreign.ask({ do: 'connect', path, type });
    using accepted = await accepting;
    t.is(accepted.peerCredentials().pid, foreign.pid);
  });
}

test('a packet larger than the buffers is an error on both sides, and here its size is told', async (t) => {
  const { socket, foreign } = await startFacingSocket(t, 'unet', 'seqpacket');
  await socket.write(Buffer.from('123456789'));
  const cut = foreign.ask({ do: 'receive', sizes: [4] });
  await t.throwsAsync(cut, { message: 'message truncated' });
  await foreign.ask({ do: 'send', buffers: ['123456789'] });
  const error = await rejection(t, socket.read(new Uint8Array(4)), 'PacketTooLarge');
  t.is(error.packetBytes, 9);
  await foreign.ask({ do: 'send', buffers: [''] });
  t.like(await socket.read(new Uint8Array(4)), { bytesRead: 0, isEnd: false });
});

test('a read of no bytes leaves a stream as it is on both sides, and to unet it looks like the end', async (t) => {
  const { socket, foreign } = await startFacingSocket(t, 'unet', 'stream');
  await socket.write(Buffer.from('there'));
  await t.throwsAsync(foreign.ask({ do: 'receive', sizes: [0] }), { code: 'EOF' });
  t.is((await foreign.ask({ do: 'receive', sizes: [9] })).payload.toString(), 'there');
  await foreign.ask({ do: 'send', buffers: ['here'] });
  t.like(await socket.read(new Uint8Array(0)), { bytesRead: 0, isEnd: false });
  t.is(await textFrom(socket), 'here');
});
