import { chmodSync, existsSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { type UnixAddress, UnixServer, UnixSocket } from 'fd-conduit';
import { rejection, thrown } from '../support/errors.js';
import { temporaryDirectory } from '../support/files.js';
import { CONNECTED_TYPES } from '../support/foreign.js';
import { abstractName, ends, textFrom } from '../support/sockets.js';
import { socketPath } from '../support/unix.js';

/** The kinds of names that this system has. */
const NAMES: readonly UnixAddress['kind'][] =
  process.platform === 'linux' ? ['path', 'abstract'] : ['path'];

for (const type of CONNECTED_TYPES) {
  for (const kind of NAMES) {
    test(`a server and its client know each other's names: ${kind} (${type})`, async (t) => {
      const path = kind === 'path' ? socketPath(t) : abstractName();
      using server = UnixServer.bindAndListen(path, { type });
      using client = await UnixSocket.connect(path, { type });
      using accepted = await server.accept();
      const name = { kind, path, bytes: Buffer.from(path) };
      t.is(server.path, path);
      t.is(server.type, type);
      t.is(accepted.type, type);
      t.like(server.socketName(), name);
      t.like(client.peerName(), name);
      t.like(accepted.socketName(), name);
      t.like(client.socketName(), { kind: 'unnamed', path: '' });
      t.is(accepted.peerName().kind, 'unnamed');
      t.is(accepted.peerName().bytes.length, 0);
      await client.write(Buffer.from('hello'));
      t.is(await textFrom(accepted), 'hello');
      t.deepEqual(client.peerCredentials(), accepted.peerCredentials());
      t.is(client.peerCredentials().uid, process.getuid?.() ?? -1);
    });
  }
}

test('a name that is no UTF-8 is told in bytes, and those lead there', async (t) => {
  // macOS refuses such file names.
  if (process.platform !== 'darwin') {
    const directory = Buffer.from(`${temporaryDirectory(t)}/`);
    const path = Buffer.concat([directory, Buffer.from([0xff, 0xfe])]);
    using server = UnixServer.bindAndListen(path);
    t.deepEqual(Buffer.from(server.socketName().bytes), path);
    using client = await UnixSocket.connect(server.socketName().bytes);
    t.deepEqual(Buffer.from(client.peerName().bytes), path);
    server.close();
    t.false(existsSync(path));
  } else {
    t.pass();
  }
});

test('the longest path works, and one byte more is refused before anything is made', async (t) => {
  const directory = temporaryDirectory(t);
  const longest = process.platform === 'linux' ? 107 : 103;
  const path = join(directory, 'x'.repeat(longest - directory.length - 1));
  using server = UnixServer.bindAndListen(path);
  t.is(server.socketName().path, path);
  using client = await UnixSocket.connect(path);
  t.is(client.peerName().path, path);
  t.regex(thrown(t, () => UnixServer.bind(`${path}x`), 'InvalidArgument').message, /bytes/);
  t.false(existsSync(`${path}x`));
});

test('the two ends of a pair have no names', (t) => {
  const [one] = ends(t);
  t.is(one.socketName().kind, 'unnamed');
  t.is(one.peerName().kind, 'unnamed');
});

test('datagrams go to paths and abstract names, and tell where they come from', async (t) => {
  for (const kind of NAMES) {
    const [here, there] = [0, 1].map(() => (kind === 'path' ? socketPath(t) : abstractName())) as [
      string,
      string,
    ];
    using one = UnixSocket.bind(here);
    using other = UnixSocket.bind(there);
    using nameless = UnixSocket.bind();
    await one.write(Buffer.from('to there'), { to: there });
    const buffer = Buffer.alloc(32);
    const message = await other.read(buffer);
    t.like(message.from, { kind, path: here });
    t.is(buffer.toString('utf8', 0, message.bytesRead), 'to there');
    await other.write(Buffer.from('back'), { to: message.from?.bytes ?? '' });
    t.is(await textFrom(one), 'back');
    t.is(nameless.tryWrite(Buffer.from('nobody'), { to: there }), 6);
    t.like((await other.read(buffer)).from, { kind: 'unnamed', path: '' });
  }
});

test('a dgram socket connects to where it sends, and without that each datagram needs an address', async (t) => {
  const path = socketPath(t);
  using server = UnixSocket.bind(path, { mode: 0o600 });
  t.is(statSync(path).mode & 0o777, 0o600);
  using client = await UnixSocket.connect(path, { type: 'dgram' });
  await client.write(Buffer.from('connected'));
  t.is(await textFrom(server), 'connected');
  using stray = UnixSocket.bind();
  const sent = stray.write(Buffer.from('x'));
  t.is((await rejection(t, sent, 'FailedTransfer')).code, 'ENOTCONN');
  const lost = stray.write(Buffer.from('x'), { to: `${path}-nobody` });
  t.is((await rejection(t, lost, 'FailedTransfer')).code, 'ENOENT');
});

test('a stale path is taken over, by dgram sockets too; a live one and a file are left as they are', async (t) => {
  const path = socketPath(t);
  const stale = UnixSocket.bind(path);
  const taken = thrown(t, () => UnixSocket.bind(path), 'FailedListen');
  t.is(taken.code, 'EADDRINUSE');
  // Its file stays where the socket is given away and closed by its number.
  const fd = stale.release();
  UnixSocket.adopt(fd).close();
  t.true(existsSync(path));
  using fresh = UnixSocket.bind(path);
  using sender = UnixSocket.bind();
  await sender.write(Buffer.from('for the new one'), { to: path });
  t.is(await textFrom(fresh), 'for the new one');
  t.is(fresh.socketName().path, path);

  const file = join(temporaryDirectory(t), 'file');
  writeFileSync(file, 'mine');
  t.is(thrown(t, () => UnixServer.bind(file), 'FailedListen').code, 'EADDRINUSE');
  t.true(statSync(file).isFile());
});

test('a socket removes its own file when it is closed, and nobody else’s', (t) => {
  const path = socketPath(t);
  const first = UnixServer.bindAndListen(path);
  first.close();
  t.false(existsSync(path));
  const second = UnixServer.bindAndListen(path);
  second.close();
  const third = UnixServer.bindAndListen(path);
  second.close();
  t.true(existsSync(path));
  third.close();
});

test('a server whose file cannot be removed says so, and is closed all the same', async (t) => {
  const path = socketPath(t);
  const directory = join(path, '..');
  const server = UnixServer.bindAndListen(path);
  chmodSync(directory, 0o555);
  const isRoot = process.geteuid?.() === 0;
  if (isRoot) {
    process.seteuid?.(65534);
  }
  try {
    t.is(thrown(t, () => server.close(), 'FailedClose').syscall, 'unlink');
  } finally {
    if (isRoot) {
      process.seteuid?.(0);
    }
    chmodSync(directory, 0o755);
  }
  t.true(server.isClosed);
  t.is((await rejection(t, UnixSocket.connect(path), 'FailedConnect')).code, 'ECONNREFUSED');
});

test('a client is told what is wrong with an address', async (t) => {
  const path = socketPath(t);
  t.is((await rejection(t, UnixSocket.connect(path), 'FailedConnect')).code, 'ENOENT');
  if (CONNECTED_TYPES.length > 1) {
    using server = UnixServer.bindAndListen(path, { type: 'seqpacket' });
    const wrong = await rejection(t, UnixSocket.connect(server.path), 'FailedConnect');
    t.like(wrong, { code: 'EPROTOTYPE', address: path });
  }
});
