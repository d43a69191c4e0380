import assert from 'node:assert/strict';
import { once } from 'node:events';
import { closeSync, openSync, readSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { join } from 'node:path';
import { Conduit, Descriptor, socketPair, UnixServer } from 'fd-conduit';
import { type Case, inDirectory, Lacking } from './cases.js';

/** A connection of Node's own, at both ends, and the conduits that it goes through. */
async function withConnection(
  body: (ends: {
    client: Socket;
    accepted: Socket;
    here: Conduit;
    there: Conduit;
  }) => Promise<void>,
): Promise<void> {
  const server = createServer({ pauseOnConnect: true }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  assert.ok(address !== null && typeof address === 'object');
  const client = connect(address.port, '127.0.0.1');
  const [accepted] = await once(server, 'connection');
  const [here, there] = Conduit.pair();
  try {
    await body({ client, accepted, here, there });
  } finally {
    for (const end of [here, there, server]) {
      end.close();
    }
    client.destroy();
    accepted.destroy();
  }
}

/** Objects of Node's that come from descriptors, or give one: not every runtime has them all. */
export const nodeCases: readonly Case[] = [
  {
    name: 'a net.Socket is transferred',
    body: () =>
      withConnection(async ({ client, accepted, here, there }) => {
        await here.transferSocket(accepted);
        const descriptor = await there.receive();
        assert.equal(descriptor.kind, 'tcp');
        descriptor.close();
        await once(client.resume(), 'close');
      }),
  },
  {
    name: 'a net.Server is transferred',
    body: async () => {
      const server = createServer().listen(0, '127.0.0.1');
      await once(server, 'listening');
      const [here, there] = Conduit.pair();
      try {
        await here.transfer(server);
        const descriptor = await there.receive();
        assert.equal(descriptor.kind, 'tcp-server');
        descriptor.close();
      } finally {
        here.close();
        there.close();
        server.close();
      }
    },
  },
  {
    name: 'a received socket becomes a net.Socket',
    body: async () => {
      const [one, other] = socketPair();
      const [here, there] = Conduit.pair();
      try {
        await here.transfer(one);
        const socket = await there.receiveSocket();
        await other.write(Uint8Array.of(104, 105));
        const [data] = await once(socket, 'data');
        assert.equal(String(data), 'hi');
        socket.destroy();
        await once(socket, 'close');
      } finally {
        for (const end of [other, here, there]) {
          end.close();
        }
      }
    },
  },
  {
    name: 'a received server becomes a net.Server',
    body: () =>
      inDirectory(async (directory) => {
        const path = join(directory, 'socket');
        const descriptor = Descriptor.adopt(UnixServer.bindAndListen(path).release());
        const server = await descriptor.toNetServer();
        const client = connect(path);
        const [accepted] = await once(server, 'connection');
        client.destroy();
        accepted.destroy();
        server.close();
        await once(server, 'close');
      }),
  },
  {
    name: 'node:fs reads a received number',
    body: async () => {
      const [here, there] = Conduit.pair();
      await here.transferFd(openSync('/dev/zero', 'r'));
      const fd = await there.receiveFd();
      here.close();
      there.close();
      try {
        assert.equal(readSync(fd, new Uint8Array(1), 0, 1, null), 1);
      } catch (error) {
        Descriptor.adopt(fd).close();
        const { code } = error as NodeJS.ErrnoException;
        throw code === 'EBADF'
          ? new Lacking('EBADF: node:fs knows only what it opened (receiveFile works)')
          : error;
      }
      closeSync(fd);
    },
  },
];
