import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { Conduit } from 'fd-conduit';
import { openFd, textOfDescriptor } from '../support/conduits.js';
import { exactly } from '../support/descriptors.js';
import { rejection } from '../support/errors.js';
import { temporaryFile } from '../support/files.js';
import { socketPath } from '../support/unix.js';

/** Connects until the backlog of a server that accepts nothing is full. */
async function fillBacklog(path: string): Promise<Conduit[]> {
  const conduits: Conduit[] = [];
  for (;;) {
    const conduit = await Conduit.connect(path, { timeoutMs: 0 }).catch(() => undefined);
    if (conduit === undefined) {
      return conduits;
    }
    conduits.push(conduit);
  }
}

test('a path that is not there is FailedConnect with ENOENT', async (t) => {
  const path = socketPath(t);
  await exactly(t, async () => {
    const error = await rejection(t, Conduit.connect(path), 'FailedConnect');
    t.like(error, { code: 'ENOENT', errno: -2, syscall: 'connect', address: path });
    t.true(error.message.includes(path));
  });
});

test('a file that is no socket is FailedConnect with ECONNREFUSED', async (t) => {
  const path = temporaryFile(t);
  t.is((await rejection(t, Conduit.connect(path), 'FailedConnect')).code, 'ECONNREFUSED');
});

test('an aborted signal connects to nothing', async (t) => {
  using server = Conduit.listen(socketPath(t));
  const signal = AbortSignal.abort('no');
  const error = await rejection(t, Conduit.connect(server.path, { signal }), 'Aborted');
  t.is(error.cause, 'no');
  await rejection(t, server.accept({ timeoutMs: 5 }), 'Timeout');
});

test('a full backlog is waited for, and bounded by timeoutMs and signal', async (t) => {
  using server = Conduit.listen(socketPath(t), { backlog: 1 });
  const { path } = server;
  const conduits = await fillBacklog(path);
  t.true(conduits.length > 0);
  await exactly(t, async () => {
    const late = await rejection(t, Conduit.connect(path, { timeoutMs: 20 }), 'Timeout');
    t.like(late, { code: 'ETIMEDOUT', timeoutMs: 20 });
    const controller = new AbortController();
    const aborted = Conduit.connect(path, { signal: controller.signal });
    await delay(5);
    controller.abort('enough');
    const error = await rejection(t, aborted, 'Aborted');
    t.like(error, { name: 'AbortError', code: 'ABORT_ERR', cause: 'enough' });
  });
  const waiting = Conduit.connect(path);
  for (const _ of conduits) {
    (await server.accept()).close();
  }
  const conduit = await waiting;
  using served = await server.accept();
  await conduit.transferFd(openFd(temporaryFile(t, 'in the end')));
  t.is(textOfDescriptor(await served.receive()), 'in the end');
  for (const end of [conduit, ...conduits]) {
    end.close();
  }
});
