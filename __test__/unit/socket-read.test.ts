import { closeSync } from 'node:fs';
import test from 'ava';
import { IoVector, socketPair } from 'fd-conduit';
import { openFd } from '../support/conduits.js';
import { exactly, openDescriptors } from '../support/descriptors.js';
import { rejection, thrown } from '../support/errors.js';
import { ends, TYPES, textFrom, transferAway } from '../support/sockets.js';

for (const type of TYPES) {
  test(`each manner of reading gives the same (${type})`, async (t) => {
    const [one, other] = ends(t, type);
    const buffer = Buffer.alloc(5);
    const buffers = [Buffer.alloc(2), Buffer.alloc(0), Buffer.alloc(3)];
    const timeoutMs = 1000;
    const manners = [
      () => other.read(buffer),
      () => other.tryRead(buffer),
      () => other.readSync(buffer, { timeoutMs }),
      () => other.readVec(buffers),
      () => other.tryReadVec(buffers),
      () => other.readVecSync(buffers, { timeoutMs }),
    ];
    for (const read of manners) {
      buffer.fill(0);
      for (const part of buffers) {
        part.fill(0);
      }
      await one.write(Buffer.from('hello'));
      const message = await read();
      t.is(message?.bytesRead, 5);
      t.is(message?.isEnd, false);
      t.true([buffer, Buffer.concat(buffers)].some((bytes) => bytes.toString() === 'hello'));
    }
  });

  test(`where nothing has come, tryRead answers undefined and readSync throws Timeout (${type})`, (t) => {
    const [, other] = ends(t, type);
    const buffer = new Uint8Array(1);
    t.is(other.tryRead(buffer), undefined);
    t.is(other.tryReadVec([buffer]), undefined);
    const error = thrown(t, () => other.readSync(buffer, { timeoutMs: 1 }), 'Timeout');
    t.like(error, { code: 'ETIMEDOUT', timeoutMs: 1, bytesWritten: 0 });
    thrown(t, () => other.readVecSync([buffer], { timeoutMs: 0 }), 'Timeout');
  });

  test(`no manner of reading overtakes a read that waits (${type})`, async (t) => {
    const [one, other] = ends(t, type);
    const first = textFrom(other);
    await one.write(Buffer.from('first'));
    const buffer = Buffer.alloc(9);
    t.is(other.tryRead(buffer), undefined);
    t.is(thrown(t, () => other.readSync(buffer, { timeoutMs: 9 }), 'FailedTransfer').code, 'EBUSY');
    t.is(await first, 'first');
    t.is(other.tryRead(buffer), undefined);
  });

  test(`as many descriptors as maxDescriptors says come; one more, and all are closed (${type})`, async (t) => {
    const fd = openFd();
    t.teardown(() => closeSync(fd));
    const [one, other] = ends(t, type);
    for (const max of [0, 1, 2, 3, 5, 252]) {
      await exactly(t, async () => {
        await one.write(Buffer.from('x'), { descriptors: Array(max + 1).fill(fd) });
        const refused = other.read(Buffer.alloc(1), { maxDescriptors: max });
        t.like(await rejection(t, refused, 'BadCtrlMesg'), {
          reason: 'too-many',
          bytesRead: 1,
          descriptorsReceived: max + 1,
        });
        await one.write(Buffer.from('x'), { descriptors: Array(max).fill(fd) });
        using message = await other.read(Buffer.alloc(1), { maxDescriptors: max });
        t.is(message.count, max);
      });
    }
  });

  test(`a buffer that is transferred away while a read waits leaves the message in the socket (${type})`, async (t) => {
    const [one, other] = ends(t, type);
    const buffer = new Uint8Array(8);
    const vector = new IoVector([4, 4]);
    const reads = [other.read(buffer), other.readVec([new Uint8Array(1), buffer])];
    const ofVector = other.readVec(vector);
    transferAway(buffer);
    transferAway(vector.bytes);
    await one.write(Buffer.from('hello'));
    for (const read of [...reads, ofVector]) {
      t.is((await rejection(t, read, 'InvalidArgument')).argument, 'buffer');
    }
    t.is(await textFrom(other), 'hello');
  });
}

for (const type of TYPES.filter((type) => type !== 'stream')) {
  test(`a packet larger than the buffers says its size, and its descriptors are closed (${type})`, async (t) => {
    const fd = openFd();
    t.teardown(() => closeSync(fd));
    const [one, other] = ends(t, type);
    await exactly(t, async () => {
      for (const buffers of [[4], [1, 3], [0]]) {
        await one.write(Buffer.from('12345'), { descriptors: [fd, fd] });
        const parts = buffers.map((size) => new Uint8Array(size));
        const read = other.readVec(parts, { maxDescriptors: 2 });
        t.like(await rejection(t, read, 'PacketTooLarge'), {
          code: 'EMSGSIZE',
          packetBytes: 5,
          bufferBytes: buffers.reduce((sum, size) => sum + size),
          descriptorsReceived: 2,
        });
      }
      await one.write(Buffer.from('next'));
      t.is(await textFrom(other), 'next');
    });
  });

  test(`an empty packet is a message, and can bring descriptors (${type})`, async (t) => {
    const [one, other] = ends(t, type);
    const fd = openFd();
    await one.write(new Uint8Array(0));
    await one.write(new Uint8Array(0), { descriptors: [fd] });
    closeSync(fd);
    t.like(await other.read(new Uint8Array(4)), { bytesRead: 0, isEnd: false, count: 0 });
    using message = await other.read(new Uint8Array(0), { maxDescriptors: 1 });
    t.like(message, { bytesRead: 0, isEnd: false, count: 1 });
  });
}

