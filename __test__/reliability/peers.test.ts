// What other libraries get wrong, one by one: none of it here.
import { closeSync, readSync, writeSync } from 'node:fs';
import { Worker } from 'node:worker_threads';
import test from 'ava';
import { Conduit, Descriptor, socketPair, UnixServer, UnixSocket } from 'fd-conduit';
import { openFd, pair, textOfDescriptor } from '../support/conduits.js';
import { exactly, isOpen, openDescriptors } from '../support/descriptors.js';
import { rejection, thrown } from '../support/errors.js';
import { temporaryFile } from '../support/files.js';
import { lending, testOnLinux } from '../support/linux.js';
import { ends } from '../support/sockets.js';
import { socketPath } from '../support/unix.js';

const BYTE = Buffer.from('x');

test('usocket: of 3,000 sends, many of them after EAGAIN, none loses its descriptor', async (t) => {
  const MANY = 3000;
  await exactly(t, async () => {
    const [one, other] = Conduit.pair();
    const sending = Array.from({ length: MANY }, () => one.transferFd(openFd()));
    for (let received = 0; received < MANY; received += 1) {
      (await other.receive()).close();
    }
    await Promise.all(sending);
    one.close();
    other.close();
  });
});

for (const count of [64, 65, 100, 253]) {
  test(`usocket, Node IPC: ${count} descriptors in one message arrive, in order`, async (t) => {
    const [one, other] = ends(t);
    const path = temporaryFile(t, 'x'.repeat(count));
    const fds = Array.from({ length: count }, (_, index) => {
      const fd = openFd(path);
      readSync(fd, Buffer.alloc(index), 0, index, null);
      return fd;
    });
    await lending(fds, (descriptors) => one.write(BYTE, { descriptors }));
    const { descriptors } = await other.read(Buffer.alloc(1), { maxDescriptors: count });
    t.deepEqual(
      descriptors.map((descriptor) => textOfDescriptor(descriptor).length),
      fds.map((_, index) => count - index),
    );
  });
}

test('usocket: closing a socket leaves nothing unclaimed open, read or not', async (t) => {
  await exactly(t, async () => {
    const [one, other] = socketPair();
    const fds = [openFd(), openFd()];
    await lending(fds, async (descriptors) => {
      await one.write(BYTE, { descriptors });
      await one.write(BYTE, { descriptors });
    });
    const message = await other.read(Buffer.alloc(1), { maxDescriptors: 2 });
    other.close();
    one.close();
    message.close();
  });
});

test('usocket: a write that the peer does not read waits', async (t) => {
  const [one, other] = ends(t);
  let isWritten = false;
  const writing = one.write(Buffer.alloc(8 << 20)).then(() => {
    isWritten = true;
  });
  await new Promise(setImmediate);
  t.false(isWritten);
  const buffer = Buffer.alloc(1 << 20);
  for (let bytes = 0; bytes < 8 << 20; ) {
    bytes += (await other.read(buffer)).bytesRead;
  }
  await writing;
});

test('usocket: a worker thread can use it', async (t) => {
  const [one, other] = pair(t);
  const source = `
    const { Conduit } = require('fd-conduit');
    const conduit = Conduit.fromFd(${other.fd});
    conduit.receive().then((descriptor) => conduit.transfer(descriptor));`;
  const worker = new Worker(source, { eval: true });
  t.teardown(() => worker.terminate());
  await one.transferFd(openFd(temporaryFile(t, 'through a worker')));
  t.is(textOfDescriptor(await one.receive()), 'through a worker');
});

test('usocket: the path of a server that lives is not taken from it', async (t) => {
  const path = socketPath(t);
  using server = Conduit.listen(path);
  t.is(thrown(t, () => Conduit.listen(path), 'FailedListen').code, 'EADDRINUSE');
  // The second asked by connecting whether there is a first.
  (await server.accept()).close();
  using client = await Conduit.connect(path);
  (await server.accept()).close();
  await rejection(t, client.receive(), 'EndOfStream');
});

testOnLinux(
  'node-unix-socket: a packet larger than its buffer is an error that tells both sizes',
  async (t) => {
    await exactly(t, async () => {
      const [one, other] = socketPair({ type: 'seqpacket' });
      await lending([openFd()], (descriptors) => one.write(Buffer.alloc(100), { descriptors }));
      const refused = other.read(Buffer.alloc(10), { maxDescriptors: 1 });
      t.like(await rejection(t, refused, 'PacketTooLarge'), {
        packetBytes: 100,
        bufferBytes: 10,
        descriptorsReceived: 1,
      });
      one.close();
      other.close();
    });
  },
);

