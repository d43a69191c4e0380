// Peers that mean no good. After each this process is alive, and exactly what was open is open.
import { closeSync } from 'node:fs';
import { Conduit, get, optionConstants, type UnixSocket } from 'fd-conduit';
import { openFd } from '../support/conduits.js';
import { openDescriptors } from '../support/descriptors.js';
import { rejection } from '../support/errors.js';
import { testWith } from '../support/foreign-programs.js';
import { facing } from '../support/hostile.js';

const test = testWith('python');
const MOST = 253;
const MIB = 1 << 20;

/** Our end as a conduit. */
function conduitOver(socket: UnixSocket): Conduit {
  return Conduit.fromFd(socket.fd);
}

test('descriptors that come unasked with plain data are told and closed, and the next read goes on', async (t) => {
  await facing(t, ['flood', 3, 5], async ({ socket, ready }) => {
    await ready;
    for (let message = 0; message < 3; message += 1) {
      const refused = socket.read(Buffer.alloc(4));
      t.like(await rejection(t, refused, 'BadCtrlMesg'), {
        reason: 'too-many',
        bytesRead: 4,
        descriptorsReceived: 5,
      });
    }
    t.true((await socket.read(Buffer.alloc(4))).isEnd);
  });
});

test('253 descriptors where one is expected are closed, for receive, receiveFile and get', async (t) => {
  await facing(t, ['flood', 1, MOST], async ({ socket, ready }) => {
    await ready;
    const conduit = conduitOver(socket);
    const calls = [
      () => conduit.receive(),
      () => conduit.receiveFd(),
      () => conduit.receiveFile(),
    ] as const;
    const first = await rejection(t, calls[0](), 'BadCtrlMesg');
    t.is(first.descriptorsReceived, MOST);
    // The rest of the data, byte by byte, without descriptors.
    t.is((await rejection(t, calls[1](), 'BadCtrlMesg')).reason, 'none');
    t.is((await rejection(t, calls[2](), 'BadCtrlMesg')).reason, 'none');
    t.is((await rejection(t, get(conduit, 2), 'BadCtrlMesg')).reason, 'none');
    await rejection(t, conduit.receive(), 'EndOfStream');
    conduit.close();
  });
});

for (const [messages, descriptors] of [
  [20_000, 1],
  [2000, MOST],
] as const) {
  test(`a flood of ${messages} messages with ${descriptors} descriptors finds none taken in`, async (t) => {
    await facing(t, ['flood', messages, descriptors], async ({ socket }) => {
      const before = openDescriptors().length;
      let refused = 0;
      let most = before;
      for (;;) {
        const message = await socket.read(Buffer.alloc(4)).catch((error: Error) => error);
        if (!(message instanceof Error)) {
          t.true(message.isEnd);
          break;
        }
        refused += 1;
        if (refused % 500 === 0) {
          most = Math.max(most, openDescriptors().length);
        }
      }
      t.is(refused, messages);
      t.is(most, before);
    });
  });
}

test('a flood that nobody reads costs this process no descriptor, and is gone with the socket', async (t) => {
  await facing(t, ['flood', 100, 50, 'stays'], async ({ ready, socket }) => {
    const before = openDescriptors().length;
    await ready;
    t.is(openDescriptors().length, before);
    socket.close();
  });
});

for (const asks of [false, true]) {
  test(`credentials mixed with descriptors do no harm (SO_PASSCRED ${asks})`, async (t) => {
    await facing(t, ['mixed'], async ({ socket, child, ready }) => {
      if (asks) {
        socket.passCredentials = true;
      }
      await ready;
      const counts: number[] = [];
      for (let message = 0; message < 4; message += 1) {
        using received = await socket.read(Buffer.alloc(1), { maxDescriptors: 2 });
        counts.push(received.count);
        t.is(received.credentials?.pid, asks ? child.pid : undefined);
      }
      t.deepEqual(counts, [1, 1, 2, 0]);
    });
  });
}

test('half a message and SIGKILL: the half with its descriptors, then the end', async (t) => {
  await facing(t, ['half', 1000, 3], async ({ socket, gone }) => {
    await gone;
    const buffer = Buffer.alloc(1000);
    using half = await socket.read(buffer, { maxDescriptors: 3 });
    t.like(half, { bytesRead: 500, count: 3, isEnd: false });
    t.true((await socket.read(buffer, { maxDescriptors: 3 })).isEnd);
  });
});

