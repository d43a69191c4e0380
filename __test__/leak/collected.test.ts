import test from 'ava';
import { Conduit, Descriptor, type ListenOptions, StreamSocket, socketPair } from 'fd-conduit';
import { openFd, pair, textOfDescriptor } from '../support/conduits.js';
import { isOpen } from '../support/descriptors.js';
import { rejection } from '../support/errors.js';
import { temporaryFile } from '../support/files.js';
import { socketPath } from '../support/unix.js';

/** Collects garbage, in turns in which finalizers run, until `isDone` or long after it should be. */
async function collect(isDone: () => boolean): Promise<boolean> {
  for (let turn = 0; turn < 100 && !isDone(); turn += 1) {
    // In a turn of its own: what isDone looked at through a WeakRef lives to the end of this one.
    await new Promise((resolve) => setTimeout(resolve, 5));
    global.gc?.();
  }
  return isDone();
}

// What is forgotten is made in functions of their own, as a frame may keep what it no longer names.
const forgetPair = (): number[] => Conduit.pair().map(({ fd }) => fd);
const forgetServer = (path: string, options?: ListenOptions): number =>
  Conduit.listen(path, options).fd;
const forgetDescriptor = (): number => Descriptor.adopt(openFd()).fd;
const forgetStreams = (): number[] => {
  const [one, other] = socketPair().map((end) => StreamSocket.adopt(end.release()));
  one?.tryRead(new Uint8Array(1));
  return [one?.fd ?? -1, other?.fd ?? -1];
};
const forgetUsed = async (): Promise<number[]> => {
  const [one, other] = Conduit.pair();
  const received = other.receive();
  await one.transferFd(openFd());
  const { fd } = await received;
  await other.receive({ timeoutMs: 1 }).catch(() => undefined);
  return [fd, one.fd, other.fd];
};

test('a forgotten conduit is collected, and its descriptor closed', async (t) => {
  const fds = forgetPair();
  t.true(fds.every(isOpen));
  t.true(await collect(() => !fds.some(isOpen)));
});

test('a forgotten conduit that was used is collected, as is what it received', async (t) => {
  const fds = await forgetUsed();
  t.true(await collect(() => !fds.some(isOpen)));
});

test('a forgotten Descriptor is collected, and its descriptor closed', async (t) => {
  const fd = forgetDescriptor();
  t.true(isOpen(fd));
  t.true(await collect(() => !isOpen(fd)));
});

test('a forgotten StreamSocket is collected, used or not, and its descriptor closed', async (t) => {
  const fds = forgetStreams();
  t.true(fds.every(isOpen));
  t.true(await collect(() => !fds.some(isOpen)));
});

test('a forgotten server is collected, and its descriptor closed', async (t) => {
  const fd = forgetServer(socketPath(t));
  t.true(await collect(() => !isOpen(fd)));
});

test('a forgotten server is collected and closed, however long its signal lives', async (t) => {
  const controller = new AbortController();
  const fd = forgetServer(socketPath(t), { signal: controller.signal });
  t.true(await collect(() => !isOpen(fd)));
  controller.abort();
});

test('the other end of a forgotten conduit sees its end', async (t) => {
  const [one, other] = ((): [WeakRef<Conduit>, Conduit] => {
    const [forgotten, kept] = Conduit.pair();
    return [new WeakRef(forgotten), kept];
  })();
  const ending = rejection(t, other.receive(), 'EndOfStream');
  t.true(await collect(() => one.deref() === undefined));
  await ending;
  other.close();
});

test('a conduit that somebody waits for is not collected, though nothing names it', async (t) => {
  const [one, received] = ((): [Conduit, Promise<Descriptor>] => {
    const [kept, waiting] = Conduit.pair();
    return [kept, waiting.receive()];
  })();
  await collect(() => false);
  await one.transferFd(openFd(temporaryFile(t, 'it came')));
  t.is(textOfDescriptor(await received), 'it came');
  one.close();
});

test('what a collected object gave away is not closed with it', async (t) => {
  const [fd, gone] = ((): [number, WeakRef<Descriptor>] => {
    const descriptor = Descriptor.adopt(openFd());
    return [descriptor.release(), new WeakRef(descriptor)];
  })();
  t.true(await collect(() => gone.deref() === undefined));
  await collect(() => false);
  const [one, other] = pair(t);
  t.true(isOpen(fd));
  await one.transferFd(fd);
  t.false(isOpen(fd));
  (await other.receive()).close();
});
