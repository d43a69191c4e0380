import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, existsSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { Conduit, Descriptor, StreamServer, UnixServer, UnixSocket } from 'fd-conduit';
import { openFd, pair } from '../support/conduits.js';
import { exactly, isOpen } from '../support/descriptors.js';
import { rejection, thrown } from '../support/errors.js';
import { fillSlots, freeSlots } from '../support/slots.js';
import { portOf, textOf } from '../support/tcp.js';
import { nodeServer, socketPath } from '../support/unix.js';

/** A StreamServer on a port of its own. */
async function tcpStreamServer(
  options: Parameters<typeof StreamServer.fromServer>[1] = {},
): Promise<{ server: StreamServer; port: number }> {
  const listening = createServer().listen(0, '127.0.0.1');
  await once(listening, 'listening');
  const port = portOf(listening);
  return { server: StreamServer.fromServer(listening, options), port };
}

/** Clients that are connected to a port. */
async function clients(t: ExecutionContext, port: number, count: number): Promise<Socket[]> {
  const made = Array.from({ length: count }, () => connect(port, '127.0.0.1'));
  t.teardown(() => {
    for (const client of made) {
      client.destroy();
    }
  });
  await Promise.all(made.map((client) => once(client, 'connect')));
  return made;
}

test('connections are accepted without a net.Socket, transferred together, and answered there', async (t) => {
  const [here, there] = pair(t);
  await exactly(t, async () => {
    const { server, port } = await tcpStreamServer();
    const made = await clients(t, port, 5);
    const replies = made.map(textOf);
    for (let left = made.length; left > 0; ) {
      const { descriptors } = await server.acceptBatch();
      await here.transferEach(descriptors);
      t.true(descriptors.every(({ isClosed }) => isClosed));
      left -= descriptors.length;
    }
    for (let left = made.length; left > 0; ) {
      for (const descriptor of await there.receiveBatch()) {
        t.is(descriptor.kind, 'tcp');
        using stream = descriptor.toStreamSocket();
        t.true(descriptor.isClosed);
        t.is(await stream.write(Buffer.from('ok')), 2);
        left -= 1;
      }
    }
    t.deepEqual(await Promise.all(replies), ['ok', 'ok', 'ok', 'ok', 'ok']);
    server.close();
    server.close();
    t.is(server.fd, -1);
  });
});

test('fromServer closes the net.Server, and takes over who waits in its backlog', async (t) => {
  const listening = createServer(() => t.fail('The net.Server has accepted')).listen(
    0,
    '127.0.0.1',
  );
  await once(listening, 'listening');
  const closed = once(listening, 'close');
  const early = connect(portOf(listening), '127.0.0.1');
  t.teardown(() => early.destroy());
  using server = StreamServer.fromServer(listening);
  await closed;
  using accepted = await server.accept();
  t.is(accepted.kind, 'tcp');
  t.false(listening.listening);
});

test('fromServer leaves the path of the net.Server in place', async (t) => {
  const { server: listening, path } = await nodeServer(t);
  using server = StreamServer.fromServer(listening);
  using client = await UnixSocket.connect(path);
  using accepted = server.tryAccept();
  t.is(accepted?.kind, 'unix');
  t.is(server.tryAccept(), undefined);
  server.close();
  t.true(existsSync(path));
  t.is((await rejection(t, UnixSocket.connect(path), 'FailedConnect')).code, 'ECONNREFUSED');
  t.false(client.isClosed);
});

test('fromServer refuses what does not listen, and what is no net.Server', async (t) => {
  await rejection(t, (async () => StreamServer.fromServer(createServer()))(), 'NoFD');
  const wrong = {} as unknown as Parameters<typeof StreamServer.fromServer>[0];
  thrown(t, () => StreamServer.fromServer(wrong), 'InvalidArgument');
  const notCalled = { onRetry: 1 } as unknown as { onRetry: () => void };
  thrown(t, () => StreamServer.fromServer(createServer(), notCalled), 'InvalidArgument');
});

test('adopt takes a listening stream, and refuses anything else with a clear error', async (t) => {
  const path = socketPath(t);
  await exactly(t, async () => {
    using server = StreamServer.adopt(UnixServer.bindAndListen(path).release());
    thrown(t, () => StreamServer.adopt(server.fd), 'InvalidArgument');
    using client = await UnixSocket.connect(path);
    (await server.acceptBatch()).close();
    t.false(client.isClosed);
    const file = openFd();
    t.is(thrown(t, () => StreamServer.adopt(file), 'BadClone').code, 'ENOTSOCK');
    t.true(isOpen(file));
    closeSync(file);
    t.is(thrown(t, () => StreamServer.adopt(file), 'BadClone').code, 'EBADF');
    using packets = UnixServer.bind(`${path}2`, { type: 'seqpacket' });
    using descriptor = Descriptor.adopt(packets.release());
    t.is(thrown(t, () => descriptor.toStreamServer(), 'BadClone').code, 'EPROTOTYPE');
    t.false(descriptor.isClosed);
    using connected = Descriptor.adopt(client.release());
    const error = thrown(t, () => connected.toStreamServer(), 'BadClone');
    t.is(error.code, 'EINVAL');
    t.regex(error.message, /does not listen/);
  });
});

