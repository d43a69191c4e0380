import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { connect, createConnection, type Server, Socket } from 'node:net';
import { PassThrough } from 'node:stream';
import { setTimeout as delay } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import test, { type ExecutionContext } from 'ava';
import { Conduit } from 'fd-conduit';
import { openFd, pair, textOfDescriptor } from '../support/conduits.js';
import { isOpen } from '../support/descriptors.js';
import { rejection, thrown } from '../support/errors.js';
import { temporaryFile } from '../support/files.js';
import { tcpPair } from '../support/tcp.js';
import { mixedPair, nodeServer, socketPath } from '../support/unix.js';

const MESSAGES = 20;

/** All that makes a net.Socket read, as far as Node documents it. */
const READERS: Record<string, (socket: Socket) => unknown> = {
  'nothing at all': () => undefined,
  'resume()': (socket) => socket.resume(),
  'read()': (socket) => socket.read(),
  'read(0)': (socket) => socket.read(0),
  'read(1)': (socket) => socket.read(1),
  "on('data')": (socket) => socket.on('data', () => undefined),
  "on('readable')": (socket) => socket.on('readable', () => socket.read()),
  'pipe()': (socket) => socket.pipe(new PassThrough().resume()),
  'setEncoding() and resume()': (socket) => socket.setEncoding('utf8').resume(),
  'pause() and resume()': (socket) => socket.pause().resume(),
  'for await': (socket) => void readAll(socket),
  'unshift() and resume()': (socket) => {
    socket.unshift('x');
    socket.resume();
  },
  'removing the listener and resume()': (socket) => {
    const ignore = (): void => undefined;
    socket.on('data', ignore).off('data', ignore).resume();
  },
  'writing and resume()': (socket) => {
    socket.resume();
    socket.setNoDelay().setTimeout(0).unref().ref();
  },
};

async function readAll(socket: Socket): Promise<void> {
  try {
    for await (const _ of socket) {
      // What comes here was meant for the conduit.
    }
  } catch {
    // The test destroys the socket in the end.
  }
}

/** What the conduit receives is all that was sent, and the net.Socket has read nothing of it. */
async function receivesAll(t: ExecutionContext, from: Conduit, to: Conduit, socket: Socket) {
  for (let index = 0; index < MESSAGES; index += 1) {
    await from.transferFd(openFd(temporaryFile(t, `file ${index}`)));
    if (index % 5 === 0) {
      await delay(1);
    }
  }
  for (let index = 0; index < MESSAGES; index += 1) {
    t.is(textOfDescriptor(await to.receive({ timeoutMs: 20_000 })), `file ${index}`);
  }
  t.is(socket.bytesRead, 0);
}

for (const [name, read] of Object.entries(READERS)) {
  test(`after fromSocket a connected net.Socket reads nothing, with ${name}`, async (t) => {
    const { conduit, socket } = await mixedPair(t);
    using taken = Conduit.fromSocket(socket);
    read(socket);
    await receivesAll(t, conduit, taken, socket);
  });

  test(`after fromSocket a connecting net.Socket reads nothing, with ${name}`, async (t) => {
    const path = socketPath(t);
    using server = Conduit.listen(path);
    const socket = connect(path);
    t.true(socket.connecting);
    using taken = Conduit.fromSocket(socket);
    read(socket);
    using conduit = await server.accept();
    await receivesAll(t, conduit, taken, socket);
    socket.destroy();
  });

  test(`after fromSocket a served net.Socket reads nothing, with ${name}`, async (t) => {
    const { server, path } = await nodeServer(t);
    const { conduit, socket, taken } = await served(server, path);
    read(socket);
    await receivesAll(t, conduit, taken, socket);
    for (const end of [conduit, taken]) {
      end.close();
    }
    socket.destroy();
  });
}

