import { closeSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import test from 'ava';
import { Conduit, Descriptor, UnixSocket } from 'fd-conduit';
import { openFd, pair } from '../support/conduits.js';
import { rejection, thrown } from '../support/errors.js';
import { runProgram } from '../support/program.js';
import { ends } from '../support/sockets.js';

test('what is no FileHandle is InvalidArgument, and the message says what it has to be', async (t) => {
  const [one] = pair(t);
  for (const value of [5, 'file', undefined, null, {}, one]) {
    const errors = [
      await rejection(t, one.transferFile(value as unknown as FileHandle), 'InvalidArgument'),
      thrown(t, () => Conduit.fromFile(value as unknown as FileHandle), 'InvalidArgument'),
    ];
    for (const error of errors) {
      t.like(error, { code: 'ERR_INVALID_ARG_TYPE', argument: 'file' });
      t.regex(error.message, /^file must be a FileHandle, but it is /);
    }
  }
  const error = await rejection(t, one.transferFile(5 as unknown as FileHandle), 'InvalidArgument');
  t.is(error.message, 'file must be a FileHandle, but it is 5');
});

test('a message names what was passed in a few words, whatever that is', async (t) => {
  const [one] = pair(t);
  const [socket] = ends(t);
  const { proxy, revoke } = Proxy.revocable({}, {});
  revoke();
  const values: [value: unknown, words: string][] = [
    [5n, '5n'],
    [() => 'a program of many lines', 'a function'],
    [Conduit, 'a function'],
    ['x'.repeat(1000), `the string "${'x'.repeat(32)}" of 1000 characters`],
    [{}, 'an Object'],
    [[], 'an Array'],
    [new Uint8Array(1), 'a Uint8Array'],
    [Object.create(null), 'an object'],
    [proxy, 'an object'],
  ];
  for (const [value, words] of values) {
    const options = { max: value as number };
    const { message } = await rejection(t, one.receiveBatch(options), 'InvalidArgument');
    t.is(message, `options.max must be a number, but it is ${words}`);
    const error = thrown(t, () => socket.shutdown(value as 'both'), 'InvalidArgument');
    t.is(error.message, `how must be 'read', 'write' or 'both', but it is ${words}`);
  }
});

test('what cannot be transferred is InvalidArgument, and the message says what can', async (t) => {
  const [one] = pair(t);
  for (const value of ['what', undefined, {}, () => 1]) {
    const error = await rejection(t, one.transfer(value as unknown as number), 'InvalidArgument');
    t.is(error.argument, 'what');
    t.regex(error.message, /^what must be a number, a FileHandle, a net.Socket, a net.Server/);
  }
});

test('the message of a failed transfer says what stands behind it', async (t) => {
  const [one, other] = pair(t);
  const fd = openFd();
  t.regex(
    (await rejection(t, one.transferFd(99_999), 'FailedTransfer')).message,
    /EBADF.*is not open/,
  );
  using file = Conduit.fromFd(fd);
  for (const call of [file.transferFd(fd), file.receive()]) {
    t.regex((await rejection(t, call, 'FailedTransfer')).message, /ENOTSOCK.*this is no socket/);
  }
  other.close();
  t.regex(
    (await rejection(t, one.transferFd(fd), 'FailedTransfer')).message,
    /EPIPE.*the peer has closed/,
  );
  closeSync(fd);
});

test('the calls of what was closed name it', async (t) => {
  const [one] = Conduit.pair();
  using named = Conduit.fromFd(one.fd, { name: 'to the worker' });
  const waiting = named.receive();
  named.close();
  const message = 'The conduit to the worker was closed';
  t.is((await rejection(t, waiting, 'Closed')).message, message);
  t.is((await rejection(t, named.receive(), 'Closed')).message, message);
  t.is((await rejection(t, named.transferFd(openFd()), 'Closed')).message, message);
  one.close();
  t.regex(
    (await rejection(t, one.receive(), 'Closed')).message,
    /^The conduit pair \d+ was closed$/,
  );
  using socket = UnixSocket.bind();
  socket.close();
  t.is(thrown(t, () => socket.shutdown('both'), 'Closed').message, 'The socket was closed');
});

test('numbers that are not open or no Unix socket are BadClone for whoever adopts them', (t) => {
  t.like(
    thrown(t, () => Descriptor.adopt(99_999), 'BadClone'),
    { code: 'EBADF' },
  );
  t.like(
    thrown(t, () => UnixSocket.adopt(99_999), 'BadClone'),
    { code: 'EBADF' },
  );
  const fd = openFd();
  t.like(
    thrown(t, () => UnixSocket.adopt(fd), 'BadClone'),
    { code: 'ENOTSOCK' },
  );
  closeSync(fd);
});

test("a cluster worker's server is NoFD, and the message says whose it is", async (t) => {
  const { code, output } = await runProgram(t, 'cluster-server');
  t.is(code, 0);
  t.regex(output, /^NoFD .*belongs to the cluster's primary process; listening true\n$/);
});
