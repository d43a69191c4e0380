import { once } from 'node:events';
import { setTimeout as delay } from 'node:timers/promises';
import test from 'ava';
import { Conduit } from 'fd-conduit';
import { openFd, pair } from '../support/conduits.js';
import { linesOf, runProgram, startProgram } from '../support/program.js';
import { socketPath } from '../support/unix.js';

/** Long enough for a program with nothing to wait for to be gone. */
const GRACE_MS = 300;

for (const [name, output] of [
  ['idle', 'idle false\n'],
  ['idle after a call was given up', 'given up\n'],
  ['idle server', ''],
  ['waiting unref', 'waiting\n'],
  ['waiting, then unref', 'waiting\n'],
  ['server unref', ''],
] as const) {
  test(`a program that is ${name} exits by itself`, async (t) => {
    const [, theirs] = pair(t);
    const args = [name, socketPath(t)];
    const ending = await runProgram(t, 'exit', { args, inherited: theirs.fd });
    t.deepEqual(ending, { code: 0, signal: null, output });
  });
}

for (const name of ['waiting', 'waiting for a file', 'waiting, unref, then ref']) {
  test(`a program that is ${name} does not exit until its message has come`, async (t) => {
    const [mine, theirs] = pair(t);
    const child = startProgram(t, 'exit', { args: [name], inherited: theirs.fd });
    const lines = linesOf(child);
    t.deepEqual(await once(lines, 'line'), ['waiting']);
    await delay(GRACE_MS);
    t.is(child.exitCode, null);
    const exit = once(child, 'exit');
    await mine.transferFd(openFd());
    t.deepEqual(await once(lines, 'line'), ['received']);
    t.deepEqual(await exit, [0, null]);
  });
}

for (const name of ['waiting again', 'waiting in for await']) {
  test(`a program that is ${name} does not exit until its second message has come`, async (t) => {
    const [mine, theirs] = pair(t);
    const child = startProgram(t, 'exit', { args: [name], inherited: theirs.fd });
    const lines = linesOf(child);
    const exit = once(child, 'exit');
    await delay(GRACE_MS);
    await mine.transferFd(openFd());
    t.deepEqual(await once(lines, 'line'), ['waiting']);
    await delay(GRACE_MS);
    t.is(child.exitCode, null);
    await mine.transferFd(openFd());
    t.deepEqual(await once(lines, 'line'), ['received']);
    t.deepEqual(await exit, [0, null]);
  });
}

test('a program that waits for a connection does not exit until one has come', async (t) => {
  const path = socketPath(t);
  const [, theirs] = pair(t);
  const args = ['waiting server', path];
  const child = startProgram(t, 'exit', { args, inherited: theirs.fd });
  await once(linesOf(child), 'line');
  await delay(GRACE_MS);
  t.is(child.exitCode, null);
  const exit = once(child, 'exit');
  using conduit = await Conduit.connect(path);
  await conduit.transferFd(openFd());
  t.deepEqual(await exit, [0, null]);
});
