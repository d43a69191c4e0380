import { createSocket, type Socket as DgramSocket } from 'node:dgram';
import { once } from 'node:events';
import { connect, createServer, type Server } from 'node:net';
import test from 'ava';
import { Descriptor, isConduitError, socketPair } from 'fd-conduit';
import { openFd } from '../support/conduits.js';
import { exactly, inodeOf, isOpen, openDescriptors } from '../support/descriptors.js';
import { rejection } from '../support/errors.js';
import { portOf, textOf } from '../support/tcp.js';

/** What `open` opens, as a Descriptor of its own. */
async function copyOf(open: () => Promise<Server | DgramSocket>): Promise<Descriptor> {
  const before = new Set(openDescriptors());
  const owner = await open();
  const opened = openDescriptors().find((description) => !before.has(description)) ?? '';
  const [one, other] = socketPair();
  await one.write(Buffer.of(0), { descriptors: [Number.parseInt(opened, 10)] });
  const { descriptors } = await other.read(new Uint8Array(1), { maxDescriptors: 1 });
  one.close();
  other.close();
  await ended(owner);
  return descriptors[0] as Descriptor;
}

async function listening(owner: Server | DgramSocket): Promise<Server | DgramSocket> {
  await once(owner, 'listening');
  return owner;
}

async function ended(owner: Server | DgramSocket): Promise<void> {
  const closed = once(owner, 'close');
  owner.close();
  await closed;
}

const listeningSocket = () => copyOf(() => listening(createServer().listen(0, '127.0.0.1')));
const boundSocket = () => copyOf(() => listening(createSocket('udp4').bind(0, '127.0.0.1')));

const CONVERSIONS = {
  toNetServer: { make: listeningSocket, code: 'ENOTSOCK' },
  toDgramSocket: { make: boundSocket, code: 'EINVAL' },
} as const;

for (const [name, { make, code }] of Object.entries(CONVERSIONS)) {
  const convert = (descriptor: Descriptor) => descriptor[name as keyof typeof CONVERSIONS]();

  test(`${name} empties the Descriptor before it waits: closing it meanwhile closes nobody`, async (t) => {
    const descriptor = await make();
    const number = descriptor.fd;
    const converting = convert(descriptor);
    t.true(descriptor.isClosed);
    t.is(descriptor.fd, -1);
    descriptor.close();
    t.true(isOpen(number));
    const owner = await converting;
    // The number is free now, for strangers whom nobody closes.
    const strangers = Array.from({ length: 10 }, () => openFd()).map((fd) => Descriptor.adopt(fd));
    const inodes = strangers.map(({ fd }) => inodeOf(fd));
    descriptor.close();
    await ended(owner);
    t.deepEqual(
      strangers.map(({ fd }) => inodeOf(fd)),
      inodes,
    );
    for (const stranger of strangers) {
      stranger.close();
    }
  });

  test(`of two calls of ${name} at once the second is Closed`, async (t) => {
    await exactly(t, async () => {
      const descriptor = await make();
      const [first, second] = await Promise.allSettled([convert(descriptor), convert(descriptor)]);
      t.true(second.status === 'rejected' && isConduitError(second.reason));
      t.is(second.status === 'rejected' ? second.reason.type : '', 'Closed');
      t.is(first.status, 'fulfilled');
      if (first.status === 'fulfilled') {
        await ended(first.value);
      }
    });
  });

  test(`${name} that fails leaves its descriptor with the Descriptor`, async (t) => {
    const descriptor = Descriptor.adopt(openFd());
    const { fd } = descriptor;
    const inode = inodeOf(fd);
    await exactly(t, async () => {
      t.is((await rejection(t, convert(descriptor), 'BadClone')).code, code);
    });
    t.is(descriptor.fd, fd);
    t.is(inodeOf(fd), inode);
    descriptor.close();
    t.false(isOpen(fd));
  });
}

test('what toNetServer makes accepts, whatever is called on the Descriptor meanwhile', async (t) => {
  const descriptor = await listeningSocket();
  const converting = descriptor.toNetServer();
  descriptor.close();
  const server = await converting;
  server.once('connection', (socket) => socket.end('here'));
  t.is(await textOf(connect(portOf(server), '127.0.0.1').end()), 'here');
  await ended(server);
});
