import { once } from 'node:events';
import { closeSync, readFileSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { connect, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { get, put, socketPair, type UnixSocket, type Via } from 'fd-conduit';
import { openFd, pair } from '../support/conduits.js';
import { exactly, inodeOf, isOpen } from '../support/descriptors.js';
import { rejection } from '../support/errors.js';
import { temporaryFile } from '../support/files.js';
import { CONNECTED_TYPES } from '../support/foreign.js';
import { fillSlots, freeSlots } from '../support/slots.js';
import { ends, textFrom } from '../support/sockets.js';
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