if (TYPES.includes('seqpacket')) {
  test('empty packets and the end are told apart, also when both are there at once', async (t) => {
    const [one, other] = ends(t, 'seqpacket');
    await one.write(new Uint8Array(0));
    await one.write(Buffer.from('x'));
    await one.write(new Uint8Array(0));
    one.close();
    const seen: [number, boolean][] = [];
    for (let isEnd = false; !isEnd; ) {
      const message = await other.read(new Uint8Array(4));
      isEnd = message.isEnd;
      seen.push([message.bytesRead, isEnd]);
    }
    t.deepEqual(seen, [
      [0, false],
      [1, false],
      [0, false],
      [0, true],
    ]);
    t.true((await other.read(new Uint8Array(4))).isEnd);
  });

  test('a peer that closes with unread packets resets, and what it had sent still comes first', async (t) => {
    const [one, other] = ends(t, 'seqpacket');
    await other.write(Buffer.from('never read'));
    await one.write(Buffer.from('first'));
    await one.write(Buffer.from('second'));
    one.close();
    t.is(await textFrom(other), 'first');
    t.is(await textFrom(other), 'second');
    t.is((await rejection(t, textFrom(other), 'FailedTransfer')).code, 'ECONNRESET');
    t.true((await other.read(new Uint8Array(1))).isEnd);
  });
}

test('a stream is read in pieces of any size, and its end is told', async (t) => {
  const [one, other] = ends(t);
  await one.write(Buffer.from('small buffers'));
  one.close();
  let text = '';
  const buffer = Buffer.alloc(3);
  for (;;) {
    const { bytesRead, isEnd } = await other.read(buffer);
    if (isEnd) {
      break;
    }
    text += buffer.toString('utf8', 0, bytesRead);
  }
  t.is(text, 'small buffers');
});

test('a read of no bytes takes none off a stream', async (t) => {
  const [one, other] = ends(t);
  t.is(other.tryRead(new Uint8Array(0)), undefined);
  await one.write(Buffer.from('all'));
  t.like(await other.read(new Uint8Array(0)), { bytesRead: 0, isEnd: false });
  t.like(await other.readVec([]), { bytesRead: 0, isEnd: false });
  t.is(await textFrom(other), 'all');
});

test('a vector reads and writes without a copy, time and again', async (t) => {
  const [one, other] = ends(t);
  const outgoing = new IoVector([2, 0, 3]);
  const incoming = new IoVector([1, 4]);
  for (const text of ['hello', 'world']) {
    outgoing.buffers[0]?.set(Buffer.from(text.slice(0, 2)));
    outgoing.buffers[2]?.set(Buffer.from(text.slice(2)));
    t.is(await one.writeVec(outgoing), 5);
    t.is((await other.readVec(incoming)).bytesRead, 5);
    t.is(Buffer.concat(incoming.buffers).toString(), text);
    t.is(Buffer.from(incoming.bytes).toString(), text);
  }
});

test('a vector whose memory was transferred away is refused', async (t) => {
  const [one, other] = ends(t);
  const vector = new IoVector([3, 3]);
  transferAway(vector.bytes);
  await rejection(t, other.readVec(vector), 'InvalidArgument');
  await rejection(t, one.writeVec(vector), 'InvalidArgument');
  thrown(t, () => other.tryReadVec(vector), 'InvalidArgument');
});

test('a read that is given up leaves the message for the next one', async (t) => {
  const [one, other] = ends(t);
  const stop = new AbortController();
  const buffer = new Uint8Array(9);
  const aborted = other.read(buffer, { signal: stop.signal });
  const late = other.read(buffer, { timeoutMs: 0 });
  stop.abort(new Error('enough'));
  const error = await rejection(t, aborted, 'Aborted');
  t.is(error.name, 'AbortError');
  t.is((error.cause as Error).message, 'enough');
  await rejection(t, late, 'Timeout');
  await one.write(Buffer.from('kept'));
  t.is(await textFrom(other), 'kept');
});

test('a read waits through signals that come to the process', async (t) => {
  const [one, other] = ends(t);
  let count = 0;
  const listener = () => {
    count += 1;
  };
  process.on('SIGUSR2', listener);
  t.teardown(() => process.off('SIGUSR2', listener));
  const read = textFrom(other);
  for (let sent = 0; sent < 5; sent += 1) {
    process.kill(process.pid, 'SIGUSR2');
    await new Promise(setImmediate);
  }
  await one.write(Buffer.from('whole'));
  t.is(await read, 'whole');
  t.true(count > 0);
});

test('a datagram socket whose reading is shut down reads what is queued, then the end', async (t) => {
  const [one, other] = ends(t, 'dgram');
  await one.write(Buffer.from('queued'));
  other.shutdown('read');
  t.is(await textFrom(other), 'queued');
  t.true((await other.read(new Uint8Array(1))).isEnd);
  const [, waiting] = ends(t, 'dgram');
  const read = waiting.read(new Uint8Array(1));
  waiting.shutdown('both');
  t.true((await read).isEnd);
});

test('sockets that are forgotten with a message inside leave nothing open', async (t) => {
  const before = openDescriptors();
  const fd = openFd();
  const [one, other] = socketPair();
  await one.write(Buffer.from('x'), { descriptors: [fd] });
  closeSync(fd);
  one.close();
  other.close();
  t.deepEqual(openDescriptors(), before);
});