test('a batch has at most so many, and what it leaves waits for the next', async (t) => {
  const { server, port } = await tcpStreamServer();
  await clients(t, port, 3);
  const first = await server.acceptBatch({ max: 2 });
  const second = await server.acceptBatch({ max: 2 });
  t.deepEqual([first.count, second.count], [2, 1]);
  first.close();
  second.close();
  await rejection(t, server.acceptBatch({ max: 0 }), 'InvalidArgument');
  await rejection(t, server.acceptBatch({ max: 254 }), 'InvalidArgument');
  server.close();
});

test('calls that are given up leave the connection to the next, and closing ends what waits', async (t) => {
  const { server, port } = await tcpStreamServer();
  const stop = new AbortController();
  const aborted = rejection(t, server.accept({ signal: stop.signal }), 'Aborted');
  const late = rejection(t, server.acceptBatch({ timeoutMs: 1 }), 'Timeout');
  stop.abort();
  await Promise.all([aborted, late]);
  await clients(t, port, 1);
  (await server.accept()).close();
  const waiting = rejection(t, server.accept(), 'Closed');
  server.close();
  await waiting;
  await rejection(t, server.accept(), 'Closed');
  thrown(t, () => server.tryAccept(), 'Closed');
  thrown(t, () => server.release(), 'Closed');
});

test('iterations give the connections as they come, and end when the server is closed', async (t) => {
  await exactly(t, async () => {
    const { server, port } = await tcpStreamServer();
    const made = await clients(t, port, 2);
    let came = 0;
    for await (const descriptor of server) {
      descriptor.close();
      came += 1;
      if (came === made.length) {
        break;
      }
    }
    t.false(server.isClosed);
    await clients(t, port, 1);
    for await (const batch of server.batches({ max: 8 })) {
      came += batch.count;
      batch.close();
      server.close();
    }
    t.is(came, 3);
  });
});

test('without free slots an iteration over batches reports it, and goes on', async (t) => {
  const retries: string[] = [];
  const { server, port } = await tcpStreamServer({ onRetry: ({ code }) => retries.push(code) });
  const [client] = await clients(t, port, 1);
  const filled = fillSlots(0);
  const iteration = server.batches();
  const next = iteration.next();
  while (retries.length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  freeSlots(filled);
  const { value } = await next;
  t.is(retries[0], 'EMFILE');
  t.is(value?.count, 1);
  value?.close();
  t.is(client && (await textOf(client)), '');
  server.close();
});

test('a StreamServer can be transferred and released, and goes on where it arrives', async (t) => {
  const [here, there] = pair(t);
  await exactly(t, async () => {
    const { server, port } = await tcpStreamServer();
    await here.transfer(server);
    t.true(server.isClosed);
    const arrived = (await there.receive()).toStreamServer();
    using again = StreamServer.adopt(arrived.release());
    t.true(arrived.isClosed);
    const [client] = await clients(t, port, 1);
    (await again.accept()).close();
    client?.destroy();
  });
});

test('another process answers the connections that are accepted here', async (t) => {
  const program = `
    const { Conduit } = require('fd-conduit');
    (async () => {
      for await (const batch of Conduit.fromFd(3).batches()) {
        for (const descriptor of batch) {
          const stream = descriptor.toStreamSocket();
          const buffer = Buffer.alloc(64);
          const bytesRead = await stream.read(buffer);
          await stream.write(Buffer.concat([Buffer.from('you said: '), buffer.subarray(0, bytesRead)]));
          await stream.end();
        }
      }
    })();
  `;
  const [here, theirs] = Conduit.pair();
  const stdio = ['ignore', 'inherit', 'inherit', theirs.fd] as const;
  const child = spawn(process.execPath, ['-e', program], { stdio: [...stdio] });
  theirs.close();
  const { server, port } = await tcpStreamServer();
  const made = await clients(t, port, 3);
  const replies = made.map((client, index) => {
    client.end(`hello ${index}`);
    return textOf(client);
  });
  let left = made.length;
  for await (const descriptor of server) {
    await here.transfer(descriptor);
    left -= 1;
    if (left === 0) {
      server.close();
    }
  }
  t.deepEqual(
    await Promise.all(replies),
    [0, 1, 2].map((index) => `you said: hello ${index}`),
  );
  here.close();
  t.deepEqual(await once(child, 'exit'), [0, null]);
});
