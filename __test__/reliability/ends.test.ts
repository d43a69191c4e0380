// Ends of life: closing twice, use after closing, collection, and ends in the middle of things.
import test from 'ava';
import { Conduit, Descriptor, type Message, socketPair, UnixServer } from 'fd-conduit';
import { openFd } from '../support/conduits.js';
import { exactly, isOpen } from '../support/descriptors.js';
import { rejection, thrown } from '../support/errors.js';
import { lending } from '../support/linux.js';
import { runProgram } from '../support/program.js';
import { socketPath } from '../support/unix.js';

const BYTE = Buffer.from('x');

/** Collects garbage in turns of their own, until `isDone` or long after it should be. */
async function collect(isDone: () => boolean): Promise<boolean> {
  for (let turn = 0; turn < 100 && !isDone(); turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    global.gc?.();
  }
  return isDone();
}

const owners: Record<string, (path: string) => number[] | Promise<number[]>> = {
  UnixSocket: () => socketPair().map(({ fd }) => fd),
  'UnixSocket that was bound': (path) => [UnixServer.bind(path).fd],
  UnixServer: (path) => [UnixServer.bindAndListen(path).fd],
  async 'Message whose descriptors were taken'() {
    const [one, other] = socketPair();
    await lending([openFd(), openFd()], (descriptors) => one.write(BYTE, { descriptors }));
    const message = await other.read(Buffer.alloc(1), { maxDescriptors: 2 });
    return [...message.descriptors.map(({ fd }) => fd), one.fd, other.fd];
  },
  async 'UnixSocket with a call that was given up'() {
    const [one, other] = socketPair();
    await one.read(Buffer.alloc(1), { timeoutMs: 1 }).catch(() => undefined);
    return [one.fd, other.fd];
  },
};

for (const [name, forget] of Object.entries(owners)) {
  test(`a forgotten ${name} is collected, and its descriptors closed`, async (t) => {
    const fds = await forget(socketPath(t));
    t.true(fds.every(isOpen));
    t.true(await collect(() => !fds.some(isOpen)));
  });
}

test('closing twice is fine for every owner, and closes no stranger', async (t) => {
  await exactly(t, async () => {
    const [one, other] = socketPair();
    await lending([openFd()], (descriptors) => one.write(BYTE, { descriptors }));
    const message: Message = await other.read(Buffer.alloc(1), { maxDescriptors: 1 });
    const path = socketPath(t);
    const all = [
      message,
      one,
      other,
      ...Conduit.pair(),
      Conduit.listen(path),
      Descriptor.adopt(openFd()),
    ];
    for (const owner of all) {
      owner.close();
    }
    const strangers = all.map(() => openFd());
    for (const owner of all) {
      owner.close();
      owner[Symbol.dispose]();
    }
    t.true(strangers.every(isOpen));
    await lending(strangers, async () => undefined);
  });
});

test('use after closing is Closed, whatever is called', async (t) => {
  await exactly(t, async () => {
    const [one, other] = socketPair();
    const server = UnixServer.bindAndListen(socketPath(t));
    const [conduit, end] = Conduit.pair();
    const descriptor = Descriptor.adopt(openFd());
    for (const owner of [one, other, server, conduit, end, descriptor]) {
      owner.close();
    }
    const fd = openFd();
    const buffer = Buffer.alloc(1);
    for (const call of [
      () => one.read(buffer),
      () => one.readVec([buffer]),
      () => one.write(BYTE),
      () => one.writeVec([BYTE]),
      () => server.accept(),
      () => conduit.transferFd(fd),
      () => conduit.receive(),
      () => conduit.receiveFd(),
      () => conduit.receiveFile(),
      () => conduit.receiveSocket(),
      () => descriptor.toFileHandle(),
      () => descriptor.toNetServer(),
    ]) {
      await rejection(t, call(), 'Closed');
    }
    for (const call of [
      () => one.tryRead(buffer),
      () => one.tryWrite(BYTE),
      () => one.readSync(buffer, { timeoutMs: 1 }),
      () => one.shutdown('both'),
      () => one.peerCredentials(),
      () => one.release(),
      () => server.tryAccept(),
      () => descriptor.release(),
      () => descriptor.kind,
      () => descriptor.toNetSocket(),
      () => descriptor.toUnixSocket(),
    ]) {
      thrown(t, call, 'Closed');
    }
    t.true(isOpen(fd));
    await lending([fd], async () => undefined);
  });
});

for (const name of ['exit', 'uncaught', 'kill']) {
  test(`a process that ends by ${name} with every kind of call pending ends as it says`, async (t) => {
    const args = [name, socketPath(t)];
    const { code, signal } = await runProgram(t, 'pending', { args });
    t.deepEqual(
      { code, signal },
      {
        exit: { code: 7, signal: null },
        uncaught: { code: 1, signal: null },
        kill: { code: null, signal: 'SIGTERM' },
      }[name],
    );
  });
}

test('200 workers that are terminated at every point of a receive leave nothing open', async (t) => {
  t.timeout(120_000);
  const { code, signal, output } = await runProgram(t, 'workers', {
    args: ['--times', '200'],
    node: ['--expose-gc'],
  });
  t.deepEqual({ code, signal }, { code: 0, signal: null });
  t.like(JSON.parse(output), { ended: 200, isExact: true });
});
