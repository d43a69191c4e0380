import { closeSync, openSync, readFileSync } from 'node:fs';
import { setImmediate as turn } from 'node:timers/promises';
import test, { type ExecutionContext } from 'ava';
import { closeDescriptors, Descriptor, type Message, socketPair, UnixServer } from 'fd-conduit';
import { openFd } from '../support/conduits.js';
import { exactly, isOpen, openDescriptors } from '../support/descriptors.js';
import { TEXT, temporaryFile } from '../support/files.js';
import { ends } from '../support/sockets.js';

/** A message that brought so many descriptors of one file. */
async function messageWith(t: ExecutionContext, count: number): Promise<Message> {
  const [one, other] = ends(t);
  const fd = openFd(temporaryFile(t));
  await one.write(Buffer.from('x'), { descriptors: Array(count).fill(fd) });
  closeSync(fd);
  const message = await other.read(new Uint8Array(1), { maxDescriptors: 253 });
  one.close();
  other.close();
  return message;
}

/** Collects garbage until the descriptors are as `wanted`, or for a hundred turns. */
async function collected(wanted: readonly string[]): Promise<string[]> {
  for (let tries = 0; tries < 100 && openDescriptors().join() !== wanted.join(); tries += 1) {
    global.gc?.();
    await turn();
  }
  return openDescriptors();
}

test('descriptors are taken once, each by an owner of its own', async (t) => {
  await exactly(t, async () => {
    const message = await messageWith(t, 3);
    t.is(message.count, 3);
    const { descriptors } = message;
    t.is(message.descriptors, descriptors);
    t.is(message.count, 0);
    t.deepEqual(message.extract(), []);
    message.close();
    t.deepEqual(
      descriptors.map(({ kind }) => kind),
      ['file', 'file', 'file'],
    );
    closeDescriptors(descriptors);
    t.true(descriptors.every(({ isClosed }) => isClosed));
  });
});

test('fds shows the numbers that wait to be taken, and leaves them with the message', async (t) => {
  await exactly(t, async () => {
    const message = await messageWith(t, 3);
    const fds = [...message.fds];
    t.is(fds.length, 3);
    t.true(fds.every(isOpen));
    t.deepEqual(message.fds, fds);
    message.close();
    t.deepEqual(message.fds, []);
    t.false(fds.some(isOpen));
  });
});

test('extract gives bare numbers, which are the caller’s', async (t) => {
  await exactly(t, async () => {
    const message = await messageWith(t, 2);
    const numbers = message.extract();
    t.deepEqual(message.descriptors, []);
    message.close();
    t.true(numbers.every(isOpen));
    t.is(readFileSync(numbers[0] as number, 'utf8'), TEXT);
    for (const fd of numbers) {
      closeSync(fd);
    }
  });
});

test('close closes what was not taken, and twice is fine', async (t) => {
  await exactly(t, async () => {
    const message = await messageWith(t, 253);
    t.is(message.count, 253);
    message.close();
    message.close();
    t.is(message.count, 0);
    t.deepEqual(message.descriptors, []);
    {
      using disposed = await messageWith(t, 5);
      t.is(disposed.count, 5);
    }
  });
});

test('what is neither taken nor closed is closed when the message is collected', async (t) => {
  const before = openDescriptors();
  const forget = async (): Promise<void> => {
    const message = await messageWith(t, 20);
    t.is(message.count, 20);
  };
  await forget();
  t.deepEqual(await collected(before), before);
});

test('descriptors that were taken and forgotten are closed when they are collected', async (t) => {
  const before = openDescriptors();
  const forget = async (): Promise<void> => {
    t.is((await messageWith(t, 20)).descriptors.length, 20);
  };
  await forget();
  t.deepEqual(await collected(before), before);
});

test('sockets and servers that are forgotten are closed when they are collected', async (t) => {
  const before = openDescriptors();
  const forget = async (): Promise<void> => {
    const [one, other] = socketPair();
    await one.write(Buffer.from('x'));
    await other.read(new Uint8Array(1));
    UnixServer.adopt(UnixServer.bindAndListen(`\0${t.title}`).release());
  };
  await forget();
  t.deepEqual(await collected(before), before);
});

test('closeDescriptors closes a list with gaps, with empty ones and with one twice', async (t) => {
  await exactly(t, async () => {
    const list = Array.from({ length: 10 }, () => Descriptor.adopt(openFd()));
    const [first, second] = list as [Descriptor, Descriptor];
    first.close();
    const given = second.release();
    closeDescriptors([...list, ...list]);
    t.true(list.every(({ isClosed }) => isClosed));
    t.true(isOpen(given));
    closeSync(given);
    closeDescriptors([]);
    closeDescriptors(new Set(list));
  });
});

test('closeDescriptors closes nothing where one is no Descriptor', (t) => {
  const descriptor = Descriptor.adopt(openSync('/dev/null', 'r'));
  const wrong = [descriptor, descriptor.fd] as unknown as Descriptor[];
  t.throws(() => closeDescriptors(wrong), { code: 'ERR_INVALID_ARG_TYPE' });
  t.false(descriptor.isClosed);
  descriptor.close();
});
