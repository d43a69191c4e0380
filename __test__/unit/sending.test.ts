import { closeSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { Descriptor, IoVector, put, socketPair, type UnixSocket } from 'fd-conduit';
import { openFd, textOfDescriptor } from '../support/conduits.js';
import { exactly, isOpen, openDescriptors } from '../support/descriptors.js';
import { rejection, thrown } from '../support/errors.js';
import { temporaryFile } from '../support/files.js';

const BYTE = Buffer.of(0);
/** More than the buffers of a socket pair hold. */
const LARGE = 8 * 2 ** 20;

function sockets(t: ExecutionContext): [UnixSocket, UnixSocket] {
  const ends = socketPair();
  t.teardown(() => {
    for (const end of ends) {
      end.close();
    }
  });
  return ends;
}

/** The texts of what came with the next message. */
async function texts(socket: UnixSocket): Promise<string[]> {
  const message = await socket.read(new Uint8Array(1), { maxDescriptors: 10 });
  return message.descriptors.map(textOfDescriptor);
}

/** Reads all that waits, until there is nothing. */
function readAll(socket: UnixSocket): number {
  let bytes = 0;
  const buffer = new Uint8Array(2 ** 20);
  for (;;) {
    const message = socket.tryRead(buffer, { maxDescriptors: 1 });
    if (message === undefined || message.isEnd) {
      return bytes;
    }
    message.close();
    bytes += message.bytesRead;
  }
}

test('a getter that receives while a message is put together does not change what is sent', async (t) => {
  const [one, other] = sockets(t);
  const [here, there] = sockets(t);
  const fds = ['first', 'second', 'third'].map((text) => openFd(temporaryFile(t, text)));
  const [first = -1, second = -1, third = -1] = fds;
  const meddler = {
    get fd() {
      here.tryWrite(BYTE, { descriptors: [third] });
      there.tryRead(new Uint8Array(1), { maxDescriptors: 1 })?.close();
      return second;
    },
  };
  await one.write(BYTE, { descriptors: [first, meddler, third] });
  t.deepEqual(await texts(other), ['first', 'second', 'third']);
  fds.forEach(closeSync);
});

test('an object whose fd is no number of a descriptor is refused, and nothing is sent', async (t) => {
  const [one, other] = sockets(t);
  for (const fd of [Number.NaN, 1.5, 2 ** 32, Number.POSITIVE_INFINITY]) {
    const error = await rejection(t, put(one, [{ fd }]), 'InvalidArgument');
    t.is(error.argument, 'fd');
  }
  t.is(other.tryRead(new Uint8Array(1)), undefined);
});

test('a list with holes is refused, and nothing is sent', async (t) => {
  const [one, other] = sockets(t);
  const fd = openFd();
  const holes: number[] = [];
  holes[1] = fd;
  await rejection(t, put(one, holes), 'InvalidArgument');
  await rejection(t, one.write(BYTE, { descriptors: holes }), 'InvalidArgument');
  t.is(other.tryRead(new Uint8Array(1)), undefined);
  closeSync(fd);
});

test('a call that cannot duplicate all it needs for waiting gives back what it has', async (t) => {
  const [one, other] = sockets(t);
  const first = one.write(Buffer.alloc(LARGE));
  const fd = openFd();
  const behind = Array.from({ length: 63 }, () => one.write(BYTE));
  const closedLater = Descriptor.adopt(openFd());
  // The 65th: it duplicates as soon as an earlier one is over.
  const last = one.write(BYTE, { descriptors: [fd, closedLater] });
  closedLater.close();
  const before = openDescriptors();
  const settled = Promise.allSettled([first, ...behind]);
  let bytes = 0;
  while (bytes < LARGE + behind.length) {
    bytes += readAll(other);
    await new Promise(setImmediate);
  }
  await settled;
  await rejection(t, last, 'NoFD');
  t.deepEqual(openDescriptors(), before);
  closeSync(fd);
});

test('a payload that is taken away while its call waits is an error, and no descriptor is lost', async (t) => {
  const [one, other] = sockets(t);
  const fd = openFd();
  await exactly(t, async () => {
    const first = one.write(Buffer.alloc(LARGE));
    const payload = new Uint8Array(10);
    const second = one.write(payload, { descriptors: [fd] });
    structuredClone(payload.buffer, { transfer: [payload.buffer] });
    let bytes = 0;
    while (bytes < LARGE) {
      bytes += readAll(other);
      await new Promise(setImmediate);
    }
    await first;
    const error = await rejection(t, second, 'FailedTransfer');
    t.like(error, { code: 'EFAULT', bytesWritten: 0, descriptorsSent: 0 });
  });
  t.true(isOpen(fd));
  closeSync(fd);
  t.is(await one.write(BYTE), 1);
});

test('a message that fails in its middle lets nothing follow it on the stream', async (t) => {
  const [one, other] = sockets(t);
  const payload = new Uint8Array(LARGE);
  const first = one.write(payload);
  const second = one.write(BYTE);
  structuredClone(payload.buffer, { transfer: [payload.buffer] });
  const failing = rejection(t, first, 'FailedTransfer');
  const following = rejection(t, second, 'FailedTransfer');
  const bytes = readAll(other);
  const error = await failing;
  t.is(error.code, 'EFAULT');
  t.is(error.bytesWritten, bytes);
  t.regex((await following).message, /left only in part.*close it$/);
  t.like(await rejection(t, one.write(BYTE), 'FailedTransfer'), { code: 'EPIPE', bytesWritten: 0 });
  await new Promise(setImmediate);
  t.is(readAll(other), 0);
});

test('a message that is given up in its middle lets nothing follow it, and does not blame the peer', async (t) => {
  const [one, other] = sockets(t);
  const first = one.write(new Uint8Array(LARGE), { timeoutMs: 5 });
  const second = one.write(BYTE);
  const following = rejection(t, second, 'FailedTransfer');
  t.true((await rejection(t, first, 'Timeout')).bytesWritten > 0);
  const error = await following;
  t.is(error.code, 'EPIPE');
  t.notRegex(error.message, /peer/);
  t.true(readAll(other) > 0);
});

test('an IoVector whose memory was transferred away is refused', async (t) => {
  const [one, other] = sockets(t);
  const vector = new IoVector([4, 4]);
  const memory = vector.bytes.buffer as ArrayBuffer;
  structuredClone(memory, { transfer: [memory] });
  await rejection(t, other.readVec(vector), 'InvalidArgument');
  t.regex(thrown(t, () => one.tryWriteVec(vector), 'InvalidArgument').message, /transferred away/);
});

test('the buffers of a vectored call are those of the list when the call was made', async (t) => {
  const [one, other] = sockets(t);
  const buffers = [new Uint8Array(2), new Uint8Array(2)];
  const [first, second] = buffers;
  const reading = other.readVec(buffers);
  buffers.splice(0, 2, new Uint8Array(4));
  await one.write(Buffer.from('abcd'));
  t.is((await reading).bytesRead, 4);
  t.is(Buffer.concat([first as Uint8Array, second as Uint8Array]).toString(), 'abcd');
});

test('a signal without addEventListener is no signal', async (t) => {
  const [one] = sockets(t);
  const signal = { aborted: false } as AbortSignal;
  const error = await rejection(t, one.read(new Uint8Array(1), { signal }), 'InvalidArgument');
  t.is(error.argument, 'options.signal');
});
