import { closeSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { createServer, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import {
  type CallOptions,
  Conduit,
  type ConduitServer,
  type Descriptor,
  type UnixServer,
  type UnixSocket,
} from 'fd-conduit';
import { openFd, pair } from '../support/conduits.js';
import { rejection } from '../support/errors.js';
import { socketPath } from '../support/unix.js';

/** Compiles only where `Actual` is exactly `Wanted`. */
type Exactly<Actual, Wanted> =
  (<T>() => T extends Actual ? 1 : 2) extends <T>() => T extends Wanted ? 1 : 2 ? true : never;

/** A conduit that is closed, whose every call rejects. */
function closed(t: ExecutionContext): Conduit {
  const [one] = pair(t);
  one.close();
  return one;
}

test('transfer takes each of its kinds, and its promise answers nothing', async (t) => {
  const conduit = closed(t);
  const kinds = (what: FileHandle | Socket | Descriptor | Conduit | UnixSocket | UnixServer) =>
    conduit.transfer(what);
  const answer: Exactly<ReturnType<typeof kinds>, Promise<void>> = true;
  t.true(answer);
  const fd = openFd();
  await rejection(t, conduit.transfer(fd), 'Closed');
  closeSync(fd);
  await rejection(t, conduit.transfer(createServer()), 'NoFD');
});

test('transfer takes nothing else', async (t) => {
  const conduit = closed(t);
  // @ts-expect-error: a text is no descriptor.
  await rejection(t, conduit.transfer('3'), 'InvalidArgument');
  // @ts-expect-error: what has a number is no owner of it.
  await rejection(t, conduit.transfer({ fd: 3 }), 'InvalidArgument');
  // @ts-expect-error: nothing is not a descriptor.
  await rejection(t, conduit.transfer(undefined), 'InvalidArgument');
  using server = Conduit.listen(socketPath(t));
  // @ts-expect-error: a server of conduits is none of its kinds.
  await rejection(t, conduit.transfer(server), 'InvalidArgument');
});

test('each transfer by kind takes its kind only', async (t) => {
  const conduit = closed(t);
  // @ts-expect-error: a FileHandle or socket goes by its own function.
  await rejection(t, conduit.transferFd(createServer()), 'InvalidArgument');
  // @ts-expect-error: a number goes by transferFd.
  await rejection(t, conduit.transferFile(3), 'InvalidArgument');
  // @ts-expect-error: a server is no connection.
  await rejection(t, conduit.transferSocket(createServer()), 'InvalidArgument');
});

test('the options of a call are signal and timeoutMs, undefined included', async (t) => {
  const conduit = closed(t);
  const options: CallOptions = { signal: undefined, timeoutMs: undefined };
  await rejection(t, conduit.receive(options), 'Closed');
  // @ts-expect-error: the unit stands in the name.
  await rejection(t, conduit.receive({ timeout: 5 }), 'Closed');
  // @ts-expect-error: it is a number.
  await rejection(t, conduit.receive({ timeoutMs: '5' }), 'InvalidArgument');
});

test('what is received has its type', (t) => {
  const types: [
    Exactly<ReturnType<Conduit['receive']>, Promise<Descriptor>>,
    Exactly<ReturnType<Conduit['receiveFd']>, Promise<number>>,
    Exactly<ReturnType<Conduit['receiveFile']>, Promise<FileHandle>>,
    Exactly<ReturnType<Conduit['receiveSocket']>, Promise<Socket>>,
    Exactly<ReturnType<typeof Conduit.listen>, ConduitServer>,
    Exactly<ReturnType<typeof Conduit.pair>, [Conduit, Conduit]>,
    Exactly<ReturnType<typeof Conduit.connect>, Promise<Conduit>>,
  ] = [true, true, true, true, true, true, true];
  t.true(types.every(Boolean));
});

test('the number and the name of a conduit are read only', (t) => {
  const [one] = pair(t);
  t.throws(() => {
    // @ts-expect-error: the number is the conduit's.
    one.fd = 3;
  });
  // @ts-expect-error: the constructor is private.
  const make = (): Conduit => new Conduit();
  t.is(typeof make, 'function');
});
