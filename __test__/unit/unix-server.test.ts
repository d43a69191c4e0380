import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { statSync } from 'node:fs';
import test from 'ava';
import { UnixServer, UnixSocket } from 'fd-conduit';
import { exactly } from '../support/descriptors.js';
import { rejection, thrown } from '../support/errors.js';
import { CONNECTED_TYPES } from '../support/foreign.js';
import { fillSlots, freeSlots } from '../support/slots.js';
import { textFrom } from '../support/sockets.js';
import { socketPath } from '../support/unix.js';

for (const type of CONNECTED_TYPES) {
  test(`bind does not listen, and listen lets clients in (${type})`, async (t) => {
    const path = socketPath(t);
    using server = UnixServer.bind(path, { type, mode: 0o600 });
    t.is(statSync(path).mode & 0o777, 0o600);
    const early = UnixSocket.connect(path, { type });
    t.is((await rejection(t, early, 'FailedConnect')).code, 'ECONNREFUSED');
    t.is(thrown(t, () => server.tryAccept(), 'FailedAccept').code, 'EINVAL');
    server.listen({ backlog: 1 });
    t.is(server.tryAccept(), undefined);
    using client = await UnixSocket.connect(path, { type });
    using accepted = server.tryAccept();
    t.is(accepted?.type, type);
    await client.write(Buffer.from('hello'));
    t.is(accepted && (await textFrom(accepted)), 'hello');
  });

  test(`a server that is adopted goes on where its path leads (${type})`, async (t) => {
    const path = socketPath(t);
    await exactly(t, async () => {
      using server = UnixServer.adopt(UnixServer.bindAndListen(path, { type }).release());
      t.is(server.path, path);
      t.is(server.type, type);
      const accepting = server.accept();
      using client = await UnixSocket.connect(path, { type });
      using accepted = await accepting;
      await accepted.write(Buffer.from('welcome'));
      t.is(await textFrom(client), 'welcome');
    });
  });
}

test('a full backlog: connect waits for a place, or its time is over', async (t) => {
  const path = socketPath(t);
  using server = UnixServer.bindAndListen(path, { backlog: 0 });
  using first = await UnixSocket.connect(path);
  const late = UnixSocket.connect(path, { timeoutMs: 5 });
  t.is((await rejection(t, late, 'Timeout')).timeoutMs, 5);
  const stop = new AbortController();
  const aborted = rejection(t, UnixSocket.connect(path, { signal: stop.signal }), 'Aborted');
  stop.abort();
  await aborted;
  const patient = UnixSocket.connect(path);
  (await server.accept()).close();
  using second = await patient;
  t.false(first.isClosed || second.isClosed);
});

test('accept is given up by its signal and its deadline, and the connection waits for the next', async (t) => {
  const path = socketPath(t);
  using server = UnixServer.bindAndListen(path);
  const stop = new AbortController();
  const aborted = rejection(t, server.accept({ signal: stop.signal }), 'Aborted');
  const late = rejection(t, server.accept({ timeoutMs: 1 }), 'Timeout');
  stop.abort();
  await Promise.all([aborted, late]);
  using client = await UnixSocket.connect(path);
  using accepted = await server.accept();
  t.is(client.peerCredentials().pid, accepted.peerCredentials().pid);
});

test('tryAccept does not overtake an accept that waits', async (t) => {
  const path = socketPath(t);
  using server = UnixServer.bindAndListen(path);
  const waiting = server.accept();
  using client = await UnixSocket.connect(path);
  t.is(server.tryAccept(), undefined);
  (await waiting).close();
  t.false(client.isClosed);
});

test('an adopted server that was a blocking one does not block the thread', async (t) => {
  const path = socketPath(t);
  const made = UnixServer.bindAndListen(path);
  const program = 'import socket; socket.socket(fileno=3).setblocking(True)';
  const { status } = spawnSync('python3', ['-c', program], { stdio: ['ignore', 2, 2, made.fd] });
  t.is(status, 0);
  using server = UnixServer.adopt(made.release());
  t.is(server.tryAccept(), undefined);
  await rejection(t, server.accept({ timeoutMs: 1 }), 'Timeout');
});

test('an iteration gives the connections as they come, and ends when the server is closed', async (t) => {
  const path = socketPath(t);
  await exactly(t, async () => {
    const server = UnixServer.bindAndListen(path);
    const clients = await Promise.all(
      ['one', 'two', 'three'].map(async (name) => {
        const client = await UnixSocket.connect(path);
        await client.write(Buffer.from(name));
        return client;
      }),
    );
    const names: string[] = [];
    for await (const connection of server) {
      names.push(await textFrom(connection));
      connection.close();
      if (names.length === clients.length) {
        server.close();
      }
    }
    t.deepEqual(names.sort(), ['one', 'three', 'two']);
    for (const client of clients) {
      client.close();
    }
  });
});

test('an aborted signal closes the server, and one that is aborted already makes none', async (t) => {
  const path = socketPath(t);
  const stop = new AbortController();
  const server = UnixServer.bindAndListen(path, { signal: stop.signal });
  const waiting = rejection(t, server.accept(), 'Closed');
  stop.abort();
  await waiting;
  t.true(server.isClosed);
  const { signal } = stop;
  await exactly(t, async () => {
    thrown(t, () => UnixServer.bindAndListen(path, { signal }), 'Aborted');
  });
});

test('without free slots accept says EMFILE and the server lives; an iteration reports and goes on', async (t) => {
  const path = socketPath(t);
  const retries: string[] = [];
  using server = UnixServer.bindAndListen(path, { onRetry: ({ code }) => retries.push(code) });
  using client = await UnixSocket.connect(path);
  const filled = fillSlots(0);
  const refused = await server.accept().catch((error: unknown) => error);
  const iteration = server[Symbol.asyncIterator]();
  const next = iteration.next();
  while (retries.length === 0) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  freeSlots(filled);
  t.like(refused, { type: 'FailedAccept', code: 'EMFILE', syscall: 'accept' });
  const { value: accepted } = await next;
  t.is(retries[0], 'EMFILE');
  await client.write(Buffer.from('patient'));
  t.is(accepted && (await textFrom(accepted)), 'patient');
  accepted?.close();
});

test('an idle server that is not waited on lets the program end', async (t) => {
  const program = `
    const { UnixServer, socketPair } = require('fd-conduit');
    UnixServer.bindAndListen(process.argv[1]).unref().accept();
    const [one] = socketPair();
    one.unref().read(new Uint8Array(1));
  `;
  const path = socketPath(t);
  const child = spawn(process.execPath, ['-e', program, path], { stdio: 'inherit' });
  t.deepEqual(await once(child, 'exit'), [0, null]);
});
