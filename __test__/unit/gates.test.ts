import { once } from 'node:events';
import { open } from 'node:fs/promises';
import test, { type ExecutionContext } from 'ava';
import { Conduit, type ConduitErrorType, socketPair } from 'fd-conduit';
import { fill, openFd, pair } from '../support/conduits.js';
import { exactly, openDescriptors } from '../support/descriptors.js';
import { rejection } from '../support/errors.js';
import { tcpPair, textOf } from '../support/tcp.js';

/** More than the buffers of both ends of a connection hold. */
const LARGE = Buffer.alloc(16 * 2 ** 20, 'L');

/** What nobody has caught when `body` is over and some turns have passed. */
async function unhandled(body: () => Promise<unknown>): Promise<unknown[]> {
  const caught: unknown[] = [];
  const note = (reason: unknown): void => {
    caught.push(reason);
  };
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', note);
  try {
    await body();
    for (let turn = 0; turn < 5; turn += 1) {
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  } finally {
    process.off('unhandledRejection', note);
    for (const listener of others) {
      process.on('unhandledRejection', listener);
    }
  }
  return caught;
}

/** A socket that drains: nobody reads what was written to it yet. */
async function drainingSocket(t: ExecutionContext) {
  const { client, served } = await tcpPair(t);
  served.write(LARGE);
  t.true(served.writableLength > 0);
  return { client, served };
}

test('a transfer that waits for its gate holds no duplicate yet', async (t) => {
  const [one] = pair(t);
  const { served } = await drainingSocket(t);
  const before = openDescriptors();
  const transfer = one.transferSocket(served);
  const behind = one.transferFd(openFd());
  // The number that was opened, and the duplicate of the call that only waits for its turn.
  t.is(openDescriptors().length, before.length + 2);
  one.close();
  await rejection(t, transfer, 'Closed');
  await rejection(t, behind, 'Closed');
});

test('a socket that drains in the middle of a full queue goes in its turn, with all its bytes', async (t) => {
  const [one, other] = pair(t);
  const full = await fill(one);
  const { client, served } = await drainingSocket(t);
  const { remotePort } = served;
  const received: number[] = [];
  const calls = [
    one.transferFd(openFd()).then(() => received.push(1)),
    one.transferSocket(served).then(() => received.push(2)),
    one.transferFd(openFd()).then(() => received.push(3)),
  ];
  await full.drain(other);
  (await other.receive()).close();
  const text = textOf(client);
  const socket = await other.receiveSocket();
  t.is(socket.remotePort, remotePort);
  socket.end('the end');
  (await other.receive()).close();
  await Promise.all(calls);
  t.deepEqual(received.sort(), [1, 2, 3]);
  t.is((await text).length, LARGE.length + 'the end'.length);
});

for (const type of ['Timeout', 'Aborted', 'Closed'] as const satisfies ConduitErrorType[]) {
  test(`${type} while a socket drains leaves nothing open, and nothing is duplicated later`, async (t) => {
    const { client, served } = await drainingSocket(t);
    await exactly(t, async () => {
      const [one, other] = Conduit.pair();
      const controller = new AbortController();
      const transfer = one.transferSocket(served, {
        signal: controller.signal,
        ...(type === 'Timeout' ? { timeoutMs: 5 } : {}),
      });
      if (type === 'Aborted') {
        controller.abort();
      } else if (type === 'Closed') {
        one.close();
      }
      await rejection(t, transfer, type);
      const drained = once(served, 'drain');
      client.resume();
      await drained;
      await new Promise(setImmediate);
      one.close();
      await rejection(t, other.receive(), 'EndOfStream');
      other.close();
    });
    t.false(served.destroyed);
  });
}

test('a net.Socket that is destroyed while its transfer waits for its turn is NoFD', async (t) => {
  const [one, other] = pair(t);
  const full = await fill(one);
  const { served } = await tcpPair(t);
  const transfer = one.transferSocket(served, { timeoutMs: 60_000 });
  const behind = one.transferFd(openFd());
  served.destroy();
  await full.drain(other);
  t.is((await rejection(t, transfer, 'NoFD')).code, 'ERR_NO_FD');
  await behind;
  (await other.receive()).close();
});

test('what is refused at once leaves no rejection behind when its gate fails', async (t) => {
  const reasons = await unhandled(async () => {
    const [one, other] = Conduit.pair();
    const [first, second] = [await drainingSocket(t), await drainingSocket(t)];
    await rejection(t, one.transferSocket(first.served, { timeoutMs: -1 }), 'InvalidArgument');
    await rejection(
      t,
      one.transferSocket(first.served, { signal: AbortSignal.abort() }),
      'Aborted',
    );
    one.close();
    await rejection(t, one.transferSocket(second.served), 'Closed');
    other.close();
    first.served.destroy();
    second.served.destroy();
  });
  t.deepEqual(reasons, []);
});

test('a list that is refused at once leaves no rejection behind when its gates fail', async (t) => {
  const reasons = await unhandled(async () => {
    const [one, other] = Conduit.pair();
    const sockets = [await drainingSocket(t), await drainingSocket(t)].map(({ served }) => served);
    await rejection(t, one.transferEach([...sockets, -1]), 'InvalidArgument');
    await rejection(t, one.transferEach(sockets, { signal: AbortSignal.abort() }), 'Aborted');
    one.close();
    await rejection(t, one.transferEach(sockets), 'Closed');
    other.close();
    for (const socket of sockets) {
      socket.destroy();
    }
  });
  t.deepEqual(reasons, []);
});

test('a FileHandle of a list that fails to close is told of once, though the rest still waits', async (t) => {
  const file = await open('/dev/null');
  const close = file.close.bind(file);
  file.close = () => Promise.reject(Object.assign(new Error('on purpose'), { code: 'EIO' }));
  const count = 200;
  const reasons = await unhandled(async () => {
    const [socket, other] = socketPair();
    // Room for a few messages of the list only.
    socket.sendBufferSize = 4096;
    using one = Conduit.fromFd(socket.fd);
    using there = Conduit.fromFd(other.fd);
    socket.close();
    other.close();
    const list = [file, ...Array.from({ length: count }, () => openFd())];
    const refused = rejection(t, one.transferEach(list), 'FailedClose');
    (await there.receive()).close();
    await new Promise((resolve) => setTimeout(resolve, 20));
    for (let received = 0; received < count; received += 1) {
      (await there.receive()).close();
    }
    t.is((await refused).code, 'EIO');
  });
  await close();
  t.deepEqual(reasons, []);
});

test('what was given up leaves no rejection behind when its gate fails later', async (t) => {
  const reasons = await unhandled(async () => {
    const [one] = pair(t);
    const { served } = await drainingSocket(t);
    const controller = new AbortController();
    const { signal } = controller;
    const calls = [
      one.transferSocket(served, { signal }),
      one.transferSocket(served, { timeoutMs: 1 }),
    ];
    await rejection(t, calls[1] as Promise<void>, 'Timeout');
    controller.abort();
    await rejection(t, calls[0] as Promise<void>, 'Aborted');
    served.destroy();
  });
  t.deepEqual(reasons, []);
});
