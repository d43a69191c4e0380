import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { Descriptor, StreamServer, StreamSocket, socketPair, UnixServer } from 'fd-conduit';
import { openFd, pair } from '../support/conduits.js';
import { exactly, isOpen } from '../support/descriptors.js';
import { rejection, thrown } from '../support/errors.js';
import { fillUp, textFrom, transferAway } from '../support/sockets.js';
import { nextText, portOf, textOf } from '../support/tcp.js';
import { socketPath } from '../support/unix.js';

/** A TCP connection: a net.Socket, and the StreamSocket at its other end. */
async function connection(t: ExecutionContext): Promise<{ client: Socket; stream: StreamSocket }> {
  const listening = createServer().listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const port = portOf(listening);
  using server = StreamServer.fromServer(listening);
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  t.teardown(() => client.destroy());
  const stream = (await server.accept()).toStreamSocket();
  t.teardown(() => stream.close());
  return { client, stream };
}

test('bytes go both ways, until the end', async (t) => {
  await exactly(t, async () => {
    const { client, stream } = await connection(t);
    const greeting = nextText(client);
    t.is(await stream.write(Buffer.from('hello')), 5);
    t.is(await greeting, 'hello');
    const buffer = Buffer.alloc(64);
    t.is(stream.tryRead(buffer), undefined);
    const reading = stream.read(buffer);
    client.end('and back');
    const bytesRead = await reading;
    t.is(buffer.toString('utf8', 0, bytesRead), 'and back');
    t.is(await stream.read(buffer), 0);
    t.is(stream.tryRead(buffer), 0);
    const more = nextText(client);
    t.is(stream.tryWrite(Buffer.from('more')), 4);
    t.is(await more, 'more');
    const rest = textOf(client);
    t.is(await stream.writeVec([Buffer.from('a'), Buffer.from('bc')]), 3);
    stream.close();
    stream.close();
    t.is(await rest, 'abc');
    t.is(stream.fd, -1);
    t.true(stream.isClosed);
    client.destroy();
  });
});

test('a write that does not fit waits and leaves as a whole, after which it was begun', async (t) => {
  const { client, stream } = await connection(t);
  client.pause();
  const payload = Buffer.alloc(16 << 20, 'x');
  const writing = stream.write(payload);
  const next = stream.write(Buffer.from('!'));
  t.is(stream.tryWrite(Buffer.from('?')), undefined);
  const received = textOf(client);
  t.is(await writing, payload.length);
  t.is(await next, 1);
  stream.close();
  const text = await received;
  t.is(text.length, payload.length + 1);
  t.true(text.endsWith('x!'));
});

test('a write that is given up after a part has left says so, and nothing can follow', async (t) => {
  const { client, stream } = await connection(t);
  client.pause();
  const late = stream.write(Buffer.alloc(16 << 20), { timeoutMs: 20 });
  const error = await rejection(t, late, 'Timeout');
  t.true(error.bytesWritten > 0);
  t.is((await rejection(t, stream.write(Buffer.from('x')), 'FailedTransfer')).code, 'EPIPE');
});

test('reads fill several buffers, and are given up without a loss', async (t) => {
  const { client, stream } = await connection(t);
  const stop = new AbortController();
  const buffers = [Buffer.alloc(2), Buffer.alloc(8)] as const;
  const aborted = stream.readVec(buffers, { signal: stop.signal });
  stop.abort();
  await rejection(t, aborted, 'Aborted');
  await rejection(t, stream.read(buffers[0], { timeoutMs: 1 }), 'Timeout');
  const reading = stream.readVec(buffers);
  client.write('abcdef');
  t.is(await reading, 6);
  t.deepEqual(
    buffers.map((buffer) => buffer.toString('utf8').replaceAll('\0', '')),
    ['ab', 'cdef'],
  );
  const lost = new Uint8Array(1);
  const without = rejection(t, stream.read(lost), 'InvalidArgument');
  transferAway(lost);
  client.write('g');
  await without;
  t.is(await stream.read(buffers[1]), 1);
  const waiting = stream.read(buffers[1]);
  stream.close();
  await rejection(t, waiting, 'Closed');
  await rejection(t, stream.read(buffers[1]), 'Closed');
});

test('end delivers what was written though the peer has sent what nobody read', async (t) => {
  await exactly(t, async () => {
    const { client, stream } = await connection(t);
    await new Promise((resolve) => client.write('nobody reads this', resolve));
    const reply = 'goodbye'.repeat(20_000);
    const writing = stream.write(Buffer.from(reply));
    const ending = stream.end({ timeoutMs: 5000 });
    const received = await textOf(client);
    client.end();
    await Promise.all([writing, ending]);
    t.is(received, reply);
    t.true(stream.isClosed);
    client.destroy();
  });
});

test('end of a peer that does not end is given up, and leaves the stream open', async (t) => {
  const { client, stream } = await connection(t);
  await rejection(t, stream.end({ timeoutMs: 5 }), 'Timeout');
  t.false(stream.isClosed);
  client.destroy();
});