testOnLinux('node-unix-socket: an empty packet with a descriptor is no end', async (t) => {
  const [one, other] = ends(t, 'seqpacket');
  await lending([openFd()], (descriptors) => one.write(Buffer.alloc(0), { descriptors }));
  using message = await other.read(Buffer.alloc(1), { maxDescriptors: 1 });
  t.like(message, { bytesRead: 0, isEnd: false, count: 1 });
});

test('Node IPC: the descriptor of a regular file goes through', async (t) => {
  const [one, other] = pair(t);
  await one.transferFd(openFd(temporaryFile(t, 'regular')));
  t.is(textOfDescriptor(await other.receive()), 'regular');
});

test('conduit: a number with an owner is not closed under it, and 7,000 connections later it still is its own', async (t) => {
  const path = socketPath(t);
  await exactly(t, async () => {
    const server = Conduit.listen(path);
    using bystander = Descriptor.adopt(openFd(temporaryFile(t, 'untouched')));
    const [one] = Conduit.pair();
    await rejection(t, one.transferFd(bystander.fd), 'InvalidArgument');
    for (let connection = 0; connection < 7000; connection += 1) {
      const [client, served] = await Promise.all([Conduit.connect(path), server.accept()]);
      await client.transferFd(openFd());
      (await served.receive()).close();
      client.close();
      served.close();
      if (connection % 1000 === 0) {
        global.gc?.();
      }
    }
    t.is(textOfDescriptor(bystander), 'untouched');
    one.close();
    server.close();
  });
});

test('fd: calls duplicate no transport', async (t) => {
  const [one, other] = pair(t);
  const before = openDescriptors().length;
  for (let call = 0; call < 100; call += 1) {
    await one.transferFd(openFd());
    const received = await other.receive();
    t.is(openDescriptors().length, before + 1);
    received.close();
  }
});

test('fd: bytes that the kernel did not fill are left alone, and never counted', async (t) => {
  const [one, other] = ends(t);
  const buffer = Buffer.alloc(8, '.');
  await one.write(Buffer.from('abc'));
  t.is((await other.read(buffer)).bytesRead, 3);
  t.is(buffer.toString(), 'abc.....');
});

test('gVisor unet: what a constructor refuses stays its owner’s, and open', async (t) => {
  const fd = openFd(temporaryFile(t, 'a file'));
  thrown(t, () => UnixSocket.adopt(fd), 'BadClone');
  thrown(t, () => UnixServer.adopt(fd), 'BadClone');
  t.true(isOpen(fd));
  const descriptor = Descriptor.adopt(fd);
  thrown(t, () => descriptor.toUnixSocket(), 'BadClone');
  t.false(descriptor.isClosed);
  t.is(textOfDescriptor(descriptor), 'a file');
});

test('passfd, sendfd: calls that fail leave nothing open', async (t) => {
  await exactly(t, async () => {
    for (let call = 0; call < 100; call += 1) {
      const [one, other] = Conduit.pair();
      other.close();
      const fd = openFd();
      await rejection(t, one.transferFd(fd), 'FailedTransfer');
      await rejection(t, one.receive(), 'EndOfStream');
      await rejection(t, one.receiveFile(), 'EndOfStream');
      closeSync(fd);
      one.close();
    }
  });
});

test('nix: a message that nobody looked at closes its descriptors when it is collected', async (t) => {
  const [one, other] = ends(t);
  const before = openDescriptors().join();
  await lending([openFd()], (descriptors) => one.write(BYTE, { descriptors }));
  await other.read(Buffer.alloc(1), { maxDescriptors: 1 });
  t.not(openDescriptors().join(), before);
  for (let turn = 0; turn < 100 && openDescriptors().join() !== before; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    global.gc?.();
  }
  t.is(openDescriptors().join(), before);
});

test('usocket: what was written on a pipe’s end after it was passed on arrives', async (t) => {
  const [one, other] = ends(t);
  const [near, far] = ends(t);
  await one.write(BYTE, { descriptors: [far] });
  using received = (await other.read(Buffer.alloc(1), { maxDescriptors: 1 })).descriptors[0];
  writeSync(received?.fd as number, 'hello');
  const buffer = Buffer.alloc(5);
  await near.read(buffer);
  t.is(buffer.toString(), 'hello');
});
