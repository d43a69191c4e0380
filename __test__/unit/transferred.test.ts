import { once } from 'node:events';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { connect } from 'node:net';
import { dirname } from 'node:path';
import test from 'ava';
import { Conduit, UnixServer, UnixSocket } from 'fd-conduit';
import { openFd, pair, textOfDescriptor } from '../support/conduits.js';
import { exactly, isOpen } from '../support/descriptors.js';
import { rejection } from '../support/errors.js';
import { temporaryFile } from '../support/files.js';
import { runUnprivileged } from '../support/program.js';
import { tcpServer, textOf } from '../support/tcp.js';
import { nodeServer, socketPath } from '../support/unix.js';

test('a UnixServer that was transferred leaves its file to the other process, whoever closes it here', async (t) => {
  const [one, other] = pair(t);
  const path = socketPath(t);
  const controller = new AbortController();
  const server = UnixServer.bindAndListen(path, { signal: controller.signal });
  const { ino } = statSync(path);
  await one.transfer(server);
  t.true(server.isClosed);
  server.close();
  controller.abort();
  t.is(statSync(path).ino, ino);
  using there = (await other.receive()).toUnixServer();
  using client = await UnixSocket.connect(path);
  using served = await there.accept();
  await served.write(Buffer.from('x'));
  t.is((await client.read(new Uint8Array(1))).bytesRead, 1);
});

test('a UnixServer whose transfer fails keeps its file, and removes it when it is closed', async (t) => {
  const [one, other] = pair(t);
  other.close();
  const path = socketPath(t);
  const server = UnixServer.bindAndListen(path);
  await rejection(t, one.transfer(server), 'FailedTransfer');
  (await UnixSocket.connect(path)).close();
  (await server.accept()).close();
  server.close();
  t.false(existsSync(path));
});

test('UnixSockets and Conduits can be transferred, and are closed here', async (t) => {
  const [one, other] = pair(t);
  await exactly(t, async () => {
    const [here, there] = Conduit.pair();
    const { fd } = there;
    await one.transfer(there);
    t.true(there.isClosed);
    t.false(isOpen(fd));
    const socket = (await other.receive()).toUnixSocket();
    await one.transfer(socket);
    t.true(socket.isClosed);
    const descriptor = await other.receive();
    using conduit = Conduit.fromFd(descriptor.fd);
    descriptor.close();
    await here.transferFd(openFd(temporaryFile(t, 'through both')));
    t.is(textOfDescriptor(await conduit.receive()), 'through both');
    here.close();
  });
});

test('a conduit does not go through itself, and stays as it was', async (t) => {
  const [one, other] = pair(t);
  const error = await rejection(t, one.transfer(one), 'InvalidArgument');
  t.like(error, { code: 'ERR_INVALID_ARG_VALUE', argument: 'what' });
  await one.transferFd(openFd(temporaryFile(t, 'still here')));
  t.is(textOfDescriptor(await other.receive()), 'still here');
});

test('a net.Server leaves nothing beside its path when it is transferred', async (t) => {
  const [one, other] = pair(t);
  const { server, path } = await nodeServer(t);
  const { ino } = statSync(path);
  await one.transfer(server);
  t.is(statSync(path).ino, ino);
  t.deepEqual(readdirSync(dirname(path)), ['socket']);
  const there = await (await other.receive()).toNetServer();
  there.once('connection', (socket) => socket.end('there'));
  t.is(await textOf(connect(path).end()), 'there');
  there.close();
  await once(there, 'close');
});

test('a net.Server in a directory that cannot be written to goes over, and its path stays', async (t) => {
  t.is(await runUnprivileged(t, 'net.Server'), 'transferred; socket; answered there');
});

test('a net.Server whose transfer fails listens on, on its path', async (t) => {
  const [one, other] = pair(t);
  other.close();
  const { server, path } = await nodeServer(t);
  await rejection(t, one.transfer(server), 'FailedTransfer');
  t.true(server.listening);
  server.once('connection', (socket) => socket.end('here'));
  t.is(await textOf(connect(path).end()), 'here');
});

test('a socket that tries several addresses goes with the one that answered, unread', async (t) => {
  const [one, other] = pair(t);
  const { server, port } = await tcpServer(t);
  const connection = once(server, 'connection');
  const socket = connect({
    port,
    host: 'several.test',
    autoSelectFamily: true,
    lookup: (_host, _options, done) => {
      const addresses = [
        { address: '127.0.0.2', family: 4 },
        { address: '::1', family: 6 },
        { address: '127.0.0.1', family: 4 },
      ];
      (done as (error: null, found: typeof addresses) => void)(null, addresses);
    },
  });
  let read = 0;
  socket.on('data', (data) => {
    read += data.length;
  });
  const transfer = one.transferSocket(socket);
  const [peer] = await connection;
  peer.end('for the other process');
  await transfer;
  const received = await other.receiveSocket();
  received.end();
  t.is(await textOf(received), 'for the other process');
  t.is(read, 0);
});

test('a connecting socket that connects to nobody is NoFD', async (t) => {
  const [one] = pair(t);
  const { server, port } = await tcpServer(t);
  server.close();
  await once(server, 'close');
  const socket = connect(port, '127.0.0.1');
  const error = await rejection(t, one.transferSocket(socket), 'NoFD');
  t.regex(error.message, /destroyed before/);
  t.true(socket.destroyed);
});
