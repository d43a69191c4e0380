import { once } from 'node:events';
import { fstatSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { Conduit } from 'fd-conduit';
import { CONNECTED_TYPES, Foreign, startFacing } from '../support/foreign.js';
import { testWith } from '../support/foreign-programs.js';
import {
  FIRST_HALF,
  fileOfHalves,
  holds,
  openHalfRead,
  ownDirectory,
  SECOND_HALF,
} from '../support/halves.js';

const test = testWith('python');

for (const type of CONNECTED_TYPES) {
  test(`Python's recv_fds takes a file over from a conduit, and sees one filler byte (${type})`, async (t) => {
    const { conduit, foreign } = await startFacing(t, 'python', type);
    const { file, fd, inode } = await openHalfRead(t);
    await conduit.transferFile(file);
    t.false(holds(fd, inode));
    const received = await foreign.ask({ do: 'receive', sizes: [100], maxFds: 10 });
    t.is(received.payload.length, 1);
    t.false(received.truncated);
    t.deepEqual(
      received.fds.map(({ inode }) => inode),
      [inode],
    );
    const rest = await foreign.ask({ do: 'readAll', fd: received.fds[0]?.fd ?? -1 });
    t.is(rest.payload.toString(), SECOND_HALF);
  });

  test(`A conduit takes a file over from Python's send_fds, whatever the filler byte (${type})`, async (t) => {
    const { conduit, foreign } = await startFacing(t, 'python', type);
    const path = fileOfHalves(t);
    for (const filler of [0x00, 0x0a, 0x78, 0x80, 0xff]) {
      const { fds } = await foreign.ask({ do: 'open', path });
      const [{ fd = -1, inode = -1 } = {}] = fds;
      await foreign.ask({ do: 'send', buffers: [Uint8Array.of(filler)], fds: [fd] });
      await foreign.ask({ do: 'closeFds', fds: [fd] });
      const file = await conduit.receiveFile();
      t.is((await file.stat()).ino, inode);
      t.is(await file.readFile('utf8'), FIRST_HALF + SECOND_HALF);
      await file.close();
    }
  });

  test(`The end is told to Python and by Python (${type})`, async (t) => {
    const one = await startFacing(t, 'python', type);
    await one.foreign.ask({ do: 'close' });
    await t.throwsAsync(one.conduit.receive(), { code: 'ERR_END_OF_STREAM' });
    const other = await startFacing(t, 'python', type);
    other.conduit.close();
    const { payload, fds } = await other.foreign.ask({ do: 'receive', sizes: [1], maxFds: 1 });
    t.is(payload.length, 0);
    t.deepEqual(fds, []);
  });
}

test('Many descriptors keep their order on the way to Python and back', async (t) => {
  const { conduit, foreign } = await startFacing(t, 'python');
  const inodes: number[] = [];
  const transfers: Promise<void>[] = [];
  for (let count = 0; count < 50; count += 1) {
    const { file, inode } = await openHalfRead(t);
    inodes.push(inode);
    transfers.push(conduit.transferFile(file));
  }
  await Promise.all(transfers);
  const returned: number[] = [];
  for (const _ of inodes) {
    const { fds, payload } = await foreign.ask({ do: 'receive', sizes: [1], maxFds: 1 });
    const numbers = fds.map(({ fd }) => fd);
    await foreign.ask({ do: 'send', buffers: [payload], fds: numbers });
    await foreign.ask({ do: 'closeFds', fds: numbers });
  }
  for (const _ of inodes) {
    using descriptor = await conduit.receive();
    returned.push(fstatSync(descriptor.fd).ino);
  }
  t.deepEqual(returned, inodes);
});

test('Two descriptors from Python are refused, in one control message or in two, and the next message is fine', async (t) => {
  const { conduit, foreign } = await startFacing(t, 'python');
  const { fds } = await foreign.ask({ do: 'open', path: fileOfHalves(t) });
  const [{ fd = -1, inode = -1 } = {}] = fds;
  const buffers = ['x'];
  const refusal = {
    type: 'BadCtrlMesg',
    reason: 'too-many',
    bytesRead: 1,
    descriptorsReceived: 2,
  };
  await foreign.ask({ do: 'send', buffers, fds: [fd, fd] });
  t.like(await t.throwsAsync(conduit.receive()), refusal);
  await foreign.ask({ do: 'sendControl', buffers, groups: [[fd], [fd]] });
  t.like(await t.throwsAsync(conduit.receive()), refusal);
  await foreign.ask({ do: 'send', buffers });
  t.like(await t.throwsAsync(conduit.receive()), {
    ...refusal,
    reason: 'none',
    descriptorsReceived: 0,
  });
  await foreign.ask({ do: 'send', buffers, fds: [fd] });
  using descriptor = await conduit.receive();
  t.is(fstatSync(descriptor.fd).ino, inode);
});

test('Python connects to a conduit server, and a conduit to a Python server', async (t) => {
  const directory = ownDirectory(t);
  const foreign = Foreign.start(t, 'python');
  using server = Conduit.listen(join(directory, 'ours'));
  await foreign.ask({ do: 'connect', path: server.path });
  using accepted = await server.accept();
  await exchange(accepted);

  const path = join(directory, 'theirs');
  await foreign.ask({ do: 'listen', path });
  using connected = await Conduit.connect(path);
  await foreign.ask({ do: 'accept' });
  await exchange(connected);

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

test('A live connection goes to Python, which speaks on it, and comes back', async (t) => {
  const { conduit, foreign } = await startFacing(t, 'python');
  const server = createServer().listen(join(ownDirectory(t), 'socket'));
  t.teardown(() => server.close());
  await once(server, 'listening');
  const client = connect(server.address() as string);
  t.teardown(() => client.destroy());
  const [socket] = (await once(server, 'connection')) as [Socket];
  await conduit.transferSocket(socket);
  const { fds } = await foreign.ask({ do: 'receive', sizes: [1], maxFds: 1 });
  const [{ fd = -1 } = {}] = fds;
  await foreign.ask({ do: 'writeAll', fd, buffers: ['from Python'] });
  t.deepEqual(await once(client, 'data'), [Buffer.from('from Python')]);

  await foreign.ask({ do: 'send', buffers: ['x'], fds: [fd] });
  await foreign.ask({ do: 'closeFds', fds: [fd] });
  const returned = await conduit.receiveSocket();
  returned.end('back again');
  t.deepEqual(await once(client, 'data'), [Buffer.from('back again')]);
});

// Other systems have credentials too, but not in a form that Python knows.
if (process.platform === 'linux') {
  test('Credentials that Python sends beside a descriptor do no harm', async (t) => {
    const { conduit, foreign } = await startFacing(t, 'python');
    const { file, inode } = await openHalfRead(t);
    await conduit.transferFile(file);
    const { fds } = await foreign.ask({ do: 'receive', sizes: [1], maxFds: 1 });
    const groups = [fds.map(({ fd }) => fd)];
    const credentials = [foreign.pid, process.getuid?.() ?? 0, process.getgid?.() ?? 0] as const;
    await foreign.ask({ do: 'sendControl', buffers: ['x'], groups, credentials });
    using descriptor = await conduit.receive();
    t.is(fstatSync(descriptor.fd).ino, inode);
  });

  test('Python sees who is behind a conduit', async (t) => {
    const foreign = Foreign.start(t, 'python');
    const path = join(ownDirectory(t), 'socket');
    await foreign.ask({ do: 'listen', path });
    using conduit = await Conduit.connect(path);
    await foreign.ask({ do: 'accept' });
    const { pid, uid, gid } = await foreign.ask({ do: 'credentials' });
    t.deepEqual([pid, uid, gid], [process.pid, process.getuid?.(), process.getgid?.()]);
    t.false(conduit.isClosed);
  });
}
