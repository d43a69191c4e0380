// Rows of the table of quirks in docs/reliability.md: who holds a descriptor, and until when.
import { spawnSync } from 'node:child_process';
import { closeSync, readFileSync } from 'node:fs';
import test from 'ava';
import { Conduit, Descriptor, socketPair } from 'fd-conduit';
import { fill, openFd, pair, textOfDescriptor } from '../support/conduits.js';
import { exactly, isOpen } from '../support/descriptors.js';
import { rejection } from '../support/errors.js';
import { temporaryFile } from '../support/files.js';
import { isInherited, isNonBlocking, testOnLinux } from '../support/linux.js';
import { startRemote } from '../support/remote.js';
import { ends } from '../support/sockets.js';
import { tcpPair } from '../support/tcp.js';

testOnLinux(
  '17: O_NONBLOCK belongs to the open file description: the sender sees it change',
  async (t) => {
    const child = spawnSync('sh', ['-c', 'true'], { stdio: ['ignore', 'ignore', 'inherit'] });
    t.is(child.status, 0);
    const [one, other] = pair(t);
    const pipe = socketPair();
    const theirs = pipe[0].release();
    await one.transfer(Descriptor.adopt(theirs));
    const received = await other.receive();
    const second = Conduit.fromFd(received.fd);
    const waiting = second.receive();
    t.true(isNonBlocking(received.fd));
    second.close();
    await rejection(t, waiting, 'Closed');
    t.true(isNonBlocking(received.fd), 'it is not put back, as others may have come to rely on it');
    received.close();
    pipe[1].close();
  },
);

testOnLinux('17: what is transferred or received only is left as it is', async (t) => {
  const [one, other] = pair(t);
  for (const path of ['/dev/null', '/dev/zero']) {
    await one.transferFd(openFd(path));
    using received = await other.receive();
    t.false(isNonBlocking(received.fd));
  }
});

test('18: the sender may exit before the receive; the descriptor stays valid', async (t) => {
  const { conduit, remote } = await startRemote(t);
  await remote.call('transferFd', temporaryFile(t, 'outlives its sender'), 0);
  await remote.end();
  t.is(textOfDescriptor(await conduit.receive()), 'outlives its sender');
  await rejection(t, conduit.receive(), 'EndOfStream');
});

testOnLinux('20 and 21: what is received is closed when a program is started', async (t) => {
  const [one, other] = pair(t);
  await one.transferFd(openFd(temporaryFile(t)));
  using received = await other.receive();
  const pairs = socketPair();
  const server = ends(t, 'seqpacket');
  for (const fd of [received.fd, one.fd, ...[...pairs, ...server].map((end) => end.fd)]) {
    t.false(isInherited(fd));
    const { status } = spawnSync('test', ['-e', `/proc/self/fd/${fd}`]);
    t.is(status, 1);
  }
  for (const end of pairs) {
    end.close();
  }
});

test('26: closing a descriptor that libuv polls can abort: a socket of Node is refused as a number', async (t) => {
  const { client } = await tcpPair(t);
  const { fd } = (client as unknown as { _handle: { fd: number } })._handle;
  const [one] = pair(t);
  t.regex((await rejection(t, one.transferFd(fd), 'InvalidArgument')).message, /transferSocket/);
  t.true(isOpen(fd));
});

test('26: what waits can be closed at any point, and the loop goes on', async (t) => {
  await exactly(t, async () => {
    for (let round = 0; round < 200; round += 1) {
      const [one, other] = Conduit.pair();
      const waiting = [one.receive(), one.receive(), other.receive()];
      if (round % 2 === 0) {
        await new Promise(setImmediate);
      }
      one.close();
      for (const call of waiting.slice(0, 2)) {
        await rejection(t, call, 'Closed');
      }
      await rejection(t, waiting[2] as Promise<Descriptor>, 'EndOfStream');
      other.close();
    }
  });
});

test('27: a queued send holds a duplicate: the number may be reused before it runs', async (t) => {
  await exactly(t, async () => {
    const [one, other] = Conduit.pair();
    const full = await fill(one);
    const fd = openFd(temporaryFile(t, 'mine'));
    const sending = one.transferFd(fd);
    closeSync(fd);
    const stranger = openFd(temporaryFile(t, 'a stranger'));
    t.is(stranger, fd);
    await full.drain(other);
    await sending;
    t.is(textOfDescriptor(await other.receive()), 'mine');
    t.is(readFileSync(stranger, 'utf8'), 'a stranger');
    closeSync(stranger);
    one.close();
    other.close();
  });
});
