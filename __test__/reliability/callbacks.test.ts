// What a user's callbacks do to the library: throw, and call it again.
import { cpSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import type * as FdConduit from 'fd-conduit';
import { Conduit, Descriptor, isConduitError, putEach } from 'fd-conduit';
import { openFd, pair, textOfDescriptor } from '../support/conduits.js';
import { exactly, inodeOf } from '../support/descriptors.js';
import { rejection } from '../support/errors.js';
import { temporaryDirectory, temporaryFile } from '../support/files.js';
import { lending } from '../support/linux.js';
import { runProgram } from '../support/program.js';
import { ends } from '../support/sockets.js';
import { socketPath } from '../support/unix.js';

const THROWN = 'thrown by the user';
const BYTE = Buffer.from('x');

for (const [scenario, heard] of [
  ['onRetry', [`rejected: ${THROWN}`]],
  ['an abort listener', [`uncaughtException: ${THROWN}`, 'AbortError']],
  ['a promise continuation', [`unhandledRejection: ${THROWN}`]],
  ['a getter of options', [`rejected: ${THROWN}`, `rejected: ${THROWN}`, 'closed: false']],
  ['a getter that throws only when it waits', [`rejected: ${THROWN}`]],
  ['a getter of a descriptor', [`rejected: ${THROWN}`]],
  ['an element of the buffers', [`thrown: ${THROWN}`]],
] as const) {
  test(`an exception in ${scenario} comes out where the user can catch it, and the process lives on`, async (t) => {
    const args = [scenario, socketPath(t)];
    const { code, signal, output } = await runProgram(t, 'throwing', { args, slots: 64 });
    t.deepEqual({ code, signal }, { code: 0, signal: null });
    const told = JSON.parse(output);
    t.true(told.works);
    t.deepEqual([...new Set(told.heard)].sort(), [...new Set(heard)].sort());
  });
}

test('an async hook may close a conduit, and use another, while the thread of a wait is made', async (t) => {
  const { code, signal, output } = await runProgram(t, 'hooked');
  t.deepEqual({ code, signal }, { code: 0, signal: null });
  const outcomes = ['received', 'received', 'Closed', 'Closed'];
  t.deepEqual(JSON.parse(output), { outcomes, isExact: true });
});

test('a conduit may be closed, and used again, in the continuation of its own call', async (t) => {
  await exactly(t, async () => {
    const [one, other] = Conduit.pair();
    const calls = [other.receive(), other.receive(), other.receive()] as const;
    const closing = calls[0].then((descriptor) => {
      descriptor.close();
      other.close();
      return rejection(t, other.receive(), 'Closed');
    });
    await one.transferFd(openFd());
    await closing;
    for (const call of calls.slice(1)) {
      await rejection(t, call, 'Closed');
    }
    one.close();
  });
});

test('an abort listener may close the conduit, abort other calls and make new ones', async (t) => {
  await exactly(t, async () => {
    const [one, other] = Conduit.pair();
    const [first, second] = [new AbortController(), new AbortController()];
    const later: Promise<unknown>[] = [];
    first.signal.addEventListener('abort', () => {
      second.abort();
      later.push(rejection(t, one.receive({ timeoutMs: 0 }), 'Closed'));
    });
    const calls = [first, second].map(({ signal }) => one.receive({ signal }));
    second.signal.addEventListener('abort', () => {
      later.push(rejection(t, one.receive(), 'Closed'));
      one.close();
    });
    first.abort();
    for (const call of calls) {
      const outcome = await call.catch((error: unknown) => error);
      t.true(isConduitError(outcome));
    }
    await Promise.all(later);
    t.is(later.length, 2);
    other.close();
  });
});

test('a getter that makes other calls meanwhile changes nothing of what is sent', async (t) => {
  const [one, other] = ends(t);
  const [near, far] = ends(t);
  await lending([openFd(temporaryFile(t)), openFd(), openFd('/dev/zero')], async (fds) => {
    const [file, nothing, zero] = fds as [number, number, number];
    const owner = {
      get fd(): number {
        near.tryWrite(BYTE, { descriptors: [zero, zero, zero] });
        far.tryRead(Buffer.alloc(1), { maxDescriptors: 3 })?.close();
        return nothing;
      },
    };
    await one.write(BYTE, { descriptors: [file, owner, file] });
    const { descriptors } = await other.read(Buffer.alloc(1), { maxDescriptors: 3 });
    t.deepEqual(
      descriptors.map(({ fd }) => inodeOf(fd)),
      [file, nothing, file].map(inodeOf),
    );
    for (const descriptor of descriptors) {
      descriptor.close();
    }
  });
});

test('such a getter changes nothing of what putEach sends', async (t) => {
  const [one, other] = ends(t);
  const [near, far] = ends(t);
  await lending([openFd(temporaryFile(t)), openFd(), openFd('/dev/zero')], async (fds) => {
    const [file, nothing, zero] = fds as [number, number, number];
    const owner = {
      get fd(): number {
        near.tryWrite(BYTE, { descriptors: [zero, zero] });
        far.tryRead(Buffer.alloc(1), { maxDescriptors: 2 })?.close();
        return nothing;
      },
    };
    await putEach(one, [file, owner]);
    for (const sent of [file, nothing]) {
      using message = await other.read(Buffer.alloc(1), { maxDescriptors: 1 });
      t.is(inodeOf(message.descriptors[0]?.fd as number), inodeOf(sent));
      message.descriptors[0]?.close();
    }
  });
});

test('a getter of options that closes the conduit leaves what was passed with its owner', async (t) => {
  await exactly(t, async () => {
    const [one, other] = Conduit.pair();
    const descriptor = Descriptor.adopt(openFd());
    const options = {
      get timeoutMs(): number {
        one.close();
        return 1000;
      },
    };
    await rejection(t, one.transfer(descriptor, options), 'Closed');
    t.false(descriptor.isClosed);
    descriptor.close();
    other.close();
  });
});

test('two copies of the package in one process work side by side and know each other’s errors', async (t) => {
  const copy = temporaryDirectory(t);
  const root = join(__dirname, '..', '..', '..');
  cpSync(join(root, 'dist'), join(copy, 'dist'), { recursive: true });
  cpSync(root, copy, {
    recursive: true,
    filter: (path) => path === root || (path.endsWith('.node') && join(path, '..') === root),
  });
  symlinkSync(join(root, 'package.json'), join(copy, 'package.json'));
  const second = require(join(copy, 'dist', 'index.js')) as typeof FdConduit;
  t.not(second.Conduit, Conduit);
  const [one, other] = pair(t);
  using theirs = second.Conduit.fromFd(other.fd);
  // Both watch the same socket, each by a descriptor of its own.
  const receiving = theirs.receive();
  await one.transferFd(openFd(temporaryFile(t, 'from one copy to the other')));
  const received = await receiving;
  t.is(textOfDescriptor(received as unknown as Descriptor), 'from one copy to the other');
  const foreign = second.Descriptor.adopt(openFd());
  await rejection(t, one.transfer(foreign as unknown as Descriptor), 'InvalidArgument');
  t.false(foreign.isClosed);
  foreign.close();
  const error = await theirs.receive({ timeoutMs: 0 }).catch((failure: unknown) => failure);
  t.true(isConduitError(error) && error.type === 'Timeout');
});
