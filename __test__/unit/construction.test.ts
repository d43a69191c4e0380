import { closeSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import * as imported from 'fd-conduit';
import { Conduit, Descriptor } from 'fd-conduit';
import { openFd, pair } from '../support/conduits.js';
import { inodeOf, isOpen } from '../support/descriptors.js';
import { rejection, thrown } from '../support/errors.js';
import { mixedPair } from '../support/unix.js';

test('a pair is two connected ends with descriptors and names of their own', async (t) => {
  const [one, other] = pair(t);
  t.not(one.fd, other.fd);
  t.is(one.name, `pair ${one.fd}`);
  await one.transferFd(openFd());
  using received = await other.receive();
  t.true(isOpen(received.fd));
});

test('fromFd works on a duplicate, and the caller may close the number', async (t) => {
  const fd = await socketAs(t, (conduit) => conduit.receiveFd());
  using conduit = Conduit.fromFd(fd);
  t.not(conduit.fd, fd);
  t.is(inodeOf(conduit.fd), inodeOf(fd));
  t.is(conduit.name, `fd ${fd}`);
  closeSync(fd);
  t.true(isOpen(conduit.fd));
});

test("closing what fromFd made leaves the caller's number open", (t) => {
  const [one] = pair(t);
  const conduit = Conduit.fromFd(one.fd, { name: 'mine' });
  t.is(conduit.name, 'mine');
  const { fd } = conduit;
  conduit.close();
  t.false(isOpen(fd));
  t.true(isOpen(one.fd));
});

test('fromFile works on a duplicate of what the FileHandle has', async (t) => {
  const file = await socketAs(t, (conduit) => conduit.receiveFile());
  const conduit = Conduit.fromFile(file);
  t.is(conduit.name, `FileHandle ${file.fd}`);
  t.is(inodeOf(conduit.fd), inodeOf(file.fd));
  conduit.close();
  t.true((await file.stat()).isSocket());
  await file.close();
  t.is(thrown(t, () => Conduit.fromFile(file), 'NoFD').code, 'ERR_NO_FD');
});

test('a number that is not open is BadClone at once', (t) => {
  const error = thrown(t, () => Conduit.fromFd(1_000_000), 'BadClone');
  t.like(error, { code: 'EBADF', errno: -9, syscall: 'fcntl', name: 'ConduitError' });
});

test('a number that is no socket shows at the first call, in both directions', async (t) => {
  const fd = openFd();
  using conduit = Conduit.fromFd(fd);
  const passed = openFd();
  const sending = await rejection(t, conduit.transferFd(passed), 'FailedTransfer');
  t.like(sending, { code: 'ENOTSOCK', syscall: 'sendmsg', bytesWritten: 0, descriptorsSent: 0 });
  t.is(sending.errno, -88);
  t.true(isOpen(passed));
  const receiving = await rejection(t, conduit.receive(), 'FailedTransfer');
  t.like(receiving, { code: 'ENOTSOCK', syscall: 'recvmsg' });
  closeSync(passed);
  closeSync(fd);
});

test('closing twice is fine, and every call after it is Closed', async (t) => {
  const [one] = pair(t);
  t.false(one.isClosed);
  one.close();
  one.close();
  one[Symbol.dispose]();
  await one[Symbol.asyncDispose]();
  t.true(one.isClosed);
  const fd = openFd();
  for (const call of [
    one.transferFd(fd),
    one.transfer(fd),
    one.receive(),
    one.receiveFd(),
    one.receiveFile(),
    one.receiveSocket(),
    one[Symbol.asyncIterator]().next(),
  ]) {
    t.is((await rejection(t, call, 'Closed')).code, 'EBADF');
  }
  t.true(isOpen(fd));
  closeSync(fd);
  t.is(one.unref().ref(), one);
});

test('closing rejects the calls that wait in it with Closed', async (t) => {
  const [one] = pair(t);
  const calls = [one.receive(), one.receiveFile(), one.receiveSocket(), one.receiveFd()];
  one.close();
  for (const call of calls) {
    await rejection(t, call, 'Closed');
  }
});

test('using and await using close', async (t) => {
  const fds: number[] = [];
  {
    using one = Conduit.fromFd(pair(t)[0].fd);
    await using other = Conduit.fromFd(one.fd);
    fds.push(one.fd, other.fd);
  }
  t.deepEqual(fds.map(isOpen), [false, false]);
});

test('import and require share one instance of everything', async (t) => {
  const required = require('fd-conduit') as typeof imported;
  const dynamic = await import('fd-conduit');
  for (const module of [required, dynamic]) {
    t.is(module.Conduit, Conduit);
    t.is(module.Descriptor, Descriptor);
    t.is(module.isConduitError, imported.isConduitError);
  }
});

/** One end of a connection as what the other end of a pair receives it as. */
async function socketAs<T>(
  t: ExecutionContext,
  receive: (conduit: Conduit) => Promise<T>,
): Promise<T> {
  const [one, other] = pair(t);
  const { socket } = await mixedPair(t);
  await one.transferSocket(socket);
  return receive(other);
}
