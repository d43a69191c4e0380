import { AsyncLocalStorage } from 'node:async_hooks';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { Conduit } from 'fd-conduit';
import { openFd, pair, textOfDescriptor } from '../support/conduits.js';
import { exactly } from '../support/descriptors.js';
import { rejection } from '../support/errors.js';
import { temporaryFile } from '../support/files.js';
import { sendOddMessage } from '../support/odd-message.js';
import { startRemote } from '../support/remote.js';
import { socketPath } from '../support/unix.js';

test('for await answers what comes, in order, and ends at the close of the other process', async (t) => {
  const { conduit, remote } = await startRemote(t);
  for (const name of ['one', 'two', 'three']) {
    await remote.call('transferFd', temporaryFile(t, name), 0);
  }
  await exactly(t, async () => {
    const texts: string[] = [];
    for await (const descriptor of conduit) {
      texts.push(textOfDescriptor(descriptor));
      if (texts.length === 3) {
        await remote.call('close');
      }
    }
    t.deepEqual(texts, ['one', 'two', 'three']);
  });
});

test('for await ends when the other process is killed', async (t) => {
  const { conduit, remote } = await startRemote(t);
  const ending = conduit[Symbol.asyncIterator]().next();
  await remote.end();
  t.deepEqual(await ending, { done: true, value: undefined });
});

test('breaking out of for await leaves the conduit open, and the rest in the socket', async (t) => {
  const [one, other] = pair(t);
  await one.transferFd(openFd(temporaryFile(t, 'first')));
  await one.transferFd(openFd(temporaryFile(t, 'second')));
  for await (const descriptor of other) {
    t.is(textOfDescriptor(descriptor), 'first');
    break;
  }
  t.false(other.isClosed);
  t.is(textOfDescriptor(await other.receive()), 'second');
});

test('for await throws what receive rejects with, and can be taken up again', async (t) => {
  const [one, other] = pair(t);
  sendOddMessage(one, 'x', []);
  await rejection(t, other[Symbol.asyncIterator]().next(), 'BadCtrlMesg');
  await one.transferFd(openFd(temporaryFile(t, 'good')));
  one.close();
  const texts: string[] = [];
  for await (const descriptor of other) {
    texts.push(textOfDescriptor(descriptor));
  }
  t.deepEqual(texts, ['good']);
});

test('closing the conduit ends a waiting for await with Closed', async (t) => {
  const [one] = pair(t);
  const next = one[Symbol.asyncIterator]().next();
  one.close();
  await rejection(t, next, 'Closed');
});

test('a server is an async iterable of conduits, which ends when it is closed', async (t) => {
  const path = socketPath(t);
  const server = Conduit.listen(path);
  const clients = await Promise.all([1, 2, 3].map(() => Conduit.connect(path)));
  let count = 0;
  for await (const conduit of server) {
    conduit.close();
    count += 1;
    if (count === clients.length) {
      setImmediate(() => server.close());
    }
  }
  t.is(count, clients.length);
  await rejection(t, server.accept(), 'Closed');
  for (const client of clients) {
    await rejection(t, client.receive(), 'EndOfStream');
    client.close();
  }
});

test('the signal of a server closes it, and accepted conduits stay', async (t) => {
  const controller = new AbortController();
  const server = Conduit.listen(socketPath(t), { signal: controller.signal });
  using client = await Conduit.connect(server.path);
  using served = await server.accept();
  const pending = server.accept();
  controller.abort();
  await rejection(t, pending, 'Closed');
  await rejection(t, Conduit.connect(server.path), 'FailedConnect');
  await client.transferFd(openFd(temporaryFile(t, 'stays')));
  t.is(textOfDescriptor(await served.receive()), 'stays');
});

test('what is awaited keeps the AsyncLocalStorage of its caller', async (t) => {
  const storage = new AsyncLocalStorage<string>();
  const [one, other] = pair(t);
  const seen = ['a', 'b'].map((name) =>
    storage.run(name, async () => {
      (await other.receive()).close();
      return storage.getStore();
    }),
  );
  await delay(1);
  await one.transferFd(openFd());
  await one.transferFd(openFd());
  t.deepEqual(await Promise.all(seen), ['a', 'b']);
});
