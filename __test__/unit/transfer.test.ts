import { once } from 'node:events';
import { readSync, statSync, unlinkSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { Conduit, Descriptor } from 'fd-conduit';
import { openFd, pair, textOfDescriptor } from '../support/conduits.js';
import { exactly, isOpen } from '../support/descriptors.js';
import { temporaryFile } from '../support/files.js';
import { type Remote, startRemote } from '../support/remote.js';
import { portOf, tcpPair, textOf } from '../support/tcp.js';
import { nodeServer } from '../support/unix.js';

const SECOND_HALF = ' second half';

/** A file of which the first half is read, and which is then deleted. */
function halfRead(t: ExecutionContext): number {
  const path = temporaryFile(t);
  const fd = openFd(path);
  readSync(fd, Buffer.alloc(11), 0, 11, null);
  unlinkSync(path);
  return fd;
}

/** What the other process has open is as before. */
async function unchanged(t: ExecutionContext, remote: Remote, body: () => Promise<void>) {
  const before = await remote.call('descriptors');
  await body();
  t.deepEqual(await remote.call('descriptors'), before);
}

test('transferFd moves a half-read, deleted file to another process and closes it here', async (t) => {
  const { conduit, remote } = await startRemote(t);
  await unchanged(t, remote, () =>
    exactly(t, async () => {
      const fd = halfRead(t);
      const received = remote.call('receiveFd');
      await conduit.transferFd(fd);
      t.false(isOpen(fd));
      t.is(await received, SECOND_HALF);
    }),
  );
});

test('transferFile moves a FileHandle to another process and closes it here', async (t) => {
  const { conduit, remote } = await startRemote(t);
  await unchanged(t, remote, () =>
    exactly(t, async () => {
      const file = await open(temporaryFile(t));
      await file.read(Buffer.alloc(11), 0, 11);
      await conduit.transferFile(file);
      t.is(file.fd, -1);
      t.is(await remote.call('receiveFile'), SECOND_HALF);
    }),
  );
});

test('transfer moves a number, a FileHandle and a Descriptor', async (t) => {
  const { conduit, remote } = await startRemote(t);
  await unchanged(t, remote, () =>
    exactly(t, async () => {
      const fd = halfRead(t);
      const file = await open(temporaryFile(t, 'by FileHandle'));
      const descriptor = Descriptor.adopt(openFd(temporaryFile(t, 'by Descriptor')));
      await Promise.all([fd, file, descriptor].map((what) => conduit.transfer(what)));
      t.is(await remote.call('receive'), SECOND_HALF);
      t.is(await remote.call('receiveFile'), 'by FileHandle');
      t.is(await remote.call('receiveFd'), 'by Descriptor');
      t.false(isOpen(fd));
      t.is(file.fd, -1);
      t.true(descriptor.isClosed);
      t.is(descriptor.fd, -1);
    }),
  );
});

test('transferSocket moves a live connection, and the other process talks on', async (t) => {
  const { conduit, remote } = await startRemote(t);
  const { client, served } = await tcpPair(t);
  served.write('hello from the first, ');
  await conduit.transferSocket(served);
  t.true(served.destroyed);
  const there = remote.call('receiveSocket', 'hello from the second');
  client.end('to the second');
  t.is(await textOf(client), 'hello from the first, hello from the second');
  t.is(await there, 'to the second');
});

test('transfer moves a net.Socket as transferSocket does', async (t) => {
  const { conduit, remote } = await startRemote(t);
  const { client, served } = await tcpPair(t);
  await conduit.transfer(served);
  const there = remote.call('receiveSocket', 'hello');
  client.end('x');
  t.is(await textOf(client), 'hello');
  t.is(await there, 'x');
});

test('transfer moves a listening net.Server, which then accepts in the other process', async (t) => {
  const { conduit, remote } = await startRemote(t);
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const port = portOf(server);
  await conduit.transfer(server);
  t.false(server.listening);
  t.is(await conversation(remote, connect(port, '127.0.0.1')), 'accepted there');
});

test('a net.Server on a path keeps the path when it is transferred', async (t) => {
  const { conduit, remote } = await startRemote(t);
  const { server, path } = await nodeServer(t);
  const { ino } = statSync(path);
  await conduit.transfer(server);
  t.false(server.listening);
  t.is(statSync(path).ino, ino);
  t.is(await conversation(remote, connect(path)), 'accepted there');
});

test('a net.Server whose path was removed is closed all the same', async (t) => {
  const { conduit } = await startRemote(t);
  const { server, path } = await nodeServer(t);
  unlinkSync(path);
  await conduit.transfer(server);
  t.false(server.listening);
});

test('a conduit goes over another conduit, and works on at the other end', async (t) => {
  const [one, other] = pair(t);
  const [near, far] = pair(t);
  await exactly(t, async () => {
    const clone = Conduit.fromFd(far.fd);
    await one.transfer(clone);
    t.true(clone.isClosed);
    using descriptor = await other.receive();
    using received = Conduit.fromFd(descriptor.fd);
    await near.transferFd(openFd(temporaryFile(t, 'through it')));
    t.is(textOfDescriptor(await received.receive()), 'through it');
  });
});

test('a number that the library gave out comes back by its number', async (t) => {
  const { conduit, remote } = await startRemote(t);
  await exactly(t, async () => {
    await remote.call('transferFd', temporaryFile(t, 'there and back'), 0);
    const fd = await conduit.receiveFd();
    await conduit.transferFd(fd);
    t.is(await remote.call('receiveFd'), 'there and back');
  });
});

async function conversation(remote: Remote, socket: Socket): Promise<string> {
  const there = remote.call('receiveServer', 'accepted there');
  socket.end();
  const text = await textOf(socket);
  await there;
  return text;
}
