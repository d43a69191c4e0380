import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import test, { type ExecutionContext } from 'ava';
import { Descriptor, get, put, UnixServer, UnixSocket } from 'fd-conduit';
import { openFd } from '../support/conduits.js';
import { exactly } from '../support/descriptors.js';
import { rejection, thrown } from '../support/errors.js';
import { TEXT, temporaryFile } from '../support/files.js';
import { CONNECTED_TYPES } from '../support/foreign.js';
import { abstractName, ends, textFrom } from '../support/sockets.js';
import { nextText, portOf, tcpPair, tcpServer } from '../support/tcp.js';
import { udpSocket } from '../support/udp.js';

/** A descriptor of what `handle` is, as it comes from another process. */
async function received(
  t: ExecutionContext,
  handle: Parameters<typeof put>[1][number],
): Promise<Descriptor> {
  const [here, there] = ends(t);
  await put(here, [handle]);
  const [descriptor] = await get(there, 1, { as: 'descriptor' });
  here.close();
  there.close();
  return descriptor as Descriptor;
}

/** Every conversion of a Descriptor. */
const CONVERSIONS: Readonly<Record<string, (descriptor: Descriptor) => unknown>> = {
  toFileHandle: (descriptor) => descriptor.toFileHandle(),
  toNetSocket: (descriptor) => descriptor.toNetSocket(),
  toNetServer: (descriptor) => descriptor.toNetServer(),
  toDgramSocket: (descriptor) => descriptor.toDgramSocket(),
  toUnixSocket: (descriptor) => descriptor.toUnixSocket(),
  toUnixServer: (descriptor) => descriptor.toUnixServer(),
  toStreamSocket: (descriptor) => descriptor.toStreamSocket(),
  toStreamServer: (descriptor) => descriptor.toStreamServer(),
};

/** The conversions that each kind does not have. */
async function refuses(
  t: ExecutionContext,
  descriptor: Descriptor,
  ...names: readonly string[]
): Promise<void> {
  const { fd, kind } = descriptor;
  for (const name of names) {
    const convert = CONVERSIONS[name] as (descriptor: Descriptor) => unknown;
    await rejection(t, (async () => convert(descriptor))(), 'BadClone');
    t.is(descriptor.fd, fd, name);
    t.is(descriptor.kind, kind, name);
  }
}

test('an empty Descriptor converts to nothing', async (t) => {
  const descriptor = Descriptor.adopt(openFd());
  descriptor.close();
  for (const [name, convert] of Object.entries(CONVERSIONS)) {
    const error = await rejection(t, (async () => convert(descriptor))(), 'Closed');
    t.is(error.code, 'EBADF', name);
  }
  thrown(t, () => descriptor.release(), 'Closed');
});

test('a file becomes a FileHandle and nothing else', async (t) => {
  const fd = openFd(temporaryFile(t));
  await exactly(t, async () => {
    const descriptor = await received(t, fd);
    await refuses(t, descriptor, 'toNetSocket', 'toNetServer', 'toDgramSocket');
    await refuses(t, descriptor, 'toUnixSocket', 'toUnixServer');
    const file = await descriptor.toFileHandle();
    t.true(descriptor.isClosed);
    t.is(await file.readFile('utf8'), TEXT);
    await file.close();
  });
  Descriptor.adopt(fd).close();
});

test('a TCP connection becomes a net.Socket', async (t) => {
  const { client, served } = await tcpPair(t);
  const descriptor = await received(t, served);
  served.destroy();
  await refuses(t, descriptor, 'toNetServer', 'toDgramSocket', 'toUnixSocket', 'toUnixServer');
  await refuses(t, descriptor, 'toStreamServer');
  const socket = descriptor.toNetSocket();
  t.true(descriptor.isClosed);
  client.write('for the socket');
  t.is(await nextText(socket), 'for the socket');
  socket.destroy();
  await once(socket, 'close');
});

test('a TCP server becomes a net.Server', async (t) => {
  const { server } = await tcpServer(t);
  const port = portOf(server);
  const descriptor = await received(t, server);
  server.close();
  await refuses(t, descriptor, 'toNetSocket', 'toDgramSocket', 'toUnixSocket', 'toUnixServer');
  await refuses(t, descriptor, 'toStreamSocket');
  const taken = await descriptor.toNetServer();
  t.true(descriptor.isClosed);
  taken.once('connection', (socket: Socket) => socket.end('from the new server'));
  t.is(await nextText(connect(port, '127.0.0.1')), 'from the new server');
  taken.close();
});

for (const type of ['udp4', 'udp6'] as const) {
  test(`a UDP socket becomes a dgram.Socket of its own family (${type})`, async (t) => {
    const { fd, port } = await udpSocket(t, type);
    const peer = await udpSocket(t, type);
    const descriptor = await received(t, fd);
    await refuses(t, descriptor, 'toNetSocket', 'toNetServer', 'toUnixSocket', 'toUnixServer');
    await refuses(t, descriptor, 'toStreamSocket', 'toStreamServer');
    const socket = await descriptor.toDgramSocket();
    t.true(descriptor.isClosed);
    t.is(socket.address().port, port);
    const message = once(peer.socket, 'message');
    socket.send('from the new one', peer.port, type === 'udp4' ? '127.0.0.1' : '::1');
    const [bytes, { port: from }] = (await message) as [Buffer, { port: number }];
    t.is(bytes.toString(), 'from the new one');
    t.is(from, port);
    socket.close();
  });
}

for (const type of [...CONNECTED_TYPES, 'dgram'] as const) {
  test(`a Unix socket becomes a UnixSocket of its type (${type})`, async (t) => {
    const [one, other] = ends(t, type);
    const descriptor = await received(t, one);
    one.close();
    await refuses(t, descriptor, 'toNetServer', 'toDgramSocket', 'toStreamServer');
    if (type !== 'stream') {
      await refuses(t, descriptor, 'toNetSocket', 'toStreamSocket');
    }
    using socket = descriptor.toUnixSocket();
    t.true(descriptor.isClosed);
    t.is(socket.type, type);
    await other.write(Buffer.from('hello'));
    t.is(await textFrom(socket), 'hello');
  });
}

test('a listening Unix socket becomes a UnixServer, and a net.Server', async (t) => {
  const path = abstractName();
  const server = UnixServer.bindAndListen(path);
  const [first, second] = [await received(t, server), await received(t, server)];
  server.close();
  await refuses(t, first, 'toNetSocket', 'toDgramSocket');
  using taken = first.toUnixServer();
  t.is(taken.path, path);
  using client = await UnixSocket.connect(path);
  using accepted = await taken.accept();
  await accepted.write(Buffer.from('welcome'));
  t.is(await textFrom(client), 'welcome');
  taken.close();
  const node = await second.toNetServer();
  node.once('connection', (socket: Socket) => socket.end('Node'));
  using late = await UnixSocket.connect(path);
  t.is(await textFrom(late), 'Node');
  node.close();
});

test('release gives the number away, and it can be adopted again', (t) => {
  const fd = openFd();
  const descriptor = Descriptor.adopt(fd);
  t.is(descriptor.release(), fd);
  t.is(descriptor.fd, -1);
  descriptor.close();
  using again = Descriptor.adopt(fd);
  t.is(again.kind, 'character-device');
});
