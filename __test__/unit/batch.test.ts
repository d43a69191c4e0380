import { closeSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { Conduit, closeDescriptors, type DescriptorList, get, put, putEach } from 'fd-conduit';
import { openFd, pair, textOfDescriptor } from '../support/conduits.js';
import { exactly, isOpen } from '../support/descriptors.js';
import { rejection } from '../support/errors.js';
import { temporaryFile } from '../support/files.js';
import { sendOddMessage } from '../support/odd-message.js';

const MOST = 253;

test('transferEach sends each in a message of its own, in order, and closes all here', async (t) => {
  const [here, there] = pair(t);
  await exactly(t, async () => {
    const fds = ['one', 'two', 'three'].map((text) => openFd(temporaryFile(t, text)));
    await here.transferEach(fds);
    t.deepEqual(fds.map(isOpen), [false, false, false]);
    t.is(textOfDescriptor(await there.receive()), 'one');
    const rest = await there.receiveBatch();
    t.deepEqual([...rest].map(textOfDescriptor), ['two', 'three']);
  });
});

test('receiveBatch takes what waits, and no more than max', async (t) => {
  const [here, there] = pair(t);
  await here.transferEach(Array.from({ length: 5 }, () => openFd()));
  const first = await there.receiveBatch({ max: 3 });
  const second = await there.receiveBatch({ max: 3 });
  t.deepEqual([first.count, second.count], [3, 2]);
  closeDescriptors([...first, ...second]);
});

test('a batch is closed whole, taken as owners, or given away as numbers', async (t) => {
  const [here, there] = pair(t);
  await exactly(t, async () => {
    const fds = Array.from({ length: 9 }, () => openFd());
    await putEach(here, fds);
    fds.forEach((fd) => {
      closeSync(fd);
    });
    const whole = await there.receiveBatch({ max: 3 });
    const numbers = whole.fds;
    t.true(numbers.every(isOpen));
    whole.close();
    whole.close();
    t.deepEqual([numbers.some(isOpen), whole.count, [...whole]], [false, 0, []]);
    const owners = await there.receiveBatch({ max: 3 });
    t.deepEqual(
      [...owners].map(({ kind }) => kind),
      ['character-device', 'character-device', 'character-device'],
    );
    t.deepEqual([...owners], owners.descriptors);
    owners.close();
    t.true(owners.descriptors.every(({ fd }) => isOpen(fd)));
    closeDescriptors(owners);
    const given = (await there.receiveBatch({ max: 3 })).extract();
    t.true(given.every(isOpen));
    given.forEach((fd) => {
      closeSync(fd);
    });
  });
});

test('a batch that waits comes with its first message, and gives up at its deadline', async (t) => {
  const [here, there] = pair(t);
  await rejection(t, there.receiveBatch({ timeoutMs: 10 }), 'Timeout');
  const waiting = there.receiveBatch();
  await here.transferFd(openFd());
  closeDescriptors(await waiting);
});

test('more than the socket takes waits for the receiver, and arrives in order', async (t) => {
  const [here, there] = pair(t);
  await exactly(t, async () => {
    const texts = Array.from({ length: 2 * MOST }, (_, index) => `${index % 7}`);
    const files = texts.slice(0, 7).map((text) => temporaryFile(t, text));
    const open = (from: number): number[] =>
      Array.from({ length: MOST }, (_, index) => openFd(files[(from + index) % 7]));
    const sent = Promise.all([here.transferEach(open(0)), here.transferEach(open(MOST))]);
    const got: string[] = [];
    for await (const batch of there.batches({ max: 16 })) {
      got.push(...[...batch].map(textOfDescriptor));
      if (got.length === texts.length) {
        break;
      }
    }
    await sent;
    t.deepEqual(got, texts);
  });
});

test('a message that is no single descriptor ends a batch, and is told by the next call', async (t) => {
  const [here, there] = pair(t);
  await exactly(t, async () => {
    await here.transferFd(openFd());
    sendOddMessage(here, 'x', [2]);
    await here.transferFd(openFd());
    sendOddMessage(here, 'y', []);
    t.is(await there.receiveBatch().then(closed), 1);
    const error = await rejection(t, there.receiveBatch(), 'BadCtrlMesg');
    t.like(error, { reason: 'too-many', descriptorsReceived: 2 });
    t.is(await there.receiveBatch().then(closed), 1);
    t.is((await rejection(t, there.receive(), 'BadCtrlMesg')).reason, 'none');
  });
});

test('messages behind an odd one come whole and in order, however they are received', async (t) => {
  await exactly(t, async () => {
    const [here, there] = Conduit.pair();
    await transferTexts(t, here, ['a', 'b']);
    sendOddMessage(here, 'x', [2]);
    await transferTexts(t, here, ['c', 'd', 'e']);
    here.close();
    t.deepEqual([...(await there.receiveBatch())].map(textOfDescriptor), ['a', 'b']);
    await rejection(t, there.receiveBatch(), 'BadCtrlMesg');
    t.is(textOfDescriptor(await there.receive()), 'c');
    const rest = await there.receiveBatch();
    const last = rest.count === 2 ? rest : await there.receiveBatch();
    t.is([...last].map(textOfDescriptor).at(-1), 'e');
    for (const descriptor of rest) {
      descriptor.close();
    }
    await rejection(t, there.receiveBatch(), 'EndOfStream');
    await rejection(t, there.receive(), 'EndOfStream');
    there.close();
  });
});

test('a conduit that holds messages of a batch is not transferred before they are received', async (t) => {
  const [here, there] = pair(t);
  const [other, far] = pair(t);
  await transferTexts(t, here, ['a']);
  sendOddMessage(here, 'x', []);
  await transferTexts(t, here, ['b', 'c']);
  (await there.receiveBatch()).close();
  t.is((await rejection(t, other.transfer(there), 'UnreadData')).bytes, 3);
  await rejection(t, there.receive(), 'BadCtrlMesg');
  t.is(textOfDescriptor(await there.receive()), 'b');
  t.is(textOfDescriptor(await there.receive()), 'c');
  await other.transfer(there);
  (await far.receive()).close();
});

test('batches end where the peer closes', async (t) => {
  const [here, there] = pair(t);
  await here.transferEach([openFd(), openFd()]);
  here.close();
  let count = 0;
  for await (const batch of there.batches()) {
    count += closed(batch);
  }
  t.is(count, 2);
  await rejection(t, there.receiveBatch(), 'EndOfStream');
});

test('what was not sent of a list stays open, and the error tells how many were', async (t) => {
  const [here, there] = pair(t);
  const [first, last] = [openFd(), openFd()];
  const gone = openFd(temporaryFile(t, 'gone'));
  closeSync(gone);
  const error = await rejection(t, here.transferEach([first, gone, last]), 'FailedTransfer');
  t.like(error, { code: 'EBADF', descriptorsSent: 1 });
  t.deepEqual([isOpen(first), isOpen(last)], [false, true]);
  closeDescriptors(await there.receiveBatch());
  await here.transferFd(last);
  (await there.receive()).close();
});

test('an aborted list leaves what was not sent open, and the conduit usable', async (t) => {
  const [here, there] = pair(t);
  await exactly(t, async () => {
    const controller = new AbortController();
    const lists = Array.from({ length: 8 }, () => Array.from({ length: MOST }, () => openFd()));
    const calls = lists.map((list) => here.transferEach(list, { signal: controller.signal }));
    const outcomes = Promise.allSettled(calls);
    await new Promise(setImmediate);
    controller.abort();
    const sent = (await outcomes).map((outcome) =>
      outcome.status === 'fulfilled' ? MOST : (outcome.reason.descriptorsSent as number),
    );
    const total = sent.reduce((sum, count) => sum + count, 0);
    t.true(total < 8 * MOST);
    lists.forEach((list, index) => {
      t.deepEqual(
        list.map(isOpen),
        list.map((_, place) => place >= (sent[index] ?? 0)),
      );
      for (const fd of list.slice(sent[index])) {
        closeSync(fd);
      }
    });
    let received = 0;
    while (received < total) {
      received += closed(await there.receiveBatch());
    }
    t.is(received, total);
  });
});

test('closing closes what came behind a message of another kind too', async (t) => {
  await exactly(t, async () => {
    const [here, there] = Conduit.pair();
    await here.transferEach([openFd()]);
    await put(here, [0, 0]);
    await putEach(here, new Array(20).fill(0));
    t.is(closed(await there.receiveBatch()), 1);
    here.close();
    there.close();
  });
});

test('what came with a batch is received by all that wait, however many', async (t) => {
  const MANY = 60;
  const [here, there] = pair(t);
  const first = Array.from({ length: MANY }, () => there.receive());
  const batch = there.receiveBatch();
  const rest = Array.from({ length: MANY }, () => there.receive());
  await putEach(here, new Array(MANY).fill(0));
  await put(here, [0, 0]);
  await putEach(here, new Array(MANY).fill(0));
  await rejection(t, batch, 'BadCtrlMesg');
  closeDescriptors(await Promise.all([...first, ...rest]));
});

test('a peer that closes with something unread is told after what it had sent', async (t) => {
  const [here, there] = pair(t);
  await putEach(here, new Array(10).fill(0));
  await put(there, [0]);
  here.close();
  t.is(closed(await there.receiveBatch()), 10);
  t.is((await rejection(t, there.receiveBatch(), 'FailedTransfer')).code, 'ECONNRESET');
  await rejection(t, there.receiveBatch(), 'EndOfStream');
});

test('putEach keeps what it sends', async (t) => {
  const [here, there] = pair(t);
  await exactly(t, async () => {
    const fd = openFd(temporaryFile(t, 'kept'));
    await putEach(here, [fd, fd]);
    const [first] = await get(there, 1);
    t.is(await first?.readFile('utf8'), 'kept');
    await first?.close();
    (await there.receive()).close();
    t.true(isOpen(fd));
    closeSync(fd);
  });
});

test('lists are arrays of at most 253, and max is from 1 to 253', async (t) => {
  const [here, there] = pair(t);
  await rejection(t, here.transferEach('x' as never), 'InvalidArgument');
  await rejection(t, here.transferEach(new Array(MOST + 1).fill(0)), 'InvalidArgument');
  await rejection(t, putEach(here, new Array(MOST + 1).fill(0)), 'InvalidArgument');
  for (const max of [0, -1, MOST + 1, 1.5, Number.NaN, '3']) {
    await rejection(t, there.receiveBatch({ max: max as number }), 'InvalidArgument');
  }
  await here.transferEach([]);
});

/** Transfers files that hold so much each. */
async function transferTexts(t: ExecutionContext, via: Conduit, texts: string[]): Promise<void> {
  const fds = texts.map((text) => openFd(temporaryFile(t, text)));
  await via.transferEach(fds);
}

function closed(batch: DescriptorList): number {
  const { count } = batch;
  batch.close();
  return count;
}
