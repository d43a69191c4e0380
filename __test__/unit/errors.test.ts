import { closeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { createContext, runInContext } from 'node:vm';
import test from 'ava';
import { Conduit, Descriptor, isConduitError } from 'fd-conduit';
import { fill, openFd, pair, textOfDescriptor } from '../support/conduits.js';
import { exactly, isOpen } from '../support/descriptors.js';
import { rejection, thrown } from '../support/errors.js';
import { temporaryFile } from '../support/files.js';
import { sendOddMessage } from '../support/odd-message.js';
import { startRemote } from '../support/remote.js';

test('a peer that is gone is FailedTransfer with EPIPE, and what was passed is as before', async (t) => {
  const { conduit, remote } = await startRemote(t);
  await remote.end();
  const fd = openFd();
  const file = await open('/dev/null');
  const descriptor = Descriptor.adopt(openFd());
  for (const what of [fd, file, descriptor]) {
    const error = await rejection(t, conduit.transfer(what), 'FailedTransfer');
    t.like(error, { code: 'EPIPE', errno: -32, syscall: 'sendmsg', name: 'ConduitError' });
    t.like(error, { bytesWritten: 0, descriptorsSent: 0 });
    t.regex(error.message, /broken pipe/);
  }
  t.true(isOpen(fd));
  t.true(isOpen(file.fd));
  t.true(isOpen(descriptor.fd));
  t.false(descriptor.isClosed);
  closeSync(fd);
  await file.close();
  descriptor.close();
});

test('a number that is not open is FailedTransfer with EBADF', async (t) => {
  const [one] = pair(t);
  const error = await rejection(t, one.transferFd(1_000_000), 'FailedTransfer');
  t.like(error, { code: 'EBADF', errno: -9, syscall: 'sendmsg' });
});

for (const [name, payload, descriptors, fields] of [
  ['data without a control message', 'x', [], { reason: 'none', descriptorsReceived: 0 }],
  ['two descriptors in a message', 'x', [2], { reason: 'too-many', descriptorsReceived: 2 }],
  ['two control messages', 'x', [1, 1], { reason: 'too-many', descriptorsReceived: 2 }],
  ['the most in a message', 'x', [253], { reason: 'too-many', descriptorsReceived: 253 }],
] as const) {
  test(`${name} is BadCtrlMesg, and all that came is closed`, async (t) => {
    const [one, other] = pair(t);
    for (const receive of ['receive', 'receiveFd', 'receiveFile', 'receiveSocket'] as const) {
      await exactly(t, async () => {
        sendOddMessage(one, payload, descriptors);
        const error = await rejection(t, other[receive](), 'BadCtrlMesg');
        t.like(error, { code: 'ERR_BAD_CTRL_MESG', bytesRead: 1, ...fields });
      });
    }
    await one.transferFd(openFd(temporaryFile(t, 'next')));
    t.is(textOfDescriptor(await other.receive()), 'next');
  });
}

test('any filler byte is accepted, and one byte is read with each descriptor', async (t) => {
  const [one, other] = pair(t);
  for (const filler of ['\0', 'x', '\u007f']) {
    sendOddMessage(one, filler, [1]);
    using received = await other.receive();
    t.true(isOpen(received.fd));
  }
  sendOddMessage(one, 'xyz', [1]);
  (await other.receive()).close();
  for (let rest = 0; rest < 2; rest += 1) {
    t.is((await rejection(t, other.receive(), 'BadCtrlMesg')).bytesRead, 1);
  }
});

test('plain bytes before a descriptor do not take it along', async (t) => {
  const [one, other] = pair(t);
  sendOddMessage(one, 'ab', []);
  sendOddMessage(one, 'c', [1]);
  for (let plain = 0; plain < 2; plain += 1) {
    t.is((await rejection(t, other.receive(), 'BadCtrlMesg')).reason, 'none');
  }
  (await other.receive()).close();
});

test('a FileHandle that was closed behind its back is FailedClose once its duplicate has left', async (t) => {
  const [one, other] = pair(t);
  const full = await fill(one);
  const file = await open(temporaryFile(t, 'left'));
  const transfer = one.transferFile(file);
  const { fd } = file;
  closeSync(fd);
  await full.drain(other);
  const error = await rejection(t, transfer, 'FailedClose');
  t.like(error, { code: 'EBADF', errno: -9, syscall: 'close' });
  t.regex(error.message, /has left/);
  t.true(error.cause instanceof Error);
  t.is(textOfDescriptor(await other.receive()), 'left');
});

test('a Descriptor whose number was closed behind its back is FailedClose', async (t) => {
  const descriptor = Descriptor.adopt(openFd());
  closeSync(descriptor.fd);
  const error = thrown(t, () => descriptor.close(), 'FailedClose');
  t.like(error, { code: 'EBADF', errno: -9, syscall: 'close' });
  t.true(descriptor.isClosed);
  t.notThrows(() => descriptor.close());
});

test('an empty Descriptor and a closed FileHandle are NoFD', async (t) => {
  const [one] = pair(t);
  const descriptor = Descriptor.adopt(openFd());
  descriptor.close();
  t.is((await rejection(t, one.transfer(descriptor), 'NoFD')).code, 'ERR_NO_FD');
  const file = await open(temporaryFile(t));
  await file.close();
  t.is((await rejection(t, one.transferFile(file), 'NoFD')).code, 'ERR_NO_FD');
  for (const empty of [() => descriptor.release(), () => descriptor.toNetSocket()]) {
    t.is(thrown(t, empty, 'Closed').code, 'EBADF');
  }
  await rejection(t, descriptor.toFileHandle(), 'Closed');
  await rejection(t, descriptor.toNetServer(), 'Closed');
});

test('the type and the fields are of the error itself, and the stack begins at the caller', async (t) => {
  const [one] = pair(t);
  const error = await rejection(t, one.transferFd(1_000_000), 'FailedTransfer');
  t.deepEqual(
    { ...error },
    {
      type: 'FailedTransfer',
      code: 'EBADF',
      errno: -9,
      syscall: 'sendmsg',
      bytesWritten: 0,
      descriptorsSent: 0,
    },
  );
  t.true(error instanceof Error);
  t.is(Object.prototype.toString.call(error), '[object Error]');
  t.regex(thrown(t, () => Conduit.fromFd(-1), 'InvalidArgument').stack ?? '', /errors\.test/);
});

test('isConduitError knows its own of another copy and realm, and nothing else', (t) => {
  const copy = require.resolve('fd-conduit');
  const cached = Object.keys(require.cache).filter((path) => path.includes('/dist/'));
  const saved = cached.map((path) => [path, require.cache[path]] as const);
  for (const path of cached) {
    delete require.cache[path];
  }
  const second = require(copy) as typeof import('fd-conduit');
  for (const [path, module] of saved) {
    require.cache[path] = module;
  }
  t.not(second.Conduit, Conduit);
  const foreign = t.throws(() => second.Conduit.fromFd(-1)) as unknown;
  t.true(isConduitError(foreign));
  const branded = "Object.assign(new Error(), { [Symbol.for('fd-conduit.error')]: true })";
  t.true(isConduitError(runInContext(branded, createContext())));
  for (const other of [undefined, null, 'EPIPE', 5, {}, new Error('EPIPE'), { type: 'Closed' }]) {
    t.false(isConduitError(other));
  }
});
