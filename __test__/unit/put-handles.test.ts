import { closeSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { connect, type Server, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { Conduit, Descriptor, get, put } from 'fd-conduit';
import { openFd } from '../support/conduits.js';
import { exactly } from '../support/descriptors.js';
import { rejection } from '../support/errors.js';
import { TEXT, temporaryFile } from '../support/files.js';
import { ends } from '../support/sockets.js';
import { nextText, portOf, tcpPair, tcpServer } from '../support/tcp.js';

/** Everything that has a descriptor. */
const HANDLES: Readonly<
  Record<
    string,
    (t: ExecutionContext) => Promise<number | FileHandle | Socket | Server | Descriptor>
  >
> = {
  number: async (t) => {
    const fd = openFd();
    t.teardown(() => closeSync(fd));
    return fd;
  },
  FileHandle: async (t) => {
    const file = await open(temporaryFile(t));
    t.teardown(() => file.close());
    return file;
  },
  Descriptor: async (t) => {
    const descriptor = Descriptor.adopt(openFd());
    t.teardown(() => descriptor.close());
    return descriptor;
  },
  'net.Socket': async (t) => (await tcpPair(t)).served,
  'net.Server': async (t) => (await tcpServer(t)).server,
};

for (const [name, make] of Object.entries(HANDLES)) {
  test(`a ${name} is put and stays usable`, async (t) => {
    const [here, there] = ends(t);
    const handle = await make(t);
    await exactly(t, async () => {
      await put(here, [handle, handle]);
      await put(here, [handle]);
      for (const count of [2, 1]) {
        for (const descriptor of await get(there, count, { as: 'descriptor' })) {
          t.not(descriptor.kind, 'unknown');
          descriptor.close();
        }
      }
    });
  });
}

test('sockets, servers and conduits of this library are put as well', async (t) => {
  const [here, there] = ends(t);
  const conduits = Conduit.pair();
  await put(here, [there, ...conduits]);
  const got = await get(there, 3, { as: 'descriptor' });
  t.deepEqual(
    got.map(({ kind }) => kind),
    ['unix', 'unix', 'unix'],
  );
  for (const owner of [...got, ...conduits]) {
    owner.close();
  }
});

test('what is closed cannot be put, and nothing is sent', async (t) => {
  const [here, there] = ends(t);
  const file = await open('/dev/null');
  await file.close();
  const empty = Descriptor.adopt(openFd());
  empty.close();
  const { served } = await tcpPair(t);
  served.destroy();
  for (const handle of [file, empty, served]) {
    await rejection(t, put(here, [1, handle]), 'NoFD');
  }
  t.is((await rejection(t, put(here, [9999]), 'FailedTransfer')).code, 'EBADF');
  t.is(there.tryRead(new Uint8Array(1)), undefined);
});

test('none is sent for none, and none is received', async (t) => {
  const [here, there] = ends(t);
  await put(here, []);
  t.deepEqual(await get(there, 0), []);
  t.is(there.tryRead(new Uint8Array(1)), undefined);
});

test('files come with names, offset and content, and are read as any FileHandle', async (t) => {
  const [here, there] = ends(t);
  const path = temporaryFile(t);
  const file = await open(path);
  await file.read(Buffer.alloc(11), 0, 11);
  await put(here, [file, file, file]);
  const [one, two, three] = await get(there, 3, { names: ['state', 'log'] });
  t.is(one?.name, 'state');
  t.is(two?.name, 'log');
  t.is(three?.name, undefined);
  t.is(await one?.readFile('utf8'), TEXT.slice(11));
  for (const each of [file, one, two, three]) {
    await each?.close();
  }
});

test('connections come as net.Sockets, and go on', async (t) => {
  const [here, there] = ends(t);
  const { client, served } = await tcpPair(t);
  await put(here, [served]);
  served.destroy();
  const [socket] = await get(there, 1, { as: 'socket' });
  socket?.write('still here');
  t.is(await nextText(client), 'still here');
  client.write('me too');
  t.is(socket && (await nextText(socket)), 'me too');
  socket?.destroy();
});

test('where one is no stream, all the net.Sockets are closed', async (t) => {
  const [here, there] = ends(t);
  const { served } = await tcpPair(t);
  const fd = openFd();
  await exactly(t, async () => {
    await put(here, [served, fd, served]);
    await rejection(t, get(there, 3, { as: 'socket' }), 'BadClone');
  });
  closeSync(fd);
});

test('a server that is put accepts at the other end', async (t) => {
  const [here, there] = ends(t);
  const { server } = await tcpServer(t);
  const port = portOf(server);
  await put(here, [server]);
  server.close();
  const [descriptor] = await get(there, 1, { as: 'descriptor' });
  const taken = await descriptor?.toNetServer();
  taken?.once('connection', (socket: Socket) => socket.end('welcome'));
  t.is(await nextText(connect(port, '127.0.0.1')), 'welcome');
  taken?.close();
});
