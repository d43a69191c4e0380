import test from 'ava';
import {
  type ConduitError,
  closeDescriptors,
  Descriptor,
  get,
  IoVector,
  put,
  socketPair,
  UnixServer,
  UnixSocket,
} from 'fd-conduit';
import { openFd } from '../support/conduits.js';
import { exactly } from '../support/descriptors.js';
import { rejection, thrown } from '../support/errors.js';
import { abstractName, ends } from '../support/sockets.js';

const TYPE = 'ERR_INVALID_ARG_TYPE';
const VALUE = 'ERR_INVALID_ARG_VALUE';
const RANGE = 'ERR_OUT_OF_RANGE';

type Code = Extract<ConduitError, { type: 'InvalidArgument' }>['code'];
/** A call, the argument that is wrong in it, and why. */
type Wrong = readonly [call: () => unknown, argument: string, code: Code];

/** What no type allows, as JavaScript can pass it. */
function untyped<T>(value: unknown): T {
  return value as T;
}

const buffer = new Uint8Array(4);

test('every wrong argument of the constructors is named', async (t) => {
  const wrong: Wrong[] = [
    [() => socketPair({ type: untyped(1) }), 'options.type', TYPE],
    [() => socketPair({ type: untyped('raw') }), 'options.type', VALUE],
    [() => socketPair(untyped(null)), 'options', TYPE],
    [() => UnixSocket.bind(untyped(1)), 'path', TYPE],
    [() => UnixSocket.bind(''), 'path', VALUE],
    [() => UnixSocket.bind('a\0b'), 'path', VALUE],
    [() => UnixSocket.bind('x'.repeat(200)), 'path', VALUE],
    [() => UnixSocket.bind('x', { mode: 0o1000 }), 'options.mode', RANGE],
    [() => UnixSocket.adopt(-1), 'fd', RANGE],
    [() => UnixSocket.adopt(untyped('3')), 'fd', TYPE],
    [() => UnixServer.adopt(1.5), 'fd', RANGE],
    [() => UnixServer.bind(untyped({})), 'path', TYPE],
    [() => UnixServer.bind('x', untyped(1)), 'options', TYPE],
    [() => UnixServer.bind('x', { type: untyped('raw') }), 'options.type', VALUE],
    [() => UnixServer.bind('x', { mode: -1 }), 'options.mode', RANGE],
    [() => UnixServer.bind('x', { onRetry: untyped(1) }), 'options.onRetry', TYPE],
    [() => UnixServer.bind('x', { signal: untyped(1) }), 'options.signal', TYPE],
    [() => UnixServer.bindAndListen(abstractName(), { backlog: -1 }), 'options.backlog', RANGE],
    [() => new IoVector([]), 'lengths.length', RANGE],
    [() => new IoVector(Array(1025).fill(1)), 'lengths.length', RANGE],
    [() => new IoVector([-1]), 'lengths', RANGE],
    [() => new IoVector(untyped(5)), 'lengths', TYPE],
    [() => new IoVector([2 ** 30, 2 ** 30]), 'the sum of lengths', RANGE],
    [() => Descriptor.adopt(Number.NaN), 'fd', RANGE],
    [() => closeDescriptors([untyped(3)]), 'descriptors', TYPE],
  ];
  await exactly(t, async () => {
    for (const [call, argument, code] of wrong) {
      t.like(thrown(t, call, 'InvalidArgument'), { argument, code }, String(call));
    }
    for (const path of ['', 'x'.repeat(200), untyped<string>(undefined)]) {
      t.is((await rejection(t, UnixSocket.connect(path), 'InvalidArgument')).argument, 'path');
    }
    const connecting = UnixSocket.connect('x', { type: untyped('raw') });
    t.is((await rejection(t, connecting, 'InvalidArgument')).argument, 'options.type');
  });
});

