import { closeSync } from 'node:fs';
import type { Socket } from 'node:net';
import test from 'ava';
import { Conduit, get, put } from 'fd-conduit';
import { openFd } from '../support/conduits.js';
import { exactly, isOpen } from '../support/descriptors.js';
import { rejection } from '../support/errors.js';
import { tcpPair } from '../support/tcp.js';

/** Both ways to a conduit over a connection that carries no descriptors. */
const WAYS: Record<string, (socket: Socket) => Conduit> = {
  fromSocket: (socket) => Conduit.fromSocket(socket),
  fromFd: (socket) => Conduit.fromFd((socket as unknown as { _handle: { fd: number } })._handle.fd),
};

for (const [name, over] of Object.entries(WAYS)) {
  test(`a conduit that ${name} makes over TCP sends nothing, and loses no descriptor`, async (t) => {
    const { client, served } = await tcpPair(t);
    using conduit = over(served);
    const fd = openFd();
    await exactly(t, async () => {
      const error = await rejection(t, conduit.transferFd(fd), 'FailedTransfer');
      t.like(error, { code: 'EAFNOSUPPORT', syscall: 'sendmsg', bytesWritten: 0 });
      t.regex(error.message, /only Unix sockets carry descriptors/);
      await rejection(t, put(conduit, [fd]), 'FailedTransfer');
    });
    t.true(isOpen(fd));
    closeSync(fd);
    conduit.close();
    served.destroy();
    let bytes = 0;
    for await (const chunk of client) {
      bytes += (chunk as Buffer).length;
    }
    t.is(bytes, 0);
  });

  test(`a conduit that ${name} makes over TCP receives nothing`, async (t) => {
    const { client, served } = await tcpPair(t);
    using conduit = over(served);
    client.write('x');
    for (const call of [
      conduit.receive(),
      conduit.receiveFile(),
      conduit.receive({ timeoutMs: 5 }),
      get(conduit, 1),
    ]) {
      const error = await rejection(t, call, 'FailedTransfer');
      t.like(error, { code: 'EAFNOSUPPORT', syscall: 'recvmsg' });
    }
  });
}
