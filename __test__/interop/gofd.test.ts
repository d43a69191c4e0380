import { fstatSync } from 'node:fs';
import { join } from 'node:path';
import { Conduit } from 'fd-conduit';
import { CONNECTED_TYPES, Foreign, startFacing } from '../support/foreign.js';
import { testWith } from '../support/foreign-programs.js';
import { fileOfHalves, holds, openHalfRead, ownDirectory, SECOND_HALF } from '../support/halves.js';

const test = testWith('gofd');

for (const type of CONNECTED_TYPES) {
  test(`What a conduit transfers, Go gets as package fd does (${type})`, async (t) => {
    const { conduit, foreign } = await startFacing(t, 'gofd', type);
    const { file, fd, inode } = await openHalfRead(t);
    await conduit.transferFile(file);
    t.false(holds(fd, inode));
    const { fds } = await foreign.ask({ do: 'get', count: 1 });
    t.deepEqual(
      fds.map((held) => held.inode),
      [inode],
    );
    const rest = await foreign.ask({ do: 'readAll', fd: fds[0]?.fd ?? -1 });
    t.is(rest.payload.toString(), SECOND_HALF);
  });

  test(`What Go puts as package fd does, a conduit receives, and Go keeps its own (${type})`, async (t) => {
    const { conduit, foreign } = await startFacing(t, 'gofd', type);
    const { fds } = await foreign.ask({ do: 'open', path: fileOfHalves(t) });
    const [{ fd = -1, inode = -1 } = {}] = fds;
    for (const _ of [1, 2]) {
      await foreign.ask({ do: 'put', fds: [fd] });
      using descriptor = await conduit.receive();
      t.is(fstatSync(descriptor.fd).ino, inode);
    }
    t.deepEqual((await foreign.ask({ do: 'stat', fds: [fd] })).fds, fds);
  });

  test(`Several that Go puts in one message are refused by a conduit, which then goes on (${type})`, async (t) => {
    const { conduit, foreign } = await startFacing(t, 'gofd', type);
    const { fds } = await foreign.ask({ do: 'open', path: fileOfHalves(t) });
    const [{ fd = -1, inode = -1 } = {}] = fds;
    await foreign.ask({ do: 'put', fds: [fd, fd, fd] });
    t.like(await t.throwsAsync(conduit.receive()), {
      type: 'BadCtrlMesg',
      reason: 'too-many',
      descriptorsReceived: 3,
    });
    await foreign.ask({ do: 'put', fds: [fd] });
    using descriptor = await conduit.receive();
    t.is(fstatSync(descriptor.fd).ino, inode);
  });
}

test('Go connects to a conduit server, puts a file there and gets it back', async (t) => {
  const foreign = Foreign.start(t, 'gofd');
  using server = Conduit.listen(join(ownDirectory(t), 'socket'));
  await foreign.ask({ do: 'connect', path: server.path });
  using conduit = await server.accept();
  const { fds } = await foreign.ask({ do: 'open', path: fileOfHalves(t) });
  const [{ fd = -1, inode = -1 } = {}] = fds;
  await foreign.ask({ do: 'put', fds: [fd] });
  await conduit.transferFile(await conduit.receiveFile());
  const returned = await foreign.ask({ do: 'get', count: 1 });
  t.deepEqual(
    returned.fds.map((held) => held.inode),
    [inode],
  );
  await foreign.ask({ do: 'close' });
  await t.throwsAsync(conduit.receive(), { code: 'ERR_END_OF_STREAM' });
});