test('nothing is lost where the messages came before the connection event', async (t) => {
  const { server, path } = await nodeServer(t);
  const connected = Conduit.connect(path);
  const taking = once(server, 'connection').then(([socket]) => ({
    socket: socket as Socket,
    taken: Conduit.fromSocket(socket as Socket),
  }));
  using conduit = await connected;
  await conduit.transferFd(openFd(temporaryFile(t, 'early')));
  const { socket, taken } = await taking;
  socket.resume();
  t.is(textOfDescriptor(await taken.receive()), 'early');
  taken.close();
  socket.destroy();
});

test('a server with pauseOnConnect may take its socket over at any time', async (t) => {
  const { server, path } = await nodeServer(t, { pauseOnConnect: true });
  using conduit = await Conduit.connect(path);
  const [socket] = (await once(server, 'connection')) as [Socket];
  await conduit.transferFd(openFd(temporaryFile(t, 'waited')));
  await delay(20);
  using taken = Conduit.fromSocket(socket);
  t.is(textOfDescriptor(await taken.receive()), 'waited');
  socket.destroy();
});

test('a net.Socket that has read is refused, and stays as it was', async (t) => {
  const { conduit, socket } = await mixedPair(t);
  await conduit.transferFd(openFd());
  await once(socket, 'readable');
  const error = thrown(t, () => Conduit.fromSocket(socket), 'InvalidArgument');
  t.like(error, { code: 'ERR_INVALID_ARG_VALUE', argument: 'socket' });
  t.regex(error.message, /has read 1 bytes already/);
  t.is(socket.read()?.length, 1);
  thrown(t, () => Conduit.fromSocket(socket), 'InvalidArgument');
});

test('the conduit works on a clone, and outlives the net.Socket', async (t) => {
  const { conduit, socket } = await mixedPair(t);
  using taken = Conduit.fromSocket(socket, { name: 'clone' });
  t.is(taken.name, 'clone');
  t.true(isOpen(taken.fd));
  socket.destroy();
  await once(socket, 'close');
  await conduit.transferFd(openFd(temporaryFile(t, 'still')));
  t.is(textOfDescriptor(await taken.receive()), 'still');
});

test('closing the conduit closes the clone only', async (t) => {
  const { conduit, socket } = await mixedPair(t);
  const taken = Conduit.fromSocket(socket);
  const { fd } = taken;
  taken.close();
  t.false(isOpen(fd));
  t.false(socket.destroyed);
  await once(socket.end(), 'finish');
  await rejection(t, conduit.receive(), 'EndOfStream');
});

test('a TLS socket and a destroyed one are NoFD', async (t) => {
  const { client, served: raw } = await tcpPair(t);
  const secure = thrown(t, () => Conduit.fromSocket(new TLSSocket(raw)), 'NoFD');
  t.is(secure.code, 'ERR_NO_FD');
  t.regex(secure.message, /TLS/);
  client.destroy();
  thrown(t, () => Conduit.fromSocket(client), 'NoFD');
  thrown(t, () => Conduit.fromSocket(new Socket()), 'NoFD');
});

test('the end of a connection that was never made is an error of the conduit', async (t) => {
  const socket = createConnection(socketPath(t));
  using taken = Conduit.fromSocket(socket);
  await once(socket, 'error');
  const fd = openFd();
  await rejection(t, taken.transferFd(fd), 'FailedTransfer');
  t.true(isOpen(fd));
  closeSync(fd);
});

test('a transfer that fails lets a net.Socket not read again that is a conduit now', async (t) => {
  const { conduit, socket } = await mixedPair(t);
  using taken = Conduit.fromSocket(socket);
  const [one] = pair(t);
  one.close();
  await rejection(t, one.transferSocket(socket), 'Closed');
  socket.resume();
  await receivesAll(t, conduit, taken, socket);
});

async function served(
  server: Server,
  path: string,
): Promise<{ conduit: Conduit; socket: Socket; taken: Conduit }> {
  const taking = new Promise<{ socket: Socket; taken: Conduit }>((resolve) => {
    server.once('connection', (socket) => {
      resolve({ socket, taken: Conduit.fromSocket(socket) });
    });
  });
  const conduit = await Conduit.connect(path);
  return { conduit, ...(await taking) };
}
