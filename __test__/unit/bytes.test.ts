import { runInNewContext } from 'node:vm';
import test from 'ava';
import { optionConstants, StreamSocket, socketPair, UnixServer, UnixSocket } from 'fd-conduit';
import { rejection, thrown } from '../support/errors.js';
import { ends, textFrom } from '../support/sockets.js';
import { socketPath } from '../support/unix.js';

/** Bytes such as a program has that runs in a context of node:vm, as test runners do. */
function foreign(text: string): Uint8Array {
  return runInNewContext('Uint8Array.from(codes)', { codes: [...Buffer.from(text)] });
}

function textOf(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString();
}

test('bytes of another realm are read into and written by a UnixSocket', async (t) => {
  const [here, there] = ends(t);
  t.false(foreign('x') instanceof Uint8Array);
  t.is(await here.write(foreign('one')), 3);
  t.is(await textFrom(there), 'one');
  t.is(here.tryWriteVec([foreign('t'), Buffer.from('wo')]), 3);
  const [first, second] = [foreign('.'), foreign('..')];
  t.is((await there.readVec([first, second])).bytesRead, 3);
  t.is(textOf(first) + textOf(second), 'two');
  const waiting = there.read(first);
  here.setOption(optionConstants().SOL_SOCKET, optionConstants().SO_SNDBUF, foreign('\0\0\x01\0'));
  await here.write(foreign('3'));
  t.is((await waiting).bytesRead, 1);
  t.is(textOf(first), '3');
});

test('bytes of another realm are read into and written by a StreamSocket', async (t) => {
  const [one, other] = socketPair();
  using here = StreamSocket.adopt(one.release());
  using there = StreamSocket.adopt(other.release());
  t.is(await here.write(foreign('ab')), 2);
  t.is(here.tryWrite(foreign('c')), 1);
  t.is(await here.writeVec([foreign('d')]), 1);
  const buffer = foreign('....');
  t.is(await there.read(buffer), 4);
  t.is(textOf(buffer), 'abcd');
  const large = runInNewContext('new Uint8Array(1 << 20)') as Uint8Array;
  const writing = here.write(large);
  let left = large.length;
  while (left > 0) {
    left -= await there.read(large);
  }
  t.is(await writing, large.length);
});

test('bytes of another realm name a socket', async (t) => {
  const path = socketPath(t);
  using server = UnixServer.bindAndListen(foreign(path));
  using client = await UnixSocket.connect(foreign(path));
  t.is(client.peerName().path, server.path);
});

test('what only looks like bytes is refused', async (t) => {
  const [here] = ends(t);
  const [one, other] = socketPair();
  using stream = StreamSocket.adopt(one.release());
  for (const fake of [Object.create(Uint8Array.prototype), new Proxy(new Uint8Array(3), {})]) {
    for (const socket of [here, stream]) {
      await rejection(t, socket.read(fake), 'InvalidArgument');
      await rejection(t, socket.readVec([fake]), 'InvalidArgument');
      await rejection(t, socket.write(fake), 'InvalidArgument');
      await rejection(t, socket.writeVec([fake]), 'InvalidArgument');
      thrown(t, () => socket.tryRead(fake), 'InvalidArgument');
      thrown(t, () => socket.tryWrite(fake), 'InvalidArgument');
    }
  }
  other.close();
});

/** Says that it is longer than it is. */
class Boastful extends Uint8Array {
  override get length(): number {
    return 10;
  }
}

test('a payload that tells a wrong length is an error, and keeps nobody waiting', async (t) => {
  const [here, there] = ends(t);
  const error = await rejection(t, here.write(new Boastful(3)), 'FailedTransfer');
  t.like(error, { code: 'EFAULT', bytesWritten: 3 });
  t.is((await there.read(new Uint8Array(10))).bytesRead, 3);
});