test('every wrong argument of reading and writing is named, in each manner', async (t) => {
  const [one] = ends(t);
  const none: readonly never[] = [];
  const wrong: Wrong[] = [
    [() => one.tryRead(untyped('x')), 'buffer', TYPE],
    [() => one.tryRead(untyped(new Uint16Array(2))), 'buffer', TYPE],
    [() => one.tryReadVec(untyped(buffer)), 'buffers', TYPE],
    [() => one.tryReadVec([untyped(1)]), 'buffers', TYPE],
    [() => one.tryReadVec(Array(1025).fill(buffer)), 'buffers.length', RANGE],
    [() => one.tryRead(buffer, { maxDescriptors: 254 }), 'options.maxDescriptors', RANGE],
    [() => one.tryRead(buffer, { maxDescriptors: -1 }), 'options.maxDescriptors', RANGE],
    [() => one.tryRead(buffer, { maxDescriptors: untyped('1') }), 'options.maxDescriptors', TYPE],
    [() => one.tryRead(buffer, untyped(null)), 'options', TYPE],
    [() => one.readSync(buffer, untyped({})), 'options.timeoutMs', TYPE],
    [() => one.readSync(buffer, { timeoutMs: -1 }), 'options.timeoutMs', RANGE],
    [() => one.readVecSync([buffer], { timeoutMs: Number.NaN }), 'options.timeoutMs', RANGE],
    [() => one.tryWrite(untyped('x')), 'buffer', TYPE],
    [() => one.tryWriteVec(untyped({})), 'buffers', TYPE],
    [() => one.writeSync(buffer, untyped(undefined)), 'options', TYPE],
    [() => one.writeVecSync([buffer], untyped({})), 'options.timeoutMs', TYPE],
    [() => one.tryWrite(buffer, { descriptors: untyped(1) }), 'options.descriptors', TYPE],
    [() => one.tryWrite(buffer, { descriptors: [untyped('1')] }), 'what is sent', TYPE],
    [() => one.tryWrite(buffer, { descriptors: [-1] }), 'fd', RANGE],
    [() => one.tryWrite(buffer, { descriptors: Array(254).fill(1) }), 'options.descriptors', VALUE],
    [() => one.tryWrite(new Uint8Array(0), { descriptors: [1] }), 'payload', VALUE],
    [() => one.tryWriteVec(none, { descriptors: [1] }), 'payload', VALUE],
    [() => one.tryWrite(buffer, { to: '' }), 'path', VALUE],
    [() => one.tryWrite(buffer, { credentials: untyped(1) }), 'options.credentials', TYPE],
    [
      () => one.tryWrite(buffer, { credentials: untyped({ pid: 1, uid: 0 }) }),
      'options.credentials.gid',
      TYPE,
    ],
    [() => one.shutdown(untyped('all')), 'how', VALUE],
    [() => one.getOption(-1, 1), 'level', RANGE],
    [() => one.getOption(1, untyped('SO_TYPE')), 'name', TYPE],
    [() => one.setOption(1, 7, untyped('big')), 'value', TYPE],
    [() => one.setOption(1, 7, 2 ** 40), 'value', RANGE],
    [
      () => {
        one.sendBufferSize = -1;
      },
      'SO_SNDBUF',
      RANGE,
    ],
  ];
  for (const [call, argument, code] of wrong) {
    t.like(thrown(t, call, 'InvalidArgument'), { argument, code }, String(call));
  }
  const rejected = [
    one.read(untyped(1)),
    one.readVec(untyped(1)),
    one.read(buffer, { timeoutMs: -1 }),
    one.read(buffer, { signal: untyped({}) }),
    one.write(untyped(1)),
    one.writeVec([untyped(1)]),
    one.write(buffer, { timeoutMs: untyped('1') }),
    one.write(buffer, { descriptors: [untyped(null)] }),
  ];
  for (const promise of rejected) {
    await rejection(t, promise, 'InvalidArgument');
  }
});

test('every wrong argument of put and get is named, and nothing is sent', async (t) => {
  const [one, other] = ends(t);
  const wrong: [Promise<unknown>, string][] = [
    [put(untyped(1), [1]), 'via'],
    [put(one, untyped(1)), 'handles'],
    [put(one, Array(254).fill(1)), 'handles'],
    [put(one, [untyped('1')]), 'what is sent'],
    [put(one, [1], { timeoutMs: -1 }), 'options.timeoutMs'],
    [get(untyped({}), 1), 'via'],
    [get(other, 254), 'count'],
    [get(other, -1), 'count'],
    [get(other, untyped('1')), 'count'],
    [get(other, 1, untyped(1)), 'options'],
    [get(other, 1, { as: untyped('number') }), 'options.as'],
    [get(other, 1, { names: untyped('name') }), 'options.names'],
    [get(other, 1, { names: ['one', 'two'] }), 'options.names'],
    [get(other, 1, { as: 'descriptor', names: ['one'] }), 'options.names'],
    [get(other, 1, { timeoutMs: untyped('1') }), 'options.timeoutMs'],
  ];
  for (const [promise, argument] of wrong) {
    t.is((await rejection(t, promise, 'InvalidArgument')).argument, argument);
  }
  t.is(other.tryRead(buffer), undefined);
});

test('a number that cannot be adopted stays the caller’s', async (t) => {
  const fd = openFd();
  const [one] = ends(t);
  for (const adopt of [UnixSocket.adopt, UnixServer.adopt]) {
    t.is(thrown(t, () => adopt(fd), 'BadClone').code, 'ENOTSOCK');
    t.is(thrown(t, () => adopt(9999), 'BadClone').code, 'EBADF');
    thrown(t, () => adopt(one.fd), 'InvalidArgument');
  }
  await exactly(t, async () => {
    t.is(thrown(t, () => Descriptor.adopt(9999), 'BadClone').code, 'EBADF');
    thrown(t, () => Descriptor.adopt(one.fd), 'InvalidArgument');
  });
  Descriptor.adopt(fd).close();
});
