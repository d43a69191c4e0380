import { closeSync, existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { Conduit, UnixServer, UnixSocket } from 'fd-conduit';
import { isOpen } from '../support/descriptors.js';
import { temporaryDirectory } from '../support/files.js';
import { runUnprivileged } from '../support/program.js';
import { socketPath } from '../support/unix.js';

for (const server of ['UnixServer', 'ConduitServer']) {
  test(`a ${server} that may not remove its file is closed all the same, and says FailedClose`, async (t) => {
    const output = await runUnprivileged(t, server);
    t.is(output, 'FailedClose EACCES -13 unlink false true');
  });
}

test('a signal that closes a server which may not remove its file is an uncaughtException', async (t) => {
  t.is(await runUnprivileged(t, 'signal'), 'FailedClose false');
});

test('a server on a relative path removes its own file, wherever the program has gone', (t) => {
  const [first, second] = [temporaryDirectory(t), temporaryDirectory(t)];
  const before = process.cwd();
  try {
    process.chdir(first);
    const server = Conduit.listen('relative');
    process.chdir(second);
    const other = UnixSocket.bind('relative');
    process.chdir(first);
    mkdirSync('inner');
    process.chdir('inner');
    server.close();
    t.false(existsSync(join(first, 'relative')));
    t.true(existsSync(join(second, 'relative')));
    other.close();
    t.false(existsSync(join(second, 'relative')));
  } finally {
    process.chdir(before);
  }
});

test('what release gives away keeps its file, whatever is called later', async (t) => {
  const path = socketPath(t);
  const controller = new AbortController();
  const server = UnixServer.bindAndListen(path, { signal: controller.signal });
  const fd = server.release();
  server.close();
  controller.abort();
  t.true(existsSync(path));
  t.true(isOpen(fd));
  (await UnixSocket.connect(path)).close();
  closeSync(fd);
});
