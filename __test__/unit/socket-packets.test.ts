import { closeSync } from 'node:fs';
import test from 'ava';
import { openFd } from '../support/conduits.js';
import { exactly } from '../support/descriptors.js';
import { rejection } from '../support/errors.js';
import { ends, TYPES, textFrom } from '../support/sockets.js';

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
