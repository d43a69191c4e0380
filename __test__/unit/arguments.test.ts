import dgram from 'node:dgram';
import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { connect } from 'node:net';
import test from 'ava';
import {
  type CallOptions,
  Conduit,
  type ConduitOptions,
  Descriptor,
  type ListenOptions,
  type Transferable,
} from 'fd-conduit';
import { openFd, pair } from '../support/conduits.js';
import { isOpen } from '../support/descriptors.js';
import { rejection, thrown } from '../support/errors.js';
import { socketPath } from '../support/unix.js';

/** What a caller without types may pass where a number belongs. */
const NO_NUMBERS: readonly [value: unknown, code: string][] = [
  ['3', 'ERR_INVALID_ARG_TYPE'],
  [null, 'ERR_INVALID_ARG_TYPE'],
  [undefined, 'ERR_INVALID_ARG_TYPE'],
  [{}, 'ERR_INVALID_ARG_TYPE'],
  [3n, 'ERR_INVALID_ARG_TYPE'],
  [-1, 'ERR_OUT_OF_RANGE'],
  [-(2 ** 40), 'ERR_OUT_OF_RANGE'],
  [2 ** 31, 'ERR_OUT_OF_RANGE'],
  [2 ** 53, 'ERR_OUT_OF_RANGE'],
  [1.5, 'ERR_OUT_OF_RANGE'],
  [Number.NaN, 'ERR_OUT_OF_RANGE'],
  [Number.POSITIVE_INFINITY, 'ERR_OUT_OF_RANGE'],
];

for (const [value, code] of NO_NUMBERS) {
  test(`${typeof value} ${String(value)} is no number of a descriptor`, async (t) => {
    const [one] = pair(t);
    const fd = value as number;
    for (const error of [
      await rejection(t, one.transferFd(fd), 'InvalidArgument'),
      thrown(t, () => Conduit.fromFd(fd), 'InvalidArgument'),
      thrown(t, () => Descriptor.adopt(fd), 'InvalidArgument'),
    ]) {
      t.like(error, { code, argument: 'fd' });
    }
  });
}

test('what has no descriptor is no argument of any transfer', async (t) => {
  const [one, other] = pair(t);
  for (const value of [
    null,
    undefined,
    'x',
    {},
    [],
    () => 3,
    Symbol('x'),
    new Date(),
    true,
    { fd: 0 },
  ]) {
    for (const call of ['transfer', 'transferFile', 'transferSocket'] as const) {
      const error = await rejection(t, one[call](value as never), 'InvalidArgument');
      t.is(error.code, 'ERR_INVALID_ARG_TYPE');
    }
    t.is(thrown(t, () => Conduit.fromSocket(value as never), 'InvalidArgument').argument, 'socket');
    thrown(t, () => Conduit.fromFile(value as never), 'InvalidArgument');
  }
  const self = await rejection(t, one.transfer(one), 'InvalidArgument');
  t.is(self.code, 'ERR_INVALID_ARG_VALUE');
  const datagram = dgram.createSocket('udp4');
  await rejection(t, one.transfer(datagram as unknown as Transferable), 'InvalidArgument');
  datagram.close();
  one.close();
  await rejection(t, other.receive(), 'EndOfStream');
});

test('a number that an object owns is refused, and names the way out', async (t) => {
  const [one, other] = pair(t);
  using descriptor = Descriptor.adopt(openFd());
  for (const fd of [descriptor.fd, one.fd, other.fd]) {
    const error = await rejection(t, one.transferFd(fd), 'InvalidArgument');
    t.like(error, { code: 'ERR_INVALID_ARG_VALUE', argument: 'fd' });
    thrown(t, () => Descriptor.adopt(fd), 'InvalidArgument');
    t.true(isOpen(fd));
  }
});