test('half of what get expects is too few, and all of it is closed', async (t) => {
  await facing(t, ['half', 2, 3], async ({ socket, gone }) => {
    await gone;
    t.like(await rejection(t, get(socket, 6), 'BadCtrlMesg'), {
      reason: 'too-few',
      descriptorsReceived: 3,
    });
    await rejection(t, get(socket, 6), 'EndOfStream');
  });
});

test('a peer that is killed in the middle of a long message: the writer is told how far it came', async (t) => {
  await facing(t, ['killed_reading', MIB], async ({ socket }) => {
    const error = await rejection(t, socket.write(Buffer.alloc(16 * MIB)), 'FailedTransfer');
    t.true(['EPIPE', 'ECONNRESET'].includes(error.code), error.code);
    t.true(error.bytesWritten >= MIB && error.bytesWritten < 16 * MIB, `${error.bytesWritten}`);
  });
});

test('a peer that never reads: memory and duplicates are bounded, and timeoutMs ends each call', async (t) => {
  await facing(t, ['deaf'], async ({ socket, ready }) => {
    await ready;
    const payload = Buffer.alloc(MIB);
    const fd = openFd();
    const before = { rss: process.memoryUsage().rss, open: openDescriptors().length };
    const options = { descriptors: [fd], timeoutMs: 300 };
    // The stacks of ten thousand errors would be most of what is measured.
    const { stackTraceLimit } = Error;
    t.teardown(() => {
      Error.stackTraceLimit = stackTraceLimit;
    });
    Error.stackTraceLimit = 0;
    const writes = Array.from({ length: 10_000 }, () => socket.write(payload, options));
    t.true(openDescriptors().length - before.open <= 64);
    const outcomes = await Promise.allSettled(writes);
    const grown = process.memoryUsage().rss - before.rss;
    const reasons = outcomes.map((outcome) =>
      outcome.status === 'rejected' ? outcome.reason.type : 'written',
    );
    t.is(reasons[0], 'Timeout');
    // The first had begun: what stands behind it cannot go out on this stream any more.
    t.deepEqual([...new Set(reasons)].sort(), ['FailedTransfer', 'Timeout']);
    t.true(grown < 128 * MIB, `${grown >> 20} MiB`);
    closeSync(fd);
  });
});

test('a peer that resets in the middle of 10,000 queued transfers: every promise settles', async (t) => {
  const MANY = 10_000;
  await facing(t, ['reset', 500], async ({ socket, ready }) => {
    const conduit = conduitOver(socket);
    const fds = Array.from({ length: 200 }, () => openFd());
    const shared = openFd();
    const ownTransfers = fds.map((fd) => conduit.transferFd(fd));
    const writes = Array.from({ length: MANY - fds.length }, () =>
      socket.write(Buffer.from('x'), { descriptors: [shared] }),
    );
    const outcomes = await Promise.allSettled([...ownTransfers, ...writes]);
    await ready;
    t.is(outcomes.length, MANY);
    const failed = outcomes.filter((outcome) => outcome.status === 'rejected');
    t.true(failed.length > 0 && failed.length <= MANY - 500);
    for (const { reason } of failed) {
      t.is(reason.type, 'FailedTransfer');
    }
    outcomes.slice(0, fds.length).forEach((outcome, index) => {
      if (outcome.status === 'rejected') {
        closeSync(fds[index] as number);
      }
    });
    closeSync(shared);
    conduit.close();
  });
});

test('sockets inside sockets, 10 deep, are unpacked or closed whole', async (t) => {
  for (const unpack of [true, false]) {
    await facing(t, ['nested', 10], async ({ socket, ready }) => {
      await ready;
      let level = (await socket.read(Buffer.alloc(1), { maxDescriptors: 1 })).descriptors[0];
      for (let depth = 0; unpack && depth < 10; depth += 1) {
        t.is(level?.kind, 'unix');
        using carrier = level?.toUnixSocket();
        level = (await carrier?.read(Buffer.alloc(1), { maxDescriptors: 1 }))?.descriptors[0];
      }
      t.is(level?.kind, unpack ? 'character-device' : 'unix');
      level?.close();
    });
  }
});

test('a refusal by the kernel (SO_PASSRIGHTS) keeps a flood out before it is a message', async (t) => {
  const { SO_PASSRIGHTS } = optionConstants();
  if (SO_PASSRIGHTS === undefined) {
    t.pass('not on this system');
    return;
  }
  await facing(t, ['deaf'], async ({ socket, child }) => {
    try {
      socket.refuseDescriptors = true;
      t.true(socket.refuseDescriptors);
    } catch (error) {
      // Before Linux 6.16.
      t.like(error, { type: 'Unsupported' });
    }
    t.is(child.exitCode, null);
  });
});
