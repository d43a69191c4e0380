import { once } from 'node:events';
import { closeSync, readFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { connect } from 'node:net';
import test from 'ava';
import { Conduit } from 'fd-conduit';
import { openFd, textOfDescriptor } from '../support/conduits.js';
import { exactly, isOpen } from '../support/descriptors.js';
import { rejection } from '../support/errors.js';
import { TEXT, temporaryFile } from '../support/files.js';
import { startRemote, startRemoteAt } from '../support/remote.js';
import { tcpServer, textOf } from '../support/tcp.js';
import { socketPath } from '../support/unix.js';

test('receiveFd answers a bare number, which the caller closes', async (t) => {
  const { conduit, remote } = await startRemote(t);
  await exactly(t, async () => {
    await remote.call('transferFd', temporaryFile(t), 11);
    const fd = await conduit.receiveFd();
    t.is(readFileSync(fd, 'utf8'), ' second half');
    closeSync(fd);
  });
});

test('receiveFile answers a real FileHandle of the same opening', async (t) => {
  const { conduit, remote } = await startRemote(t);
  await exactly(t, async () => {
    const path = temporaryFile(t);
    await remote.call('transferFile', path, 6);
    const file = await conduit.receiveFile();
    t.is((await file.read(Buffer.alloc(5), 0, 5)).buffer.toString(), 'half,');
    t.is(await file.readFile('utf8'), ' second half');
    t.is((await file.stat()).size, TEXT.length);
    await file.close();
    t.is(file.fd, -1);
  });
});

test('receive answers a Descriptor, which owns what came', async (t) => {
  const { conduit, remote } = await startRemote(t);
  await exactly(t, async () => {
    await remote.call('transferDescriptor', temporaryFile(t), 11);
    const descriptor = await conduit.receive();
    t.false(descriptor.isClosed);
    t.is(textOfDescriptor(descriptor), ' second half');
    descriptor.close();
    t.true(descriptor.isClosed);
  });
});

test('receiveSocket answers a net.Socket that talks on', async (t) => {
  const { conduit, remote } = await startRemote(t);
  const { server, port } = await tcpServer(t);
  const connection = once(server, 'connection') as Promise<[Socket]>;
  await remote.call('transferSocket', port, 'from the other, ');
  const [peer] = await connection;
  const socket = await conduit.receiveSocket();
  socket.end('from here');
  t.is(await textOf(peer), 'from the other, from here');
  peer.end('answer');
  t.is(await textOf(socket), 'answer');
});

test('a listening socket comes as a Descriptor and becomes a net.Server', async (t) => {
  const { conduit, remote } = await startRemote(t);
  const port = await remote.call('transferServer');
  const server = await (await conduit.receive()).toNetServer();
  server.once('connection', (socket) => socket.end('accepted here'));
  t.is(await textOf(connect(port, '127.0.0.1')), 'accepted here');
  server.close();
});

test('every kind of receiving takes what every kind of transferring sent, over a path too', async (t) => {
  const path = socketPath(t);
  using server = Conduit.listen(path);
  const accepted = server.accept();
  const remote = await startRemoteAt(t, path);
  using conduit = await accepted;
  t.is(conduit.name, `${path} #${conduit.fd}`);
  await remote.call('transferAny', temporaryFile(t), 11);
  t.is(textOfDescriptor(await conduit.receive()), ' second half');
  const received = remote.call('receiveAll');
  await conduit.transferFd(openFd(temporaryFile(t)));
  conduit.close();
  t.deepEqual(await received, [TEXT]);
});

test('a file that came becomes no net.Socket, and is closed', async (t) => {
  const { conduit, remote } = await startRemote(t);
  await exactly(t, async () => {
    await remote.call('transferFile', temporaryFile(t), 0);
    const error = await rejection(t, conduit.receiveSocket(), 'BadClone');
    t.is(error.code, 'EINVAL');
    t.is(error.errno, -22);
    t.true(error.cause instanceof Error);
  });
});

test('what toNetSocket and toNetServer refuse stays with the Descriptor', async (t) => {
  const { conduit, remote } = await startRemote(t);
  await exactly(t, async () => {
    await remote.call('transferFile', temporaryFile(t), 0);
    const descriptor = await conduit.receive();
    t.throws(() => descriptor.toNetSocket());
    await rejection(t, descriptor.toNetServer(), 'BadClone');
    t.true(isOpen(descriptor.fd));
    const file = await descriptor.toFileHandle();
    t.true(descriptor.isClosed);
    t.is(await file.readFile('utf8'), TEXT);
    await file.close();
  });
});

test('the end of the peer is EndOfStream for every kind', async (t) => {
  const { conduit, remote } = await startRemote(t);
  await remote.call('close');
  for (const call of [
    conduit.receive(),
    conduit.receiveFd(),
    conduit.receiveFile(),
    conduit.receiveSocket(),
  ]) {
    t.is((await rejection(t, call, 'EndOfStream')).code, 'ERR_END_OF_STREAM');
  }
});
