import { once } from 'node:events';
import { closeSync, readFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { connect, type Server, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { Conduit, Descriptor, get, put, socketPair, type UnixSocket, type Via } from 'fd-conduit';
import { openFd, pair } from '../support/conduits.js';
import { exactly, inodeOf, isOpen } from '../support/descriptors.js';
import { rejection } from '../support/errors.js';
import { TEXT, temporaryFile } from '../support/files.js';
import { CONNECTED_TYPES } from '../support/foreign.js';
import { fillSlots, freeSlots } from '../support/slots.js';
import { ends, textFrom } from '../support/sockets.js';
import { nextText, portOf, tcpPair, tcpServer } from '../support/tcp.js';
import { nodeServer } from '../support/unix.js';

async function closeFiles(files: readonly FileHandle[]): Promise<void> {
  await Promise.all(files.map((file) => file.close()));
}

/** Both ends of a connection of every kind that `put` and `get` go over. */
const VIAS: Readonly<Record<string, (t: ExecutionContext) => Promise<[Via, Via]>>> = {
  'a stream UnixSocket': async (t) => ends(t),
  ...(CONNECTED_TYPES.length > 1 && {
    'a seqpacket UnixSocket': async (t: ExecutionContext): Promise<[Via, Via]> =>
      ends(t, 'seqpacket'),
  }),
  'a Conduit': async (t) => pair(t),
  'a net.Socket': async (t) => {
    const { server, path } = await nodeServer(t);
    const client = connect(path);
    const [[served]] = (await Promise.all([
      once(server, 'connection').then(([socket]) => [socket]),
      once(client, 'connect'),
    ])) as [[Socket], unknown];
    t.teardown(async () => {
      await Promise.all([client, served].map((socket) => once(socket.destroy(), 'close')));
    });
    // Each is taken over at its first use, and stays so until it is destroyed.
    await put(client, []);
    await get(served, 0);
    return [client, served];
  },
};

for (const [name, make] of Object.entries(VIAS)) {
  test(`1, 2 and 253 descriptors go over ${name}, stay open here and come in their order`, async (t) => {
    const [here, there] = await make(t);
    const paths = ['one', 'two', 'three'].map((text) => temporaryFile(t, text));
    await exactly(t, async () => {
      for (const count of [1, 2, 253]) {
        const fds = Array.from({ length: count }, (_, index) => openFd(paths[index % 3]));
        await put(here, fds);
        t.true(fds.every(isOpen));
        const files = await get(there, count);
        t.deepEqual(
          files.map(({ fd }) => inodeOf(fd)),
          fds.map(inodeOf),
        );
        await closeFiles(files);
        for (const fd of fds) {
          closeSync(fd);
        }
      }
    });
  });

  test(`too few and too many are errors over ${name}, all are closed, and the next message comes`, async (t) => {
    const [here, there] = await make(t);
    const fd = openFd();
    await exactly(t, async () => {
      for (const as of ['file', 'descriptor'] as const) {
        const options = { as } as { as: 'descriptor' };
        await put(here, [fd, fd]);
        t.like(await rejection(t, get(there, 3, options), 'BadCtrlMesg'), {
          reason: 'too-few',
          descriptorsReceived: 2,
        });
        await put(here, [fd, fd, fd]);
        t.like(await rejection(t, get(there, 2, options), 'BadCtrlMesg'), {
          reason: 'too-many',
          descriptorsReceived: 3,
        });
      }
      await put(here, [fd]);
      await closeFiles(await get(there, 1));
    });
    closeSync(fd);
  });
}

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

test('the end is EndOfStream, and bytes alone are BadCtrlMesg', async (t) => {
  for (const type of CONNECTED_TYPES) {
    const [here, there] = ends(t, type);
    await here.write(Buffer.from('x'));
    t.is((await rejection(t, get(there, 1), 'BadCtrlMesg')).reason, 'none');
    here.close();
    await rejection(t, get(there, 1), 'EndOfStream');
    await rejection(t, get(there, 1, { as: 'descriptor' }), 'EndOfStream');
  }
});

test('a get that is given up opens nothing, and leaves the message for the next one', async (t) => {
  const [here, there] = ends(t);
  const fd = openFd(temporaryFile(t, 'kept'));
  await exactly(t, async () => {
    const stop = new AbortController();
    const aborted = rejection(t, get(there, 1, { signal: stop.signal }), 'Aborted');
    const late = rejection(t, get(there, 1, { timeoutMs: 1 }), 'Timeout');
    stop.abort();
    await Promise.all([aborted, late]);
    await put(here, [fd]);
    const [file] = await get(there, 1);
    t.is(await file?.readFile('utf8'), 'kept');
    await file?.close();
  });
  closeSync(fd);
});

test('a get that waits rejects when its socket is closed or released, and leaves nothing open', async (t) => {
  for (const end of [
    (via: UnixSocket) => via.close(),
    (via: UnixSocket) => closeSync(via.release()),
  ]) {
    await exactly(t, async () => {
      const [here, there] = socketPair();
      const waiting = [get(there, 2), get(there, 1, { as: 'descriptor' })].map((call) =>
        rejection(t, call, 'Closed'),
      );
      end(there);
      await Promise.all(waiting);
      here.close();
      await rejection(t, put(here, [1]), 'Closed');
      await rejection(t, get(there, 1), 'Closed');
    });
  }
});

test('without free slots for the FileHandles the message stays in the socket', async (t) => {
  const [here, there] = ends(t);
  const fd = openFd(temporaryFile(t, 'patient'));
  await put(here, [fd, fd]);
  const filled = fillSlots(1);
  const refused = await get(there, 2).catch((error: unknown) => error);
  freeSlots(filled);
  t.like(refused, { type: 'BadClone', code: 'EMFILE' });
  const files = await get(there, 2);
  t.is(readFileSync(files[1]?.fd ?? -1, 'utf8'), 'patient');
  await closeFiles(files);
  closeSync(fd);
});

test('several gets at once take the messages in their order', async (t) => {
  const [here, there] = ends(t);
  const gets = [
    get(there, 1).then(async ([file]) => {
      const text = await file?.readFile('utf8');
      await file?.close();
      return text;
    }),
    get(there, 1, { as: 'descriptor' }).then(([descriptor]) => {
      const text = readFileSync(descriptor?.fd ?? -1, 'utf8');
      descriptor?.close();
      return text;
    }),
  ];
  for (const text of ['first', 'second']) {
    const fd = openFd(temporaryFile(t, text));
    await put(here, [fd]);
    closeSync(fd);
  }
  t.deepEqual(await Promise.all(gets), ['first', 'second']);
});

test('state and descriptors go over one socket: bytes first, then the files', async (t) => {
  const [here, there] = ends(t);
  const fd = openFd();
  await here.write(Buffer.from('state'));
  t.is(await textFrom(there), 'state');
  await put(here, [fd]);
  await closeFiles(await get(there, 1));
  await there.write(Buffer.from('OK'));
  t.is(await textFrom(here), 'OK');
  closeSync(fd);
});
