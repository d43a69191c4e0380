import { once } from 'node:events';
import { closeSync, readFileSync } from 'node:fs';
import { connect } from 'node:net';
import test from 'ava';
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

/** A received descriptor, and how its owner closes it. */
interface Received {
  readonly fd: number;
  close(): unknown;
}

const RECEIVED: Record<string, (conduit: Conduit) => Promise<Received | undefined>> = {
  receive: (conduit) => conduit.receive(),
  receiveFd: async (conduit) => {
    const fd = await conduit.receiveFd();
    return { fd, close: () => closeSync(fd) };
  },
  receiveFile: (conduit) => conduit.receiveFile(),
  'receive and toFileHandle': async (conduit) => (await conduit.receive()).toFileHandle(),
  get: async (conduit) => (await get(conduit, 1))[0],
};

for (const [name, receive] of Object.entries(RECEIVED)) {
  linuxTest(`what ${name} answers is close-on-exec`, async (t) => {
    const [one, other] = pair(t);
    await put(one, [openFd()]);
    const received = await receive(other);
    t.true(isCloseOnExec(received?.fd ?? -1));
    await received?.close();
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
