import { closeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import test from 'ava';
import { Conduit, type ConduitError, closeDescriptors, Descriptor, putEach } from 'fd-conduit';
import { openFd, pair } from '../support/conduits.js';
import { exactly, isOpen } from '../support/descriptors.js';
import { rejection } from '../support/errors.js';
import { fillSlots, freeSlots } from '../support/slots.js';

const MOST = 253;

/** Puts descriptors until the socket takes no more, and makes room for some of the next list. */
async function fillButSome(here: Conduit, there: Conduit): Promise<void> {
  let error: ConduitError | undefined;
  while (error === undefined) {
    error = await putEach(here, new Array(MOST).fill(0), { timeoutMs: 20 }).catch((e) => e);
  }
  (await there.receiveBatch({ max: 100 })).close();
}

function owners(count = MOST): Descriptor[] {
  return Array.from({ length: count }, () => Descriptor.adopt(openFd()));
}

test('a list whose conduit is closed in its middle tells how many have left', async (t) => {
  await exactly(t, async () => {
    const [here, there] = Conduit.pair();
    await fillButSome(here, there);
    const list = owners();
    const transferring = rejection(t, here.transferEach(list), 'Closed');
    await new Promise(setImmediate);
    here.close();
    const { descriptorsSent } = await transferring;
    const left = list.filter(({ isClosed }) => isClosed).length;
    t.true(left > 0 && left < MOST);
    t.is(descriptorsSent, left);
    closeDescriptors(list);
    there.close();
  });
});

test('so does a list that is put', async (t) => {
  const [here, there] = pair(t);
  await fillButSome(here, there);
  const putting = rejection(t, putEach(here, new Array(MOST).fill(0)), 'Closed');
  await new Promise(setImmediate);
  here.close();
  const { descriptorsSent = 0 } = await putting;
  t.true(descriptorsSent > 0 && descriptorsSent < MOST);
});

test('a list that had to wait without a free slot tells how many have left', async (t) => {
  const [here, there] = pair(t);
  await fillButSome(here, there);
  const list = owners();
  const filled = fillSlots(2);
  const error = await rejection(t, here.transferEach(list), 'BadClone').finally(() => {
    freeSlots(filled);
  });
  const left = list.filter(({ isClosed }) => isClosed).length;
  t.true(left > 0 && left < MOST);
  t.like(error, { code: 'EMFILE', descriptorsSent: left });
  closeDescriptors(list);
});

test('a list that failed to close what has left tells how many that are', async (t) => {
  const [here, there] = pair(t);
  const [fd, file] = [openFd(), await open('/dev/null')];
  const close = file.close.bind(file);
  file.close = () => Promise.reject(new Error('on purpose'));
  const error = await rejection(t, here.transferEach([fd, file]), 'FailedClose');
  t.is(error.descriptorsSent, 2);
  t.false(isOpen(fd));
  (await there.receiveBatch()).close();
  await close();
});

test('a number that is in a list twice is refused, as the second closing would hit a stranger', async (t) => {
  const [here, there] = pair(t);
  const [fd, other] = [openFd(), openFd()];
  await rejection(t, here.transferEach([fd, other, fd]), 'InvalidArgument');
  t.deepEqual([isOpen(fd), isOpen(other)], [true, true]);
  await putEach(here, [fd, other, fd]);
  const batch = await there.receiveBatch();
  t.is(batch.count, 3);
  batch.close();
  closeSync(fd);
  closeSync(other);
});

test('a list that is refused at once has sent nothing', async (t) => {
  const [here] = pair(t);
  const [fd, empty] = [openFd(), Descriptor.adopt(openFd())];
  empty.close();
  t.is((await rejection(t, here.transferEach([fd, empty]), 'NoFD')).descriptorsSent, undefined);
  t.is((await rejection(t, putEach(here, [fd, empty]), 'NoFD')).descriptorsSent, undefined);
  closeSync(fd);
});
