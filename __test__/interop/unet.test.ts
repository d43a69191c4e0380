import { once } from 'node:events';
import { fstatSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Conduit } from 'fd-conduit';
import { Foreign, startFacing } from '../support/foreign.js';
import { testWith } from '../support/foreign-programs.js';
import {
  FIRST_HALF,
  fileOfHalves,
  holds,
  openHalfRead,
  ownDirectory,
  SECOND_HALF,
} from '../support/halves.js';

const test = testWith('unet');

for (const type of ['stream', 'seqpacket'] as const) {
  test(`unet takes a file over from a conduit, with one byte (${type})`, async (t) => {
    const { conduit, foreign } = await startFacing(t, 'unet', type);
    const { file, fd, inode } = await openHalfRead(t);
    await conduit.transferFile(file);
    t.false(holds(fd, inode));
    const received = await foreign.ask({ do: 'receive', sizes: [0, 10, 10], maxFds: 1 });
    t.is(received.payload.length, 1);
    t.deepEqual(
      received.fds.map((held) => held.inode),
      [inode],
    );
    const rest = await foreign.ask({ do: 'readAll', fd: received.fds[0]?.fd ?? -1 });
    t.is(rest.payload.toString(), SECOND_HALF);
  });

  test(`A conduit takes a file over from unet, whose byte comes from any of its vectors (${type})`, async (t) => {
    const { conduit, foreign } = await startFacing(t, 'unet', type);
    const path = fileOfHalves(t);
    for (const buffers of [['x'], ['', '\xff'], ['', '', '\0', '']]) {
      const { fds } = await foreign.ask({ do: 'open', path });
      const [{ fd = -1, inode = -1 } = {}] = fds;
      const filler = buffers.map((text) => Buffer.from(text, 'latin1'));
      t.is((await foreign.ask({ do: 'send', buffers: filler, fds: [fd] })).sent, 1);
      await foreign.ask({ do: 'closeFds', fds: [fd] });
      const file = await conduit.receiveFile();
      t.is((await file.stat()).ino, inode);
      t.is(await file.readFile('utf8'), FIRST_HALF + SECOND_HALF);
      await file.close();
    }
  });

  test(`2 and 253 descriptors from unet are refused, and the next message is fine (${type})`, async (t) => {
    const { conduit, foreign } = await startFacing(t, 'unet', type);
    const { fds } = await foreign.ask({ do: 'open', path: fileOfHalves(t) });
    const [{ fd = -1, inode = -1 } = {}] = fds;
    for (const count of [2, 253]) {
      await foreign.ask({ do: 'send', buffers: ['x'], fds: Array(count).fill(fd) });
      t.like(await t.throwsAsync(conduit.receive()), {
        type: 'BadCtrlMesg',
        reason: 'too-many',
        bytesRead: 1,
        descriptorsReceived: count,
      });
    }
    await foreign.ask({ do: 'send', buffers: ['x'], fds: [fd] });
    using descriptor = await conduit.receive();
    t.is(fstatSync(descriptor.fd).ino, inode);
  });

  test(`A unet that has not enabled descriptors gets the byte alone (${type})`, async (t) => {
    const { conduit, foreign } = await startFacing(t, 'unet', type);
    const { file } = await openHalfRead(t);
    await conduit.transferFile(file);
    const { payload, fds } = await foreign.ask({ do: 'receive', sizes: [10] });
    t.is(payload.length, 1);
    t.deepEqual(fds, []);
  });

  test(`unet's shutdown is the end, and a transfer after it leaves the file here (${type})`, async (t) => {
    const { conduit, foreign } = await startFacing(t, 'unet', type);
    await foreign.ask({ do: 'shutdown' });
    await t.throwsAsync(conduit.receive(), { code: 'ERR_END_OF_STREAM' });
    const { file, fd, inode } = await openHalfRead(t);
    const error = await t.throwsAsync(conduit.transferFile(file), { code: 'EPIPE' });
    t.like(error, { type: 'FailedTransfer', syscall: 'sendmsg', descriptorsSent: 0 });
    t.true(holds(fd, inode));
    t.is(await file.readFile('utf8'), SECOND_HALF);
    await file.close();
  });

  test(`A unet socket that is released and adopted again goes on with its conduit (${type})`, async (t) => {
    const { conduit, foreign } = await startFacing(t, 'unet', type);
    const { fd } = await foreign.ask({ do: 'release' });
    await t.throwsAsync(foreign.ask({ do: 'receive', sizes: [1] }), { code: 'EBADF' });
    await foreign.ask({ do: 'adopt', fd });
    const { file, inode } = await openHalfRead(t);
    await conduit.transferFile(file);
    const received = await foreign.ask({ do: 'receive', sizes: [1], maxFds: 1 });
    t.deepEqual(
      received.fds.map((held) => held.inode),
      [inode],
    );
  });
}

test('The end is told to unet and by unet, which does not wait where it is told not to', async (t) => {
  const { conduit, foreign } = await startFacing(t, 'unet');
  await t.throwsAsync(foreign.ask({ do: 'receive', sizes: [1], tryOnly: true }), {
    code: 'EAGAIN',
  });
  conduit.close();
  await t.throwsAsync(foreign.ask({ do: 'receive', sizes: [1] }), { code: 'EOF' });
  const other = await startFacing(t, 'unet');
  await other.foreign.ask({ do: 'close' });
  await t.throwsAsync(other.conduit.receive(), { code: 'ERR_END_OF_STREAM' });
});

test('A conduit connects to a unet server, which sees who it is, and unet to a conduit server', async (t) => {
  const directory = ownDirectory(t);
  const foreign = Foreign.start(t, 'unet');
  const path = join(directory, 'theirs');
  await foreign.ask({ do: 'listen', path });
  using connected = await Conduit.connect(path);
  await foreign.ask({ do: 'accept' });
  const { pid, uid, gid } = await foreign.ask({ do: 'credentials' });
  t.deepEqual([pid, uid, gid], [process.pid, process.getuid?.(), process.getgid?.()]);
  await exchange(connected);

  using server = Conduit.listen(join(directory, 'ours'));
  await foreign.ask({ do: 'connect', path: server.path });
  using accepted = await server.accept();
  await exchange(accepted);

  async function exchange(conduit: Conduit): Promise<void> {
    const { file, inode } = await openHalfRead(t);
    await conduit.transferFile(file);
    const { fds, payload } = await foreign.ask({ do: 'receive', sizes: [1], maxFds: 1 });
    await foreign.ask({ do: 'send', buffers: [payload], fds: fds.map(({ fd }) => fd) });
    const returned = await conduit.receiveFile();
    t.is((await returned.stat()).ino, inode);
    await returned.close();
  }
});

test('A net.Server goes to unet as its server, and its path leads there', async (t) => {
  const { conduit, foreign } = await startFacing(t, 'unet');
  const path = join(ownDirectory(t), 'socket');
  const server = createServer().listen(path);
  await once(server, 'listening');
  await conduit.transfer(server);
  t.false(server.listening);
  const { fds } = await foreign.ask({ do: 'receive', sizes: [1], maxFds: 1 });
  await foreign.ask({ do: 'adoptServer', fd: fds[0]?.fd ?? -1 });

  using connected = await Conduit.connect(path);
  await foreign.ask({ do: 'accept' });
  const { file, inode } = await openHalfRead(t);
  await connected.transferFile(file);
  const received = await foreign.ask({ do: 'receive', sizes: [1], maxFds: 1 });
  t.deepEqual(
    received.fds.map((held) => held.inode),
    [inode],
  );
});
