import { once } from 'node:events';
import { closeSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { connect, createServer, type Server, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { Conduit, Descriptor } from 'fd-conduit';
import { openFd } from '../support/conduits.js';
import { exactly } from '../support/descriptors.js';
import { sendOddMessage } from '../support/odd-message.js';
import { startRemote } from '../support/remote.js';
import { tcpServer } from '../support/tcp.js';
import { socketPath } from '../support/unix.js';

const TIMES = 200;

/** A connection of which this process has one end, and a server the other. */
async function connection(server: Server): Promise<{ client: Socket; served: Socket }> {
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const { port } = server.address() as { port: number };
  const client = connect(port, '127.0.0.1');
  const [[served]] = await Promise.all([accepted, once(client, 'connect')]);
  return { client, served };
}

/** Each way through the library, once; all that it opens is closed in the end. */
const WAYS: Record<
  string,
  (t: ExecutionContext, one: Conduit, other: Conduit) => Promise<unknown>
> = {
  'a number there and back': async (_, one, other) => {
    await one.transferFd(openFd());
    await other.transferFd(await other.receiveFd());
    closeSync(await one.receiveFd());
  },
  'a FileHandle there and back': async (_, one, other) => {
    await one.transferFile(await open('/dev/null'));
    await other.transfer(await other.receiveFile());
    await (await one.receiveFile()).close();
  },
  'a Descriptor there and back': async (_, one, other) => {
    await one.transfer(Descriptor.adopt(openFd()));
    await other.transfer(await other.receive());
    (await one.receive()).close();
  },
  'a connection': async (t, one, other) => {
    const { server } = await tcpServer(t);
    const { client, served } = await connection(server);
    await one.transferSocket(served);
    const received = await other.receiveSocket();
    received.destroy();
    client.destroy();
    server.close();
    await Promise.all([once(received, 'close'), once(client, 'close')]);
  },
  'a server': async (_, one, other) => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    await one.transfer(server);
    const received = await (await other.receive()).toNetServer();
    received.close();
  },
  'listening and connecting': async (t) => {
    using server = Conduit.listen(socketPath(t));
    using client = await Conduit.connect(server.path);
    using served = await server.accept();
    await client.transferFd(openFd());
    (await served.receive()).close();
  },
  'a call that is given up, of each kind': async (_, one) => {
    const options = { timeoutMs: 1 };
    await Promise.allSettled([
      one.receive(options),
      one.receiveFile(options),
      one.receiveSocket(options),
    ]);
  },
  'what comes and is not asked for': async (_, one, other) => {
    sendOddMessage(one, 'x', [3]);
    await other.receiveFile().catch(() => undefined);
    sendOddMessage(one, 'x', []);
    await other.receiveFile().catch(() => undefined);
  },
  'what comes and is never received': async () => {
    const [here, there] = Conduit.pair();
    await here.transferFd(openFd());
    here.close();
    there.close();
  },
};

for (const [name, way] of Object.entries(WAYS)) {
  test(`${name} leaves exactly the descriptors of before`, async (t) => {
    // The first time opens what is kept, such as a pipe that Node shares.
    const [one, other] = Conduit.pair();
    await way(t, one, other);
    await exactly(t, () => way(t, one, other));
    one.close();
    other.close();
  });
}

test('many transfers leave exactly the descriptors of before in both processes', async (t) => {
  const { conduit, remote } = await startRemote(t);
  const before = await remote.call('descriptors');
  await exactly(t, async () => {
    for (let time = 0; time < TIMES; time += 1) {
      await conduit.transferFd(openFd());
      await remote.call('receiveFile');
      await remote.call('transferFile', '/dev/null', 0);
      (await conduit.receive()).close();
    }
  });
  t.deepEqual(await remote.call('descriptors'), before);
});
