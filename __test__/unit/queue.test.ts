import { closeSync } from 'node:fs';
import test from 'ava';
import { Conduit, Descriptor } from 'fd-conduit';
import { fill, openFd, pair, textOfDescriptor } from '../support/conduits.js';
import { exactly, inodeOf, isOpen, openDescriptors } from '../support/descriptors.js';
import { rejection } from '../support/errors.js';
import { temporaryFile } from '../support/files.js';

const MANY = 10_000;

test('several calls at once keep their order, in both directions', async (t) => {
  const [one, other] = pair(t);
  const received = [
    other.receive().then(textOfDescriptor),
    other.receiveFile().then(async (file) => {
      const text = await file.readFile('utf8');
      await file.close();
      return text;
    }),
    other.receive().then(textOfDescriptor),
    other.receiveFd().then((fd) => textOfDescriptor(Descriptor.adopt(fd))),
  ];
  const names = ['first', 'second', 'third', 'fourth'];
  await Promise.all(names.map((name) => one.transferFd(openFd(temporaryFile(t, name)))));
  t.deepEqual(await Promise.all(received), names);
});

test('transfers that wait keep their order', async (t) => {
  const [one, other] = pair(t);
  const full = await fill(one);
  const names = Array.from({ length: 200 }, (_, index) => `${index}`);
  const transfers = names.map((name) => one.transferFd(openFd(temporaryFile(t, name))));
  await full.drain(other);
  for (const name of names) {
    t.is(textOfDescriptor(await other.receive()), name);
  }
  await Promise.all(transfers);
});

test('a transfer that waits holds a duplicate: the right file arrives, and the reused number stays open', async (t) => {
  const [one, other] = pair(t);
  const full = await fill(one);
  const fd = openFd(temporaryFile(t, 'the right file'));
  const transfer = one.transferFd(fd);
  closeSync(fd);
  const stranger = openFd(temporaryFile(t, 'a stranger'));
  t.is(stranger, fd);
  const inode = inodeOf(stranger);
  await full.drain(other);
  await transfer;
  t.is(textOfDescriptor(await other.receive()), 'the right file');
  t.is(inodeOf(stranger), inode);
  closeSync(stranger);
});

test('a transfer that waited closes the number that is still the same file', async (t) => {
  const [one, other] = pair(t);
  await exactly(t, async () => {
    const full = await fill(one);
    const fd = openFd();
    const transfer = one.transferFd(fd);
    t.true(isOpen(fd));
    await full.drain(other);
    await transfer;
    t.false(isOpen(fd));
    (await other.receive()).close();
  });
});

test('ten thousand queued transfers starve neither the process nor another conduit', async (t) => {
  await exactly(t, async () => {
    const [one, other] = Conduit.pair();
    const full = await fill(one);
    const fd = openFd();
    const before = openDescriptors().length;
    const transfers = Array.from({ length: MANY }, () => one.transferFd(fd));
    t.true(openDescriptors().length - before < 100);
    const [here, there] = Conduit.pair();
    await here.transferFd(openFd(temporaryFile(t, 'by the way')));
    t.is(textOfDescriptor(await there.receive()), 'by the way');
    for (const end of [one, other, here, there]) {
      end.close();
    }
    const outcomes = await Promise.allSettled(transfers);
    t.true(outcomes.every(({ status }) => status === 'rejected'));
    for (const kept of [fd, full.fd]) {
      t.true(isOpen(kept));
      closeSync(kept);
    }
  });
});

test('closing ends what waits with Closed, and gives back every duplicate', async (t) => {
  await exactly(t, async () => {
    const [one, other] = Conduit.pair();
    const full = await fill(one);
    const fds = Array.from({ length: 100 }, () => openFd());
    const transfers = fds.map((fd) => one.transferFd(fd));
    one.close();
    for (const transfer of transfers) {
      await rejection(t, transfer, 'Closed');
    }
    other.close();
    for (const fd of [full.fd, ...fds]) {
      t.true(isOpen(fd));
      closeSync(fd);
    }
  });
});

test('one of those that wait can be given up, and the others keep their order', async (t) => {
  const [one, other] = pair(t);
  const full = await fill(one);
  const controller = new AbortController();
  const { signal } = controller;
  const fds = ['a', 'b', 'c'].map((name) => openFd(temporaryFile(t, name)));
  const [a, b, c] = fds.map((fd, index) => one.transferFd(fd, index === 1 ? { signal } : {}));
  controller.abort();
  await rejection(t, Promise.resolve(b), 'Aborted');
  await full.drain(other);
  await Promise.all([a, c]);
  t.is(textOfDescriptor(await other.receive()), 'a');
  t.is(textOfDescriptor(await other.receive()), 'c');
  t.deepEqual(fds.map(isOpen), [false, true, false]);
  closeSync(fds[1] as number);
});

test('a peer that goes while transfers wait is EPIPE for each', async (t) => {
  const [one, other] = Conduit.pair();
  const full = await fill(one);
  const fd = openFd();
  const transfers = [one.transferFd(fd), one.transferFd(fd)];
  other.close();
  for (const transfer of transfers) {
    t.is((await rejection(t, transfer, 'FailedTransfer')).code, 'EPIPE');
  }
  one.close();
  closeSync(fd);
  closeSync(full.fd);
});

test('a call that is made as soon as another one is over is woken too', async (t) => {
  const [one, other] = pair(t);
  const full = await fill(one);
  const transfer = one.transferFd(openFd());
  const received = transfer.then(() => one.receive({ timeoutMs: 20_000 }));
  await full.drain(other);
  await transfer;
  await other.transferFd(openFd(temporaryFile(t, 'in the other direction')));
  t.is(textOfDescriptor(await received), 'in the other direction');
});