test('shutdown ends a direction, and a peer that is gone is an error', async (t) => {
  const { client, stream } = await connection(t);
  const wrong = 'all' as unknown as 'both';
  thrown(t, () => stream.shutdown(wrong), 'InvalidArgument');
  stream.shutdown('write');
  t.is(await textOf(client), '');
  t.is((await rejection(t, stream.write(Buffer.from('x')), 'FailedTransfer')).code, 'EPIPE');
  client.resetAndDestroy();
  const error = await rejection(t, stream.read(Buffer.alloc(1)), 'FailedTransfer');
  t.is(error.code, 'ECONNRESET');
});

test('adopt takes a connected stream, and refuses anything else with a clear error', async (t) => {
  const path = socketPath(t);
  await exactly(t, async () => {
    const [here, there] = socketPair();
    using stream = StreamSocket.adopt(here.release());
    thrown(t, () => StreamSocket.adopt(stream.fd), 'InvalidArgument');
    await stream.write(Buffer.from('over a Unix socket'));
    t.is(await textFrom(there), 'over a Unix socket');
    const file = openFd();
    t.is(thrown(t, () => StreamSocket.adopt(file), 'BadClone').code, 'ENOTSOCK');
    t.true(isOpen(file));
    closeSync(file);
    t.is(thrown(t, () => StreamSocket.adopt(file), 'BadClone').code, 'EBADF');
    const [packets, others] = socketPair({ type: 'seqpacket' });
    using descriptor = Descriptor.adopt(packets.release());
    t.is(thrown(t, () => descriptor.toStreamSocket(), 'BadClone').code, 'EPROTOTYPE');
    t.false(descriptor.isClosed);
    using listening = Descriptor.adopt(UnixServer.bindAndListen(path).release());
    const error = thrown(t, () => listening.toStreamSocket(), 'BadClone');
    t.is(error.code, 'EINVAL');
    t.regex(error.message, /listening socket/);
    others.close();
    there.close();
  });
});

test('descriptors that come on a Unix stream are closed, and the read says so', async (t) => {
  await exactly(t, async () => {
    const [here, there] = socketPair();
    using stream = StreamSocket.adopt(here.release());
    await there.write(Buffer.from('x'), { descriptors: [0, 1] });
    const error = await rejection(t, stream.read(Buffer.alloc(8)), 'BadCtrlMesg');
    t.is(error.descriptorsReceived, 2);
    await there.write(Buffer.from('y'));
    t.is(await stream.read(Buffer.alloc(8)), 1);
    there.close();
  });
});

test('arguments that are none are refused before anything is done', async (t) => {
  const [here, there] = socketPair();
  using stream = StreamSocket.adopt(here.release());
  const text = 'text' as unknown as Uint8Array;
  await rejection(t, stream.write(text), 'InvalidArgument');
  await rejection(t, stream.read(text), 'InvalidArgument');
  thrown(t, () => stream.tryWrite(text), 'InvalidArgument');
  thrown(t, () => stream.tryRead(text), 'InvalidArgument');
  const payload = Buffer.from('x');
  await rejection(t, stream.write(payload, { timeoutMs: -1 }), 'InvalidArgument');
  await rejection(t, stream.write(payload, { signal: AbortSignal.abort() }), 'Aborted');
  t.is(there.tryRead(new Uint8Array(1)), undefined);
  t.is(await stream.write(new Uint8Array(0)), 0);
  stream.close();
  await rejection(t, stream.write(new Uint8Array(0)), 'Closed');
  await rejection(t, stream.end(), 'Closed');
  thrown(t, () => stream.tryWrite(payload), 'Closed');
  thrown(t, () => stream.release(), 'Closed');
  there.close();
});

for (const used of [false, true]) {
  test(`a stream is released, and transferred, by its number (${used ? 'used' : 'new'})`, async (t) => {
    const [front, back] = pair(t);
    await exactly(t, async () => {
      const [here, there] = socketPair();
      const first = StreamSocket.adopt(here.release());
      if (used) {
        t.is(first.tryRead(Buffer.alloc(1)), undefined);
      }
      const { fd } = first;
      t.is(first.release(), fd);
      const second = StreamSocket.adopt(fd);
      if (used) {
        second.shutdown('read');
      }
      await front.transfer(second);
      t.true(second.isClosed);
      t.is(second.fd, -1);
      using arrived = (await back.receive()).toStreamSocket();
      await arrived.write(Buffer.from('from there'));
      t.is(await textFrom(there), 'from there');
      there.close();
    });
  });
}

test('options are those of the socket', async (t) => {
  const { stream } = await connection(t);
  const [level, name] = [6, 1]; // IPPROTO_TCP, TCP_NODELAY
  stream.setOption(level, name, true);
  t.not(stream.getOption(level, name), 0);
});

test('a stream that waits keeps the program alive, one that is unreferenced does not', async (t) => {
  const program = `
    const { StreamSocket, socketPair } = require('fd-conduit');
    const [here, there] = socketPair();
    StreamSocket.adopt(here.release()).unref().read(new Uint8Array(1));
    process.on('exit', () => there.close());
  `;
  const child = spawn(process.execPath, ['-e', program], { stdio: 'inherit' });
  t.deepEqual(await once(child, 'exit'), [0, null]);
  const [here, there] = socketPair();
  using stream = StreamSocket.adopt(here.release());
  const reading = stream.unref().ref().read(new Uint8Array(1));
  fillUp(there, Buffer.from('x'));
  t.is(await reading, 1);
  there.close();
});
