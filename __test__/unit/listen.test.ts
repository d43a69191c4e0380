import { once } from 'node:events';
import {
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { Conduit } from 'fd-conduit';
import { openFd, textOfDescriptor } from '../support/conduits.js';
import { exactly } from '../support/descriptors.js';
import { rejection, thrown } from '../support/errors.js';
import { temporaryDirectory, temporaryFile } from '../support/files.js';
import { endProgram, linesOf, runProgram, startProgram } from '../support/program.js';
import { nodeServer, socketPath } from '../support/unix.js';

const ROUNDS = 500;

/** Leaves a socket file behind on which nobody listens. */
function leaveStale(path: string): void {
  const server = Conduit.listen(path);
  renameSync(path, `${path}.aside`);
  server.close();
  renameSync(`${path}.aside`, path);
}

test('what connects to a path comes out of the server, and goes both ways', async (t) => {
  const path = socketPath(t);
  await exactly(t, async () => {
    using server = Conduit.listen(path);
    t.is(server.path, path);
    using client = await Conduit.connect(path);
    t.is(client.name, path);
    using named = await Conduit.connect(path, { name: 'the second' });
    t.is(named.name, 'the second');
    using served = await server.accept();
    await client.transferFd(openFd(temporaryFile(t, 'to')));
    t.is(textOfDescriptor(await served.receive()), 'to');
    await served.transferFd(openFd(temporaryFile(t, 'fro')));
    t.is(textOfDescriptor(await client.receive()), 'fro');
  });
});

test('a path over 107 bytes is a clear error', async (t) => {
  const path = join(temporaryDirectory(t), 'x'.repeat(100));
  const error = thrown(t, () => Conduit.listen(path), 'InvalidArgument');
  t.like(error, { code: 'ERR_INVALID_ARG_VALUE', argument: 'path' });
  t.regex(error.message, new RegExp(`has ${path.length} bytes, and this system takes 107`));
  await rejection(t, Conduit.connect(path), 'InvalidArgument');
});

test('a path of 107 bytes works', async (t) => {
  const directory = temporaryDirectory(t);
  const path = join(directory, 'x'.repeat(107 - directory.length - 1));
  using server = Conduit.listen(path);
  using client = await Conduit.connect(path);
  t.is(client.name, server.path);
});

test('an existing file that is no socket is left as it is', async (t) => {
  const path = temporaryFile(t, 'precious');
  await exactly(t, async () => {
    const error = thrown(t, () => Conduit.listen(path), 'FailedListen');
    t.like(error, { code: 'EADDRINUSE', errno: -98, syscall: 'bind', address: path });
    t.regex(error.message, /no socket/);
  });
  t.is(readFileSync(path, 'utf8'), 'precious');
});

test('a directory and a link to a file are left as they are', (t) => {
  const file = temporaryFile(t, 'precious');
  const directory = temporaryDirectory(t);
  const inside = join(directory, 'directory');
  const link = join(directory, 'link');
  mkdirSync(inside);
  symlinkSync(file, link);
  for (const path of [inside, link]) {
    t.is(thrown(t, () => Conduit.listen(path), 'FailedListen').code, 'EADDRINUSE');
  }
  t.is(readFileSync(link, 'utf8'), 'precious');
});

test('a stale socket file is replaced', async (t) => {
  const path = socketPath(t);
  leaveStale(path);
  await exactly(t, async () => {
    t.is((await rejection(t, Conduit.connect(path), 'FailedConnect')).code, 'ECONNREFUSED');
    using server = Conduit.listen(path);
    using client = await Conduit.connect(path);
    using served = await server.accept();
    served.close();
    await rejection(t, client.receive(), 'EndOfStream');
  });
  t.false(existsSync(path));
});

test('the socket file of a process that was killed is replaced', async (t) => {
  const path = socketPath(t);
  const child = startProgram(t, 'starter');
  child.stdin?.write(`${path} 0\n`);
  t.deepEqual(await once(linesOf(child), 'line'), ['won']);
  thrown(t, () => Conduit.listen(path), 'FailedListen');
  await endProgram(child);
  t.true(existsSync(path));
  Conduit.listen(path).close();
  t.false(existsSync(path));
});

test('a socket file on which somebody listens is left as it is', async (t) => {
  const { path } = await nodeServer(t);
  const { ino } = statSync(path);
  const error = thrown(t, () => Conduit.listen(path), 'FailedListen');
  t.is(error.code, 'EADDRINUSE');
  t.regex(error.message, /listens on it/);
  t.is(statSync(path).ino, ino);
  (await Conduit.connect(path)).close();
});

test('closing removes its own socket file, and not the one of another server', (t) => {
  const path = socketPath(t);
  const first = Conduit.listen(path);
  unlinkSync(path);
  const second = Conduit.listen(path);
  first.close();
  t.true(existsSync(path));
  second.close();
  second.close();
  t.false(existsSync(path));
  const third = Conduit.listen(path);
  unlinkSync(path);
  writeFileSync(path, 'somebody else');
  third.close();
  t.is(readFileSync(path, 'utf8'), 'somebody else');
});

test('abstract names need no file, and one name has one server', async (t) => {
  const name = `\0fd-conduit test ${process.pid}`;
  await exactly(t, async () => {
    using server = Conduit.listen(name);
    const error = thrown(t, () => Conduit.listen(name), 'FailedListen');
    t.like(error, { code: 'EADDRINUSE', address: `@${name.slice(1)}` });
    using client = await Conduit.connect(name);
    using served = await server.accept();
    await client.transferFd(openFd(temporaryFile(t, 'abstract')));
    t.is(textOfDescriptor(await served.receive()), 'abstract');
  });
  const gone = await rejection(t, Conduit.connect(name), 'FailedConnect');
  t.like(gone, { code: 'ECONNREFUSED', syscall: 'connect', address: `@${name.slice(1)}` });
});

for (const mode of [0o600, 0o666, 0o777]) {
  test(`mode 0o${mode.toString(8)} is the mode of the socket file`, (t) => {
    const path = socketPath(t);
    using server = Conduit.listen(path, { mode });
    t.is(statSync(server.path).mode & 0o777, mode);
  });
}

test('a directory that is not there is FailedListen with ENOENT', async (t) => {
  const path = join(temporaryDirectory(t), 'no', 'such', 'socket');
  await exactly(t, async () => {
    const error = thrown(t, () => Conduit.listen(path), 'FailedListen');
    t.like(error, { code: 'ENOENT', errno: -2, syscall: 'bind', address: path });
  });
});

test('of two processes that start over one stale file exactly one wins, in every round', async (t) => {
  const directory = temporaryDirectory(t);
  const starters = [startProgram(t, 'starter'), startProgram(t, 'starter')].map((child) => ({
    child,
    lines: linesOf(child)[Symbol.asyncIterator](),
  }));
  const tell = (line: string) =>
    Promise.all(
      starters.map(async ({ child, lines }) => {
        child.stdin?.write(`${line}\n`);
        return (await lines.next()).value as string;
      }),
    );
  await tell('');
  for (let round = 0; round < ROUNDS; round += 1) {
    const path = join(directory, `${round}`);
    if (round % 3 !== 0) {
      leaveStale(path);
    }
    const outcomes = await tell(`${path} ${Date.now() + 2}`);
    t.deepEqual(outcomes.sort(), ['EADDRINUSE', 'won'], `round ${round}`);
    (await Conduit.connect(path)).close();
    await tell('');
    t.false(existsSync(path));
  }
});

test('accepting without a free slot is FailedAccept with EMFILE, and goes on with one', async (t) => {
  const args = [socketPath(t)];
  const { code, output } = await runProgram(t, 'accept-without-slots', { args, slots: 64 });
  t.is(code, 0);
  const { failure, retried } = JSON.parse(output) as { failure: unknown; retried: string[] };
  t.deepEqual(failure, { type: 'FailedAccept', code: 'EMFILE', errno: -24, syscall: 'accept' });
  t.deepEqual(retried, ['EMFILE']);
});
