import { closeSync, fstatSync, readFileSync } from 'node:fs';
import { UnixSocket } from 'fd-conduit';
import { openFd } from '../support/conduits.js';
import { exactly } from '../support/descriptors.js';
import { CONNECTED_TYPES, Foreign, startFacingSocket } from '../support/foreign.js';
import { testWith } from '../support/foreign-programs.js';
import { fileOfHalves } from '../support/halves.js';
import { textFrom } from '../support/sockets.js';
import { socketPath } from '../support/unix.js';

const test = testWith('python');

for (const type of [...CONNECTED_TYPES, 'dgram'] as const) {
  test(`descriptors and bytes go to Python and come back (${type})`, async (t) => {
    const { socket, foreign } = await startFacingSocket(t, 'python', type);
    const fd = openFd(fileOfHalves(t));
    const { ino } = fstatSync(fd);
    await exactly(t, async () => {
      for (const count of [1, 3, 253]) {
        await socket.writeVec([Buffer.from('he'), Buffer.from('llo')], {
          descriptors: Array(count).fill(fd),
        });
        const received = await foreign.ask({ do: 'receive', sizes: [99], maxFds: count });
        t.is(received.payload.toString(), 'hello');
        const numbers = received.fds.map((held) => held.fd);
        await foreign.ask({ do: 'send', buffers: ['back'], fds: numbers });
        await foreign.ask({ do: 'closeFds', fds: numbers });
        using message = await socket.read(new Uint8Array(9), { maxDescriptors: count });
        t.like(message, { bytesRead: 4, count });
        t.true(message.descriptors.every((descriptor) => fstatSync(descriptor.fd).ino === ino));
        for (const descriptor of message.descriptors) {
          descriptor.close();
        }
      }
    });
    closeSync(fd);
  });

  test(`several control messages in one come merged, in their order (${type})`, async (t) => {
    const { socket, foreign } = await startFacingSocket(t, 'python', type);
    const opened = await Promise.all(
      [0, 1, 2].map(() => foreign.ask({ do: 'open', path: fileOfHalves(t) })),
    );
    const held = opened.flatMap(({ fds }) => fds);
    const [one, two, three] = held.map(({ fd }) => fd) as [number, number, number];
    await foreign.ask({ do: 'sendControl', buffers: ['x'], groups: [[one], [two, three]] });
    using message = await socket.read(new Uint8Array(1), { maxDescriptors: 3 });
    t.deepEqual(
      message.descriptors.map(({ fd }) => fstatSync(fd).ino),
      held.map(({ inode }) => inode),
    );
    for (const descriptor of message.descriptors) {
      descriptor.close();
    }
  });

  if (process.platform === 'linux') {
    test(`credentials go to Python and come from it (${type})`, async (t) => {
      const { socket, foreign } = await startFacingSocket(t, 'python', type);
      const [uid, gid] = [process.getuid?.() ?? 0, process.getgid?.() ?? 0];
      await foreign.ask({ do: 'passCredentials' });
      await socket.write(Buffer.from('x'), { credentials: true, descriptors: [socket] });
      const received = await foreign.ask({ do: 'receiveControl', sizes: [9], maxFds: 1 });
      t.deepEqual([received.pid, received.uid, received.gid], [process.pid, uid, gid]);
      t.is(received.fds.length, 1);

      socket.passCredentials = true;
      const credentials = [foreign.pid, uid, gid] as const;
      const groups = [received.fds.map(({ fd }) => fd)];
      await foreign.ask({ do: 'sendControl', buffers: ['x'], groups, credentials });
      using explicit = await socket.read(new Uint8Array(9), { maxDescriptors: 1 });
      t.deepEqual(explicit.credentials, { pid: foreign.pid, uid, gid });
      t.is(explicit.count, 1);
      await foreign.ask({ do: 'send', buffers: ['x'] });
      const implicit = await socket.read(new Uint8Array(9));
      t.deepEqual(implicit.credentials, { pid: foreign.pid, uid, gid });
    });
  }
}

if (process.platform === 'linux') {
  test('a pidfd of Python is the process that it is, as sender and as peer', async (t) => {
    const { socket, foreign } = await startFacingSocket(t, 'python', 'stream');
    socket.passPidfd = true;
    await foreign.ask({ do: 'send', buffers: ['x'] });
    using message = await socket.read(new Uint8Array(1));
    t.is(message.pidfd?.kind, 'pidfd');
    t.is(pidOf(message.pidfd?.fd ?? -1), foreign.pid);
    message.pidfd?.close();

    const path = socketPath(t);
    await foreign.ask({ do: 'listen', path });
    using client = await UnixSocket.connect(path);
    await foreign.ask({ do: 'accept' });
    using peer = client.peerPidfd();
    t.is(pidOf(peer.fd), foreign.pid);
    t.is(client.peerCredentials().pid, foreign.pid);
  });

  test('datagrams go to abstract names of Python, and tell where they come from', async (t) => {
    const foreign = Foreign.start(t, 'python');
    const theirs = `fd-conduit-${process.pid}-theirs`;
    await foreign.ask({ do: 'bind', path: `@${theirs}` });
    using socket = UnixSocket.bind(`\0fd-conduit-${process.pid}-ours`);
    await socket.write(Buffer.from('hello'), { to: `\0${theirs}`, descriptors: [socket] });
    const received = await foreign.ask({ do: 'receive', sizes: [9], maxFds: 1 });
    t.is(received.payload.toString(), 'hello');
    t.is(received.sender, `@fd-conduit-${process.pid}-ours`);
    await foreign.ask({ do: 'sendControl', buffers: ['back'], path: received.sender });
    const buffer = Buffer.alloc(9);
    t.like((await socket.read(buffer)).from, { kind: 'abstract', path: `\0${theirs}` });
  });
}

test('datagrams go to and come from paths of Python', async (t) => {
  const foreign = Foreign.start(t, 'python');
  const [ours, theirs] = [socketPath(t), socketPath(t)];
  await foreign.ask({ do: 'bind', path: theirs });
  using socket = UnixSocket.bind(ours);
  await socket.write(Buffer.from('hello'), { to: theirs });
  const received = await foreign.ask({ do: 'receive', sizes: [9] });
  t.is(received.sender, ours);
  await foreign.ask({ do: 'sendControl', buffers: ['back'], path: ours });
  t.is(await textFrom(socket), 'back');
});

for (const type of CONNECTED_TYPES.filter((type) => type !== 'stream')) {
  test(`packets keep their borders, and an empty one is not the end (${type})`, async (t) => {
    const { socket, foreign } = await startFacingSocket(t, 'python', type);
    for (const buffers of [['one'], [''], ['t', 'wo']]) {
      await foreign.ask({ do: 'sendControl', buffers });
    }
    await foreign.ask({ do: 'close' });
    const buffer = Buffer.alloc(9);
    const seen: string[] = [];
    for (;;) {
      const { bytesRead, isEnd } = await socket.read(buffer);
      if (isEnd) {
        break;
      }
      seen.push(buffer.toString('utf8', 0, bytesRead));
    }
    t.deepEqual(seen, ['one', '', 'two']);
  });
}

/** Which process a pidfd is. */
function pidOf(pidfd: number): number {
  const info = readFileSync(`/proc/self/fdinfo/${pidfd}`, 'utf8');
  return Number(/^Pid:\s+(-?\d+)$/m.exec(info)?.[1]);
}
