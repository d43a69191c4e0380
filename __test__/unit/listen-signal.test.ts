import { getEventListeners } from 'node:events';
import { existsSync } from 'node:fs';
import test from 'ava';
import { Conduit, UnixServer } from 'fd-conduit';
import { isOpen } from '../support/descriptors.js';
import { rejection, thrown } from '../support/errors.js';
import { socketPath } from '../support/unix.js';

test('a server that is closed leaves no listener on its signal', (t) => {
  const { signal } = new AbortController();
  for (const end of ['close', 'release'] as const) {
    const server = UnixServer.bindAndListen(socketPath(t), { signal });
    t.is(getEventListeners(signal, 'abort').length, 1);
    const fd = server[end]();
    t.is(getEventListeners(signal, 'abort').length, 0);
    if (fd !== undefined) {
      UnixServer.adopt(fd).close();
    }
  }
  const server = Conduit.listen(socketPath(t), { signal });
  server.close();
  t.is(getEventListeners(signal, 'abort').length, 0);
});

test('a server that could not be bound leaves no listener on its signal', (t) => {
  const { signal } = new AbortController();
  const path = socketPath(t);
  using server = Conduit.listen(path);
  thrown(t, () => Conduit.listen(server.path, { signal }), 'FailedListen');
  t.is(getEventListeners(signal, 'abort').length, 0);
});

test('the signal closes the server, removes its file and ends what waits', async (t) => {
  const path = socketPath(t);
  const controller = new AbortController();
  const server = Conduit.listen(path, { signal: controller.signal });
  const { fd } = server;
  const waiting = server.accept();
  controller.abort();
  await rejection(t, waiting, 'Closed');
  t.false(isOpen(fd));
  t.false(existsSync(path));
});
