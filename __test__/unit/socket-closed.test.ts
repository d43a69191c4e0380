import { closeSync, readSync, writeSync } from 'node:fs';
import test from 'ava';
import { type SocketType, socketPair, UnixServer, UnixSocket } from 'fd-conduit';
import { openFd } from '../support/conduits.js';
import { exactly, isOpen } from '../support/descriptors.js';
import { rejection, thrown } from '../support/errors.js';
import { abstractName, ends, fillUp, textFrom } from '../support/sockets.js';

const buffer = new Uint8Array(4);
const timeoutMs = 1000;

/** Every call of a socket that rejects. */
const PROMISES: Readonly<Record<string, (socket: UnixSocket) => Promise<unknown>>> = {
  read: (socket) => socket.read(buffer),
  readVec: (socket) => socket.readVec([buffer]),
  write: (socket) => socket.write(buffer),
  writeVec: (socket) => socket.writeVec([buffer]),
};

/** Every call of a socket that throws. */
const CALLS: Readonly<Record<string, (socket: UnixSocket) => unknown>> = {
  tryRead: (socket) => socket.tryRead(buffer),
  tryReadVec: (socket) => socket.tryReadVec([buffer]),
  readSync: (socket) => socket.readSync(buffer, { timeoutMs }),
  readVecSync: (socket) => socket.readVecSync([buffer], { timeoutMs }),
  tryWrite: (socket) => socket.tryWrite(buffer),
  tryWriteVec: (socket) => socket.tryWriteVec([buffer]),
  writeSync: (socket) => socket.writeSync(buffer, { timeoutMs }),
  writeVecSync: (socket) => socket.writeVecSync([buffer], { timeoutMs }),
  shutdown: (socket) => socket.shutdown('both'),
  release: (socket) => socket.release(),
  peerCredentials: (socket) => socket.peerCredentials(),
  peerPidfd: (socket) => socket.peerPidfd(),
  peerName: (socket) => socket.peerName(),
  socketName: (socket) => socket.socketName(),
  getOption: (socket) => socket.getOption(1, 3),
  getOptionBytes: (socket) => socket.getOptionBytes(1, 3),
  setOption: (socket) => socket.setOption(1, 7, 4096),
  sendBufferSize: (socket) => socket.sendBufferSize,
  'sendBufferSize =': (socket) => {
    socket.sendBufferSize = 4096;
  },
  receiveBufferSize: (socket) => socket.receiveBufferSize,
  'receiveBufferSize =': (socket) => {
    socket.receiveBufferSize = 4096;
  },
  passCredentials: (socket) => socket.passCredentials,
  'passCredentials =': (socket) => {
    socket.passCredentials = true;
  },
  passPidfd: (socket) => socket.passPidfd,
  'passPidfd =': (socket) => {
    socket.passPidfd = true;
  },
  refuseDescriptors: (socket) => socket.refuseDescriptors,
  'refuseDescriptors =': (socket) => {
    socket.refuseDescriptors = true;
  },
};

const linuxOnly = /Pidfd|passCredentials|refuseDescriptors/;
const calls = Object.entries(CALLS).filter(
  ([name]) => process.platform === 'linux' || !linuxOnly.test(name),
);

const ENDINGS: Readonly<Record<string, (socket: UnixSocket | UnixServer) => void>> = {
  close: (socket) => socket.close(),
  release: (socket) => closeSync(socket.release()),
};

for (const [ending, end] of Object.entries(ENDINGS)) {
  test(`after ${ending}, every call says Closed, with EBADF`, async (t) => {
    const [socket] = ends(t);
    end(socket);
    t.is(socket.fd, -1);
    t.true(socket.isClosed);
    for (const [name, call] of calls) {
      t.is(thrown(t, () => call(socket), 'Closed').code, 'EBADF', name);
    }
    for (const [name, call] of Object.entries(PROMISES)) {
      t.is((await rejection(t, call(socket), 'Closed')).code, 'EBADF', name);
    }
  });

  test(`after ${ending}, close does nothing, and neither do ref, unref and dispose`, async (t) => {
    const [socket, other] = ends(t);
    end(socket);
    const stranger = openFd();
    socket.close();
    socket.ref().unref()[Symbol.dispose]();
    await socket[Symbol.asyncDispose]();
    t.true(isOpen(stranger));
    closeSync(stranger);
    t.true((await other.read(buffer)).isEnd);
  });

  test(`${ending} rejects reads and writes that wait, and the number that is used again is left alone`, async (t) => {
    for (const type of ['stream', 'dgram'] satisfies SocketType[]) {
      const [socket, other] = ends(t, type);
      fillUp(socket);
      const waiting = [socket.read(buffer), socket.readVec([buffer]), socket.write(buffer)].map(
        (call) => rejection(t, call, 'Closed'),
      );
      const { fd } = socket;
      end(socket);
      const [stranger, its] = ends(t, type);
      t.is(stranger.fd, fd);
      await its.write(Buffer.from('for the stranger'));
      for (const error of await Promise.all(waiting)) {
        t.is(error.code, 'EBADF');
      }
      t.is(await textFrom(stranger), 'for the stranger');
      other.close();
    }
  });

  test(`after ${ending}, every call of a server says Closed, and so does an accept that waits`, async (t) => {
    const server = UnixServer.bindAndListen(abstractName());
    const waiting = rejection(t, server.accept(), 'Closed');
    end(server);
    t.is((await waiting).code, 'EBADF');
    await rejection(t, server.accept(), 'Closed');
    thrown(t, () => server.tryAccept(), 'Closed');
    thrown(t, () => server.listen(), 'Closed');
    thrown(t, () => server.release(), 'Closed');
    thrown(t, () => server.socketName(), 'Closed');
    thrown(t, () => server.getOption(1, 3), 'Closed');
    server.close();
    for await (const connection of server) {
      t.fail(`${connection} came from a closed server`);
    }
  });
}

test('a released descriptor is the connection as it was, non-blocking, and can be adopted', async (t) => {
  await exactly(t, async () => {
    const [socket, other] = socketPair();
    await other.write(Buffer.from('before'));
    const fd = socket.release();
    const first = Buffer.alloc(6);
    t.is(readSync(fd, first), 6);
    t.is(first.toString(), 'before');
    t.throws(() => readSync(fd, first), { code: 'EAGAIN' });
    writeSync(fd, 'after');
    t.is(await textFrom(other), 'after');
    const adopted = UnixSocket.adopt(fd);
    await other.write(Buffer.from('again'));
    t.is(await textFrom(adopted), 'again');
    adopted.close();
    other.close();
  });
});

test('sockets and servers are disposable', async (t) => {
  await exactly(t, async () => {
    const [one, other] = socketPair();
    {
      using first = one;
      await using second = other;
      t.false(first.isClosed || second.isClosed);
    }
    t.true(one.isClosed && other.isClosed);
    const server = UnixServer.bindAndListen(abstractName());
    server[Symbol.dispose]();
    t.true(server.isClosed);
  });
});