test('the number of a net.Socket is refused, and the message names transferSocket', async (t) => {
  const [one] = pair(t);
  using server = Conduit.listen(socketPath(t));
  const socket = connect(server.path);
  await once(socket, 'connect');
  const { fd } = (socket as unknown as { _handle: { fd: number } })._handle;
  const error = await rejection(t, one.transferFd(fd), 'InvalidArgument');
  t.regex(error.message, /transferSocket/);
  thrown(t, () => Descriptor.adopt(fd), 'InvalidArgument');
  socket.destroy();
});

for (const [name, options, code] of [
  ['null', null, 'ERR_INVALID_ARG_TYPE'],
  ['a string', 'soon', 'ERR_INVALID_ARG_TYPE'],
  ['timeoutMs as a string', { timeoutMs: '5' }, 'ERR_INVALID_ARG_TYPE'],
  ['timeoutMs null', { timeoutMs: null }, 'ERR_INVALID_ARG_TYPE'],
  ['timeoutMs NaN', { timeoutMs: Number.NaN }, 'ERR_OUT_OF_RANGE'],
  ['timeoutMs below zero', { timeoutMs: -1 }, 'ERR_OUT_OF_RANGE'],
  ['a signal that is none', { signal: {} }, 'ERR_INVALID_ARG_TYPE'],
  ['signal null', { signal: null }, 'ERR_INVALID_ARG_TYPE'],
] as const) {
  test(`${name} is no option of any call, and nothing is done`, async (t) => {
    const [one, other] = pair(t);
    const wrong = options as unknown as CallOptions;
    using server = Conduit.listen(socketPath(t));
    const fd = openFd();
    for (const call of [
      one.transferFd(fd, wrong),
      one.transfer(fd, wrong),
      other.receive(wrong),
      other.receiveFd(wrong),
      other.receiveFile(wrong),
      other.receiveSocket(wrong),
      server.accept(wrong),
      Conduit.connect(server.path, wrong),
    ]) {
      t.is((await rejection(t, call, 'InvalidArgument')).code, code);
    }
    t.true(isOpen(fd));
    closeSync(fd);
    one.close();
    await rejection(t, other.receive(), 'EndOfStream');
  });
}

test('the options of making and listening are checked', (t) => {
  const [one] = pair(t);
  for (const options of [null, 5] as unknown as ConduitOptions[]) {
    thrown(t, () => Conduit.fromFd(one.fd, options), 'InvalidArgument');
  }
  for (const [options, argument] of [
    [null, 'options'],
    [{ mode: -1 }, 'options.mode'],
    [{ mode: 0o1000 }, 'options.mode'],
    [{ mode: '600' }, 'options.mode'],
    [{ backlog: -1 }, 'options.backlog'],
    [{ backlog: Number.NaN }, 'options.backlog'],
    [{ signal: 5 }, 'options.signal'],
  ] as unknown as [ListenOptions, string][]) {
    t.is(
      thrown(t, () => Conduit.listen(socketPath(t), options), 'InvalidArgument').argument,
      argument,
    );
  }
});

test('a path is a text that a socket can have', async (t) => {
  for (const path of [
    '',
    5,
    null,
    undefined,
    {},
    'a\0b',
    'x'.repeat(108),
    `\0${'x'.repeat(108)}`,
  ]) {
    const wrong = path as string;
    t.is(thrown(t, () => Conduit.listen(wrong), 'InvalidArgument').argument, 'path');
    t.is((await rejection(t, Conduit.connect(wrong), 'InvalidArgument')).argument, 'path');
  }
});

test('no wrong argument throws where a promise is expected', (t) => {
  const [one] = pair(t);
  const wrong = [null, Number.NaN] as unknown as [number, CallOptions];
  const promises = [
    one.transferFd(...wrong),
    one.transfer(...wrong),
    one.receive(wrong[1]),
    Conduit.connect(wrong[0] as unknown as string),
  ];
  for (const promise of promises) {
    promise.catch(() => undefined);
  }
  t.true(promises.every((promise) => promise instanceof Promise));
});
