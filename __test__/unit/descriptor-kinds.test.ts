import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Conduit, Descriptor, get, put, UnixServer } from 'fd-conduit';
import { openFd } from '../support/conduits.js';
import { exactly } from '../support/descriptors.js';
import { thrown } from '../support/errors.js';
import { temporaryDirectory, temporaryFile } from '../support/files.js';
import { testWith } from '../support/foreign-programs.js';
import { abstractName, ends, TYPES } from '../support/sockets.js';
import { tcpPair, tcpServer } from '../support/tcp.js';
import { udpSocket } from '../support/udp.js';

test('files, directories, devices and pipes are told apart', async (t) => {
  for (const [path, kind] of [
    [temporaryFile(t), 'file'],
    [temporaryDirectory(t), 'directory'],
    ['/dev/null', 'character-device'],
  ] as const) {
    using descriptor = Descriptor.adopt(openFd(path));
    t.is(descriptor.kind, kind);
  }
});

test('sockets are told apart', async (t) => {
  const [here, there] = ends(t);
  const { server } = await tcpServer(t);
  const { client } = await tcpPair(t);
  const kinds = TYPES.map((type) => (type === 'stream' ? 'unix' : `unix-${type}`));
  const sockets = TYPES.map((type) => ends(t, type)[0]);
  using unixServer = UnixServer.bindAndListen(abstractName());
  const udp = await udpSocket(t, 'udp4');
  await put(here, [server, client, unixServer, udp.fd, ...sockets]);
  const got = await get(there, 4 + sockets.length, { as: 'descriptor' });
  t.deepEqual(
    got.map(({ kind }) => kind as string),
    ['tcp-server', 'tcp', 'unix-server', 'udp', ...kinds],
  );
  for (const descriptor of got) {
    descriptor.close();
  }
});

test('an empty Descriptor has no kind', (t) => {
  const descriptor = Descriptor.adopt(openFd());
  descriptor.close();
  thrown(t, () => descriptor.kind, 'Closed');
});

const pythonTest = testWith('python');
const PROGRAM = join('__test__', 'peers', 'kinds.py');

async function made(t: ExecutionContext, kind: string): Promise<Descriptor> {
  const [here, there] = Conduit.pair();
  const stdio = ['ignore', 'inherit', 'inherit', here.fd] as const;
  t.is(spawnSync('python3', [PROGRAM, kind], { stdio: [...stdio] }).status, 0);
  const descriptor = await there.receive();
  here.close();
  there.close();
  return descriptor;
}

if (process.platform === 'linux') {
  const kinds = 'memfd pidfd eventfd epoll timerfd signalfd inotify pipe tty socket'.split(' ');
  for (const kind of kinds) {
    pythonTest(`a received ${kind} is one, and no conversion to a socket takes it`, async (t) => {
      await exactly(t, async () => {
        using descriptor = await made(t, kind);
        t.is(descriptor.kind, kind as Descriptor['kind']);
        const { fd } = descriptor;
        t.is(thrown(t, () => descriptor.toUnixSocket(), 'BadClone').syscall, 'getsockopt');
        thrown(t, () => descriptor.toUnixServer(), 'BadClone');
        t.like(await t.throwsAsync(descriptor.toNetServer()), { type: 'BadClone' });
        t.like(await t.throwsAsync(descriptor.toDgramSocket()), { type: 'BadClone' });
        t.is(descriptor.fd, fd);
        t.is(descriptor.kind, kind as Descriptor['kind']);
      });
    });
  }
}
