// Rows of the table of quirks in docs/reliability.md: what a message and a process can hold.
import { closeSync } from 'node:fs';
import test from 'ava';
import { Conduit, optionConstants, socketPair, type UnixSocket } from 'fd-conduit';
import { openFd } from '../support/conduits.js';
import { exactly, inodeOf } from '../support/descriptors.js';
import { rejection } from '../support/errors.js';
import { factOf, testWithFacts } from '../support/facts.js';
import { testWith } from '../support/foreign-programs.js';
import { lending, testOnLinux } from '../support/linux.js';
import { sendOddMessage } from '../support/odd-message.js';
import { startRemote } from '../support/remote.js';
import { ends } from '../support/sockets.js';

const MOST = 253;
const EINVAL = 22;
const BYTE = Buffer.from('x');

const many = (count: number): number[] => Array.from({ length: count }, () => openFd());

testWithFacts(
  '2: 253 descriptors go in one message, 254 are EINVAL: refused before anything is sent',
  async (t) => {
    t.deepEqual(factOf('too_many'), { errno: EINVAL });
    const [one, other] = ends(t);
    await lending(many(MOST + 1), async (fds) => {
      const refused = one.write(BYTE, { descriptors: fds });
      t.is((await rejection(t, refused, 'InvalidArgument')).argument, 'options.descriptors');
      await one.write(BYTE, { descriptors: fds.slice(0, MOST) });
      using message = await other.read(Buffer.alloc(1), { maxDescriptors: MOST });
      t.is(message.count, MOST);
    });
  },
);

testWithFacts(
  '4: a control buffer that is too small makes Linux close what does not fit; ours never is',
  async (t) => {
    t.deepEqual(factOf('small_control'), { truncated: true, opened: 1 });
    const { SOL_SOCKET, SO_PASSCRED = 0, SO_PASSPIDFD = 0, SO_TIMESTAMP } = optionConstants();
    const [one, other] = ends(t);
    for (const option of [SO_PASSCRED, SO_PASSPIDFD, SO_TIMESTAMP]) {
      other.setOption(SOL_SOCKET, option, 1);
    }
    await lending(many(MOST), async (descriptors) => {
      await exactly(t, async () => {
        await one.write(BYTE, { descriptors });
        using message = await other.read(Buffer.alloc(1), { maxDescriptors: MOST });
        t.is(message.count, MOST);
        t.is(message.credentials?.pid, process.pid);
      });
    });
  },
);

testWith('python')(
  '8: 1 free slot and 3 descriptors sent are the data, 1 descriptor and MSG_CTRUNC: told, and closed',
  async (t) => {
    const { conduit, remote } = await startRemote(t, { slots: 64 });
    const before = await remote.call('descriptors');
    const filled = await remote.call('fillSlots', 1);
    sendOddMessage(conduit, 'x', [3]);
    t.like(await remote.failure('receive'), {
      type: 'BadCtrlMesg',
      code: 'EMFILE',
      reason: 'truncated',
      bytesRead: 1,
      descriptorsReceived: 1,
    });
    await remote.call('freeSlots', filled);
    t.deepEqual(await remote.call('descriptors'), before);
  },
);

testOnLinux('10: sockets that carry sockets, 20 deep, arrive whole', async (t) => {
  const DEPTH = 20;
  await exactly(t, async () => {
    const pairs = Array.from({ length: DEPTH }, () => socketPair());
    const fd = openFd();
    const inode = inodeOf(fd);
    let inside: number | UnixSocket = fd;
    for (const [near, far] of pairs) {
      await near.write(BYTE, { descriptors: [inside] });
      near.close();
      if (typeof inside !== 'number') {
        inside.close();
      }
      inside = far;
    }
    closeSync(fd);
    let outer = inside as UnixSocket;
    for (let depth = DEPTH; depth > 1; depth -= 1) {
      const message = await outer.read(Buffer.alloc(1), { maxDescriptors: 1 });
      const [next] = message.descriptors;
      outer.close();
      outer = next?.toUnixSocket() as UnixSocket;
    }
    const { descriptors } = await outer.read(Buffer.alloc(1), { maxDescriptors: 1 });
    t.is(inodeOf(descriptors[0]?.fd as number), inode);
    descriptors[0]?.close();
    outer.close();
  });
});

testWithFacts(
  '23: CMSG_SPACE rounds up: room for 1 admits 2, so the library counts what came',
  async (t) => {
    t.deepEqual(factOf('rounding'), { truncated: false, opened: 2 });
    await exactly(t, async () => {
      const [one, other] = ends(t);
      await lending(many(2), (descriptors) => one.write(BYTE, { descriptors }));
      const refused = other.read(Buffer.alloc(1), { maxDescriptors: 1 });
      t.like(await rejection(t, refused, 'BadCtrlMesg'), {
        reason: 'too-many',
        descriptorsReceived: 2,
      });
      one.close();
      other.close();
    });
  },
);

testOnLinux(
  '24: with SO_PASSRIGHTS=0 the sender gets EPERM, and keeps what it passed',
  async (t) => {
    const [one, other] = ends(t);
    try {
      other.refuseDescriptors = true;
    } catch (error) {
      // Before Linux 6.16.
      t.like(error, { type: 'Unsupported' });
      return;
    }
    const conduit = Conduit.fromFd(one.fd);
    const fd = openFd();
    t.is((await rejection(t, conduit.transferFd(fd), 'FailedTransfer')).code, 'EPERM');
    closeSync(fd);
    await one.write(BYTE);
    using message = await other.read(Buffer.alloc(1));
    t.is(message.bytesRead, 1);
    conduit.close();
  },
);

testOnLinux(
  '25: with SO_PASSPIDFD every receive brings a pidfd, which is closed unless it is asked for',
  async (t) => {
    const { SOL_SOCKET, SO_PASSPIDFD = 0 } = optionConstants();
    await exactly(t, async () => {
      const [one, other] = ends(t);
      other.setOption(SOL_SOCKET, SO_PASSPIDFD, 1);
      for (let round = 0; round < 100; round += 1) {
        await one.write(BYTE);
        using message = await other.read(Buffer.alloc(1));
        t.is(message.pidfd, undefined);
      }
      other.passPidfd = true;
      await one.write(BYTE);
      const { pidfd } = await other.read(Buffer.alloc(1));
      t.is(pidfd?.kind, 'pidfd');
      pidfd?.close();
      one.close();
      other.close();
    });
  },
);

testOnLinux('25: a pidfd also goes where more descriptors came than were allowed', async (t) => {
  const { SOL_SOCKET, SO_PASSPIDFD = 0 } = optionConstants();
  await exactly(t, async () => {
    const [one, other] = ends(t);
    other.setOption(SOL_SOCKET, SO_PASSPIDFD, 1);
    other.passPidfd = true;
    await lending(many(3), (descriptors) => one.write(BYTE, { descriptors }));
    await rejection(t, other.read(Buffer.alloc(1)), 'BadCtrlMesg');
    one.close();
    other.close();
  });
});

test('3: 253 is the cap on every system, whatever the system could send', async (t) => {
  const [one] = ends(t);
  await lending(many(MOST + 1), async (descriptors) => {
    await rejection(t, one.write(BYTE, { descriptors }), 'InvalidArgument');
  });
});
