// Rows of the table of quirks in docs/reliability.md: what a stream does to its messages.
import { closeSync, readSync } from 'node:fs';
import test from 'ava';
import { Conduit, type UnixSocket } from 'fd-conduit';
import { openFd } from '../support/conduits.js';
import { exactly } from '../support/descriptors.js';
import { rejection } from '../support/errors.js';
import { factOf, testWithFacts } from '../support/facts.js';
import { testWith } from '../support/foreign-programs.js';
import { lending, testOnLinux } from '../support/linux.js';
import { sendOddMessage } from '../support/odd-message.js';
import { ends } from '../support/sockets.js';

const CHUNK = 64;

/** Reads once, and tells the text and how many descriptors came with it; they are closed. */
async function readOnce(socket: UnixSocket, bytes = CHUNK): Promise<[string, number]> {
  const buffer = Buffer.alloc(bytes);
  using message = await socket.read(buffer, { maxDescriptors: 253 });
  return [buffer.toString('utf8', 0, message.bytesRead), message.count];
}

async function writeAll(socket: UnixSocket, messages: [string, number][]): Promise<void> {
  for (const [text, count] of messages) {
    const fds = Array.from({ length: count }, () => openFd());
    await lending(fds, (descriptors) => socket.write(Buffer.from(text), { descriptors }));
  }
}

testWithFacts(
  '1: on a stream, descriptors sent with 0 bytes never arrive, so they are refused',
  async (t) => {
    t.deepEqual(factOf('empty_stream'), { sent: 0, arrived: 0 });
    const [one] = ends(t);
    await lending([openFd()], async (descriptors) => {
      const error = await rejection(
        t,
        one.write(Buffer.alloc(0), { descriptors }),
        'InvalidArgument',
      );
      t.is(error.argument, 'payload');
    });
  },
);

for (const type of ['dgram', 'seqpacket'] as const) {
  testOnLinux(`1: ${type} delivers descriptors with 0 bytes`, async (t) => {
    await exactly(t, async () => {
      const [one, other] = ends(t, type);
      await writeAll(one, [['', 1]]);
      using message = await other.read(Buffer.alloc(CHUNK), { maxDescriptors: 1 });
      t.like(message, { bytesRead: 0, isEnd: false, count: 1 });
      one.close();
      other.close();
    });
  });
}

testOnLinux('11: A, B+fd, C, D+fd are read as AB+1, CD+1', async (t) => {
  const [one, other] = ends(t);
  await writeAll(one, [
    ['A', 0],
    ['B', 1],
    ['C', 0],
    ['D', 1],
  ]);
  t.deepEqual(await readOnce(other), ['AB', 1]);
  t.deepEqual(await readOnce(other), ['CD', 1]);
});

testOnLinux('12: hello+1, world+2 with reads of 2 are he+1, and then lloworld+2', async (t) => {
  const [one, other] = ends(t);
  await writeAll(one, [
    ['hello', 1],
    ['world', 2],
  ]);
  t.deepEqual(await readOnce(other, 2), ['he', 1]);
  t.deepEqual(await readOnce(other), ['lloworld', 2]);
});

testOnLinux(
  '11 and 12: a conduit reads one byte at a time, so every descriptor is told from the next',
  async (t) => {
    const [one, other] = Conduit.pair();
    const fds = Array.from({ length: 10 }, () => openFd());
    await Promise.all(fds.map((fd) => one.transferFd(fd)));
    for (const _ of fds) {
      (await other.receive()).close();
    }
    one.close();
    t.is((await rejection(t, other.receive(), 'EndOfStream')).code, 'ERR_END_OF_STREAM');
    other.close();
  },
);

testWith('python')('13: two SCM_RIGHTS control messages in one send arrive merged', async (t) => {
  const [one, other] = ends(t);
  sendOddMessage(one, 'x', [2, 3]);
  t.deepEqual(await readOnce(other), ['x', 5]);
});

test('14: a partial stream send has sent all its descriptors: they arrive once, before the rest', async (t) => {
  await exactly(t, async () => {
    const [one, other] = ends(t);
    const payload = Buffer.alloc(4 << 20, 'p');
    const fds = [openFd(), openFd()];
    const written = lending(fds, (descriptors) => one.write(payload, { descriptors }));
    const arrived: number[] = [];
    const buffer = Buffer.alloc(1 << 16);
    let bytes = 0;
    while (bytes < payload.length) {
      using message = await other.read(buffer, { maxDescriptors: 253 });
      bytes += message.bytesRead;
      arrived.push(message.count);
    }
    t.is(await written, payload.length);
    t.is(arrived[0], 2);
    t.is(
      arrived.reduce((sum, count) => sum + count),
      2,
    );
    one.close();
    other.close();
  });
});

test('14: EAGAIN has sent no descriptor, so what was given up before a byte left brings none', async (t) => {
  await exactly(t, async () => {
    const [one, other] = ends(t);
    const full = Buffer.alloc(CHUNK);
    let filled = 0;
    for (let sent = one.tryWrite(full); sent !== undefined; sent = one.tryWrite(full)) {
      filled += sent;
    }
    const controller = new AbortController();
    const fd = openFd();
    const { signal } = controller;
    const waiting = one.write(Buffer.from('late'), { descriptors: [fd], signal });
    controller.abort();
    t.like(await rejection(t, waiting, 'Aborted'), { bytesWritten: 0, descriptorsSent: 0 });
    closeSync(fd);
    one.close();
    let bytes = 0;
    for (;;) {
      using message = await other.read(Buffer.alloc(1 << 16), { maxDescriptors: 1 });
      t.is(message.count, 0);
      bytes += message.bytesRead;
      if (message.isEnd) {
        break;
      }
    }
    t.is(bytes, filled);
    other.close();
  });
});

test('15: a plain read of a stream drops and closes the descriptors', async (t) => {
  await exactly(t, async () => {
    const [one, other] = ends(t);
    const [near, far] = ends(t);
    await one.write(Buffer.from('x'), { descriptors: [far] });
    far.close();
    t.is(readSync(other.fd, Buffer.alloc(1)), 1);
    using message = await near.read(Buffer.alloc(1));
    t.true(message.isEnd);
    for (const socket of [one, other, near]) {
      socket.close();
    }
  });
});

testWithFacts(
  '16: MSG_PEEK installs a new set of descriptors at each call; nothing here peeks',
  async (t) => {
    t.deepEqual(factOf('peek'), { opened: 2 });
    const [one, other] = ends(t);
    await writeAll(one, [['x', 1]]);
    t.is(other.tryRead(Buffer.alloc(1), { maxDescriptors: 1 })?.descriptors.length, 1);
    t.is(other.tryRead(Buffer.alloc(1), { maxDescriptors: 1 }), undefined);
  },
);
