import { once } from 'node:events';
import { fstatSync } from 'node:fs';
import { open } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { get, put, UnixServer } from 'fd-conduit';
import { exactly } from '../support/descriptors.js';
import { rejection } from '../support/errors.js';
import { CONNECTED_TYPES, Foreign, startFacingSocket } from '../support/foreign.js';
import { testWith } from '../support/foreign-programs.js';
import { fileOfHalves, openHalfRead, SECOND_HALF } from '../support/halves.js';
import { nodeServer, socketPath } from '../support/unix.js';

const test = testWith('gofd');

for (const type of CONNECTED_TYPES) {
  test(`what is put here, Go gets, and it stays open here (${type})`, async (t) => {
    const { socket, foreign } = await startFacingSocket(t, 'gofd', type);
    const { file, inode } = await openHalfRead(t);
    for (const count of [1, 2, 253]) {
      await put(socket, Array(count).fill(file));
      const { fds } = await foreign.ask({ do: 'get', count });
      t.deepEqual(
        fds.map((held) => held.inode),
        Array(count).fill(inode),
      );
      await foreign.ask({ do: 'closeFds', fds: fds.map(({ fd }) => fd) });
    }
    await put(socket, [file]);
    const { fds } = await foreign.ask({ do: 'get', count: 1 });
    const rest = await foreign.ask({ do: 'readAll', fd: fds[0]?.fd ?? -1 });
    t.is(rest.payload.toString(), SECOND_HALF);
    t.is((await file.stat()).ino, inode);
    await file.close();
  });

  test(`what Go puts, is got here in its order, and Go keeps its own (${type})`, async (t) => {
    const { socket, foreign } = await startFacingSocket(t, 'gofd', type);
    const { fds } = await foreign.ask({ do: 'open', path: fileOfHalves(t) });
    const [{ fd = -1, inode = -1 } = {}] = fds;
    await exactly(t, async () => {
      for (const count of [1, 2, 253]) {
        await foreign.ask({ do: 'put', fds: Array(count).fill(fd) });
        const files = await get(socket, count);
        for (const file of files) {
          t.is(fstatSync(file.fd).ino, inode);
          await file.close();
        }
      }
      await foreign.ask({ do: 'put', fds: [fd, fd] });
      const few = await rejection(t, get(socket, 3), 'BadCtrlMesg');
      t.like(few, { reason: 'too-few', descriptorsReceived: 2 });
      await foreign.ask({ do: 'put', fds: [fd, fd] });
      const many = await rejection(t, get(socket, 1), 'BadCtrlMesg');
      t.like(many, { reason: 'too-many', descriptorsReceived: 2 });
    });
    t.deepEqual((await foreign.ask({ do: 'stat', fds: [fd] })).fds, fds);
    await foreign.ask({ do: 'close' });
    await rejection(t, get(socket, 1), 'EndOfStream');
  });
}

test('Go connects to a server here, and a net.Socket that Go is connected to is taken over', async (t) => {
  const foreign = Foreign.start(t, 'gofd');
  const path = socketPath(t);
  using server = UnixServer.bindAndListen(path);
  await foreign.ask({ do: 'connect', path });
  using accepted = await server.accept();
  const file = await open(fileOfHalves(t));
  t.teardown(() => file.close());
  await put(accepted, [file]);
  t.is((await foreign.ask({ do: 'get', count: 1 })).fds.length, 1);

  const node = await nodeServer(t);
  const connection = once(node.server, 'connection') as Promise<[Socket]>;
  await foreign.ask({ do: 'connect', path: node.path });
  const [served] = await connection;
  await put(served, [file]);
  const { fds } = await foreign.ask({ do: 'get', count: 1 });
  await foreign.ask({ do: 'put', fds: fds.map(({ fd }) => fd) });
  const [back] = await get(served, 1);
  t.is((await back?.stat())?.ino, (await file.stat()).ino);
  await back?.close();
  served.destroy();
});
