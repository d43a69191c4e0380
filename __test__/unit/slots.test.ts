import test from 'ava';
import { openFd } from '../support/conduits.js';
import { temporaryFile } from '../support/files.js';
import { sendOddMessage } from '../support/odd-message.js';
import { startRemote } from '../support/remote.js';

const SLOTS = 64;

for (const call of ['receive', 'receiveFd'] as const) {
  test(`${call} without a free slot is BadCtrlMesg with EMFILE, and the conduit goes on`, async (t) => {
    const { conduit, remote } = await startRemote(t, { slots: SLOTS });
    const filled = await remote.call('fillSlots', 0);
    await conduit.transferFd(openFd(temporaryFile(t, 'lost')));
    t.like(await remote.failure(call), {
      type: 'BadCtrlMesg',
      code: 'EMFILE',
      reason: 'truncated',
      bytesRead: 1,
      descriptorsReceived: 0,
    });
    await remote.call('freeSlots', filled);
    await conduit.transferFd(openFd(temporaryFile(t, 'next')));
    t.is(await remote.call(call), 'next');
  });
}

test('receiveFile without a free slot is BadClone, and the message stays in the socket', async (t) => {
  const { conduit, remote } = await startRemote(t, { slots: SLOTS });
  const before = await remote.call('descriptors');
  const filled = await remote.call('fillSlots', 0);
  await conduit.transferFd(openFd(temporaryFile(t, 'kept')));
  t.like(await remote.failure('receiveFile'), {
    type: 'BadClone',
    code: 'EMFILE',
    errno: -24,
    syscall: 'open',
  });
  await remote.call('freeSlots', filled);
  t.is(await remote.call('receiveFile'), 'kept');
  t.deepEqual(await remote.call('descriptors'), before);
});

test('receiveFile with one free slot, which its placeholder takes, leaves the message in the socket', async (t) => {
  const { conduit, remote } = await startRemote(t, { slots: SLOTS });
  const before = await remote.call('descriptors');
  const filled = await remote.call('fillSlots', 1);
  await conduit.transferFd(openFd(temporaryFile(t, 'one slot')));
  t.like(await remote.failure('receiveFile'), { type: 'BadClone', code: 'EMFILE' });
  await remote.call('freeSlots', filled);
  t.is(await remote.call('receiveFile'), 'one slot');
  t.deepEqual(await remote.call('descriptors'), before);
});

test('two descriptors for one free slot are all closed', async (t) => {
  const { conduit, remote } = await startRemote(t, { slots: SLOTS });
  const before = await remote.call('descriptors');
  const filled = await remote.call('fillSlots', 1);
  sendOddMessage(conduit, 'x', [2]);
  t.like(await remote.failure('receive'), {
    type: 'BadCtrlMesg',
    code: 'EMFILE',
    reason: 'truncated',
    descriptorsReceived: 1,
  });
  await remote.call('freeSlots', filled);
  t.deepEqual(await remote.call('descriptors'), before);
});
