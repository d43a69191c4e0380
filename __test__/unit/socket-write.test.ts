import { closeSync } from 'node:fs';
import test from 'ava';
import type { UnixSocket } from 'fd-conduit';
import { openFd } from '../support/conduits.js';
import { exactly } from '../support/descriptors.js';
import { rejection, thrown } from '../support/errors.js';
import { drain, ends, fillUp, TYPES, textFrom, transferAway } from '../support/sockets.js';

const BIG = Buffer.alloc(4 << 20, 'big');

/** Reads so many bytes, and answers them with how many descriptors came, message by message. */
async function readAll(socket: UnixSocket, bytes: number): Promise<[Buffer, number[]]> {
  const all = Buffer.alloc(bytes);
  const counts: number[] = [];
  for (let at = 0; at < bytes; ) {
    using message = await socket.read(all.subarray(at), { maxDescriptors: 253 });
    at += message.bytesRead;
    if (message.count > 0) {
      counts.push(message.count);
    }
  }
  return [all, counts];
}

for (const type of TYPES) {
  test(`each manner of writing sends the same, with its descriptors (${type})`, async (t) => {
    const [one, other] = ends(t, type);
    const fd = openFd();
    const descriptors = [fd, fd];
    const timeoutMs = 1000;
    const whole = Buffer.from('hello');
    const parts = ['he', '', 'llo'].map((part) => Buffer.from(part));
    const manners = [
      () => one.write(whole, { descriptors }),
      () => one.tryWrite(whole, { descriptors }),
      () => one.writeSync(whole, { descriptors, timeoutMs }),
      () => one.writeVec(parts, { descriptors }),
      () => one.tryWriteVec(parts, { descriptors }),
      () => one.writeVecSync(parts, { descriptors, timeoutMs }),
    ];
    await exactly(t, async () => {
      for (const write of manners) {
        t.is(await write(), 5);
        const buffer = Buffer.alloc(9);
        using message = await other.read(buffer, { maxDescriptors: 2 });
        t.like(message, { bytesRead: 5, count: 2 });
        t.is(buffer.toString('utf8', 0, 5), 'hello');
      }
    });
    closeSync(fd);
  });

  test(`a socket that takes no more: a try answers undefined, a write waits, a Sync times out (${type})`, async (t) => {
    const [one, other] = ends(t, type);
    const filled = fillUp(one);
    const byte = Buffer.from('x');
    t.is(one.tryWriteVec([byte]), undefined);
    t.is(thrown(t, () => one.writeSync(byte, { timeoutMs: 1 }), 'Timeout').bytesWritten, 0);
    const waiting = one.write(byte);
    t.is(thrown(t, () => one.writeSync(byte, { timeoutMs: 9 }), 'FailedTransfer').code, 'EBUSY');
    await drain(other, filled);
    t.is(await waiting, 1);
    t.is(await textFrom(other), 'x');
  });

  test(`a write that is given up before it left leaves the socket usable (${type})`, async (t) => {
    const [one, other] = ends(t, type);
    const filled = fillUp(one);
    const stop = new AbortController();
    const fd = openFd();
    await exactly(t, async () => {
      const waiting = one.write(Buffer.from('given up'), {
        descriptors: [fd],
        signal: stop.signal,
      });
      stop.abort();
      t.like(await rejection(t, waiting, 'Aborted'), { bytesWritten: 0, descriptorsSent: 0 });
    });
    closeSync(fd);
    await drain(other, filled);
    await one.write(Buffer.from('next'));
    t.is(await textFrom(other), 'next');
  });

  test(`a payload that is transferred away while it waits is an error, and nothing is sent (${type})`, async (t) => {
    const [one, other] = ends(t, type);
    const filled = fillUp(one);
    const payload = Buffer.from(new ArrayBuffer(8));
    const waiting = rejection(t, one.write(payload), 'InvalidArgument');
    transferAway(payload);
    await drain(other, filled);
    await waiting;
    await one.write(Buffer.from('next'));
    t.is(await textFrom(other), 'next');
  });
}

