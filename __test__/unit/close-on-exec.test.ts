import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { Conduit, Descriptor, get, put, UnixServer, UnixSocket } from 'fd-conduit';
import { openFd, pair } from '../support/conduits.js';
import { tcpPair } from '../support/tcp.js';
import { socketPath } from '../support/unix.js';

const O_CLOEXEC = 0o2000000;

// Only Linux tells a descriptor's flags without a native call.
const linuxTest = process.platform === 'linux' ? test : test.skip;

/** Whether children that are started do not get the descriptor. */
function isCloseOnExec(fd: number): boolean {
  const [, flags = ''] =
    /^flags:\s+([0-7]+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8')) ?? [];
  return (Number.parseInt(flags, 8) & O_CLOEXEC) !== 0;
}

function numberOf(owner: object): number {
  return (owner as { _handle: { fd: number } })._handle.fd;
}

const RECEIVED: Record<
  string,
  (t: ExecutionContext, conduit: Conduit, sender: Conduit) => Promise<number>
> = {
  receive: async (_, conduit) => (await conduit.receive()).fd,
  receiveFd: async (_, conduit) => conduit.receiveFd(),
  receiveFile: async (_, conduit) => (await conduit.receiveFile()).fd,
  'receive and toFileHandle': async (_, conduit) =>
    (await (await conduit.receive()).toFileHandle()).fd,
  get: async (_, conduit) => {
    const [file] = await get(conduit, 1);
    return file?.fd ?? -1;
  },
};

for (const [name, receive] of Object.entries(RECEIVED)) {
  linuxTest(`what ${name} answers is close-on-exec`, async (t) => {
    const [one, other] = pair(t);
    await put(one, [openFd()]);
    t.true(isCloseOnExec(await receive(t, other, one)));
  });
}

linuxTest('what receiveSocket answers is close-on-exec', async (t) => {
  const [one, other] = pair(t);
  const { served } = await tcpPair(t);
  await one.transferSocket(served);
  const socket = await other.receiveSocket();
  t.true(isCloseOnExec(numberOf(socket)));
  socket.destroy();
});

linuxTest('what toNetServer makes is close-on-exec', async (t) => {
  const [one, other] = pair(t);
  await one.transfer(UnixServer.bindAndListen(socketPath(t)));
  const server = await (await other.receive()).toNetServer();
  t.true(isCloseOnExec(numberOf(server)));
  server.close();
  await once(server, 'close');
});

linuxTest('every socket of this library is close-on-exec', async (t) => {
  using server = UnixServer.bindAndListen(socketPath(t));
  using client = await UnixSocket.connect(server.path);
  using served = await server.accept();
  using duplicate = Conduit.fromFd(client.fd);
  using one = UnixSocket.bind();
  const taken = connect(server.path);
  using clone = Conduit.fromSocket(taken);
  for (const { fd } of [server, client, served, duplicate, one, clone, ...pair(t)]) {
    t.true(isCloseOnExec(fd));
  }
  taken.destroy();
});

linuxTest('what adopt takes is close-on-exec from then on', (t) => {
  using descriptor = Descriptor.adopt(openFd());
  t.true(isCloseOnExec(descriptor.fd));
});
