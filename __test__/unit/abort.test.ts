import { getEventListeners } from 'node:events';
import { closeSync } from 'node:fs';
import test from 'ava';
import { Conduit } from 'fd-conduit';
import { fill, openFd, pair, textOfDescriptor } from '../support/conduits.js';
import { exactly, isOpen } from '../support/descriptors.js';
import { rejection } from '../support/errors.js';
import { temporaryFile } from '../support/files.js';
import { startRemote } from '../support/remote.js';
import { socketPath } from '../support/unix.js';

const RECEIVERS = ['receive', 'receiveFd', 'receiveFile', 'receiveSocket'] as const;

test('a signal that was aborted before is Aborted, and nothing is sent or received', async (t) => {
  const [one, other] = pair(t);
  const reason = new Error('not today');
  const signal = AbortSignal.abort(reason);
  const fd = openFd();
  const error = await rejection(t, one.transferFd(fd, { signal }), 'Aborted');
  t.like(error, { name: 'AbortError', code: 'ABORT_ERR', bytesWritten: 0, descriptorsSent: 0 });
  t.is(error.cause, reason);
  await one.transferFd(openFd(temporaryFile(t, 'kept')));
  for (const receive of RECEIVERS) {
    t.is((await rejection(t, other[receive]({ signal }), 'Aborted')).cause, reason);
  }
  t.is(textOfDescriptor(await other.receive()), 'kept');
  t.true(isOpen(fd));
  closeSync(fd);
});

for (const receive of RECEIVERS) {
  test(`${receive} that is aborted while it waits leaves the next message to the next call`, async (t) => {
    const { conduit, remote } = await startRemote(t);
    const path = temporaryFile(t, 'for the next');
    await exactly(t, async () => {
      const controller = new AbortController();
      const call = conduit[receive]({ signal: controller.signal });
      await new Promise(setImmediate);
      controller.abort();
      const error = await rejection(t, call, 'Aborted');
      t.like(error, { name: 'AbortError', code: 'ABORT_ERR' });
      t.is((error.cause as Error).name, 'AbortError');
      await remote.call('transferFd', path, 0);
      t.is(textOfDescriptor(await conduit.receive()), 'for the next');
      t.is(getEventListeners(controller.signal, 'abort').length, 0);
    });
  });

  test(`${receive} whose deadline passes leaves the next message to the next call`, async (t) => {
    const { conduit, remote } = await startRemote(t);
    const path = temporaryFile(t, 'for the next');
    await exactly(t, async () => {
      const error = await rejection(t, conduit[receive]({ timeoutMs: 5 }), 'Timeout');
      t.like(error, { code: 'ETIMEDOUT', timeoutMs: 5, bytesWritten: 0, descriptorsSent: 0 });
      await remote.call('transferFd', path, 0);
      t.is(textOfDescriptor(await conduit.receive({ timeoutMs: 60_000 })), 'for the next');
    });
  });
}

test('a transfer that is aborted while it waits is not sent, and its number is as before', async (t) => {
  const [one, other] = pair(t);
  const full = await fill(one);
  const controller = new AbortController();
  const fd = openFd(temporaryFile(t, 'mine'));
  const transfer = one.transferFd(fd, { signal: controller.signal });
  controller.abort('changed my mind');
  t.is((await rejection(t, transfer, 'Aborted')).cause, 'changed my mind');
  t.true(isOpen(fd));
  await full.drain(other);
  await one.transferFd(fd);
  t.is(textOfDescriptor(await other.receive()), 'mine');
});

test('a transfer whose deadline passes is not sent, and gives its duplicate back', async (t) => {
  const [one, other] = pair(t);
  const full = await fill(one);
  const fd = openFd();
  await exactly(t, async () => {
    const error = await rejection(t, one.transferFd(fd, { timeoutMs: 5 }), 'Timeout');
    t.is(error.timeoutMs, 5);
  });
  await full.drain(other);
  one.close();
  await rejection(t, other.receive(), 'EndOfStream');
  closeSync(fd);
});

test('aborting after a call is over changes nothing, and leaves no listener behind', async (t) => {
  const [one, other] = pair(t);
  const controller = new AbortController();
  const { signal } = controller;
  const received = other.receive({ signal });
  await one.transferFd(openFd(temporaryFile(t, 'in time')), { signal });
  const descriptor = await received;
  t.is(getEventListeners(signal, 'abort').length, 0);
  controller.abort();
  t.is(textOfDescriptor(descriptor), 'in time');
});

test('a signal that is aborted as the message comes loses no descriptor', async (t) => {
  const [one, other] = pair(t);
  await exactly(t, async () => {
    for (let round = 0; round < 200; round += 1) {
      const controller = new AbortController();
      const call = other.receive({ signal: controller.signal });
      const transfer = one.transferFd(openFd());
      const abort = () => controller.abort();
      [abort, () => setImmediate(abort), () => queueMicrotask(abort)][round % 3]?.();
      const outcome = await call.catch(() => undefined);
      await transfer;
      (outcome ?? (await other.receive())).close();
    }
  });
});

test('a deadline that setTimeout cannot count is none', async (t) => {
  const [one, other] = pair(t);
  const calls = [2 ** 31, Number.POSITIVE_INFINITY].map((timeoutMs) =>
    other.receive({ timeoutMs }),
  );
  await new Promise((resolve) => setTimeout(resolve, 20));
  for (const call of calls) {
    await one.transferFd(openFd(temporaryFile(t, 'without deadline')));
    t.is(textOfDescriptor(await call), 'without deadline');
  }
});

test('accept is given up by signal and deadline, and the connection waits for the next', async (t) => {
  using server = Conduit.listen(socketPath(t));
  await rejection(t, server.accept({ timeoutMs: 5 }), 'Timeout');
  const controller = new AbortController();
  const call = server.accept({ signal: controller.signal });
  controller.abort();
  await rejection(t, call, 'Aborted');
  using client = await Conduit.connect(server.path);
  using served = await server.accept();
  await client.transferFd(openFd());
  (await served.receive()).close();
});