test('write sends all bytes of a stream, and the descriptors once', async (t) => {
  const [one, other] = ends(t);
  const fd = openFd();
  await exactly(t, async () => {
    const [written, [bytes, counts]] = await Promise.all([
      one.write(BIG, { descriptors: [fd, fd, fd] }),
      readAll(other, BIG.length),
    ]);
    t.is(written, BIG.length);
    t.true(bytes.equals(BIG));
    t.deepEqual(counts, [3]);
  });
  closeSync(fd);
});

test('writeVec is one sendmsg: it says how much of a stream left, and all descriptors did', async (t) => {
  const [one, other] = ends(t);
  const fd = openFd();
  const first = await one.writeVec([BIG, BIG], { descriptors: [fd] });
  t.true(first > 0 && first < BIG.length);
  const [, counts] = await readAll(other, first);
  t.deepEqual(counts, [1]);
  t.is(other.tryRead(new Uint8Array(1)), undefined);
  closeSync(fd);
});

test('a packet beyond the send buffer is EMSGSIZE, and the next one goes', async (t) => {
  for (const type of TYPES.filter((type) => type !== 'stream')) {
    const [one, other] = ends(t, type);
    t.is((await rejection(t, one.write(BIG), 'FailedTransfer')).code, 'EMSGSIZE');
    await one.write(Buffer.from('next'));
    t.is(await textFrom(other), 'next');
  }
});

test('a stream write that is aborted in its middle says how far it came, and nothing can follow it', async (t) => {
  const [one, other] = ends(t);
  const fd = openFd();
  const stop = new AbortController();
  const big = one.write(BIG, { descriptors: [fd], signal: stop.signal });
  const behind = one.write(Buffer.from('behind'));
  stop.abort();
  const error = await rejection(t, big, 'Aborted');
  t.true(error.bytesWritten > 0 && error.bytesWritten < BIG.length);
  t.is(error.descriptorsSent, 1);
  t.is((await rejection(t, behind, 'FailedTransfer')).code, 'EPIPE');
  await rejection(t, one.write(Buffer.from('later')), 'FailedTransfer');
  thrown(t, () => one.tryWrite(Buffer.from('x')), 'FailedTransfer');
  thrown(t, () => one.writeSync(Buffer.from('x'), { timeoutMs: 9 }), 'FailedTransfer');
  const [bytes] = await readAll(other, error.bytesWritten);
  t.true(bytes.equals(BIG.subarray(0, error.bytesWritten)));
  await other.write(Buffer.from('the other way'));
  t.is(await textFrom(one), 'the other way');
  closeSync(fd);
});

test('a writeSync whose time is over in its middle says how far it came', async (t) => {
  const [one] = ends(t);
  const error = thrown(t, () => one.writeSync(BIG, { timeoutMs: 5 }), 'Timeout');
  t.true(error.bytesWritten > 0);
  t.is((await rejection(t, one.write(BIG), 'FailedTransfer')).code, 'EPIPE');
});

test('writes that wait keep their order', async (t) => {
  const [one, other] = ends(t);
  const filled = fillUp(one);
  const names = Array.from({ length: 200 }, (_, index) => `${index};`);
  const writes = names.map((name) => one.write(Buffer.from(name)));
  await drain(other, filled);
  const [bytes] = await readAll(other, names.join('').length);
  t.is(bytes.toString(), names.join(''));
  await Promise.all(writes);
});

test('a write to a peer that is gone is EPIPE, and what was to be sent stays open', async (t) => {
  for (const type of ['stream', 'seqpacket'] as const) {
    if (TYPES.includes(type)) {
      const [one, other] = ends(t, type);
      other.close();
      const fd = openFd();
      const gone = one.write(Buffer.from('x'), { descriptors: [fd] });
      t.like(await rejection(t, gone, 'FailedTransfer'), { code: 'EPIPE', descriptorsSent: 0 });
      closeSync(fd);
    }
  }
});
