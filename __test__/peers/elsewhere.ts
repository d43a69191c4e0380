// Imports the package as another system would, and prints what every call answers there.
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const [platform, arch] = process.argv.slice(2);

/** Runs `body` with a connection of Node's own, which it has on every system. */
async function withConnection(body: (socket: Socket) => Promise<void>): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'fd-conduit-'));
  const server = createServer((peer) => peer.resume()).listen(join(directory, 'socket'));
  await once(server, 'listening');
  const socket = connect(join(directory, 'socket'));
  await once(socket, 'connect');
  await body(socket);
  socket.destroy();
  server.close();
  rmSync(directory, { recursive: true });
}

/** `how` it failed: an async function must not throw, the others must not answer a promise. */
async function outcome(
  call: () => unknown,
): Promise<{ how: string; type: string; message: string }> {
  try {
    const answer = call();
    try {
      await answer;
      return { how: 'answered', type: '', message: '' };
    } catch (error) {
      return { how: 'rejected', ...describe(error) };
    }
  } catch (error) {
    return { how: 'threw', ...describe(error) };
  }
}

function describe(error: unknown): { type: string; message: string } {
  const { type, message } = error as { type?: string; message: string };
  return { type: type ?? String(error), message };
}

async function main(socket: Socket): Promise<void> {
  Object.defineProperty(process, 'platform', { value: platform });
  Object.defineProperty(process, 'arch', { value: arch });
  const library = await import('fd-conduit');
  const { Conduit, Descriptor, UnixServer, UnixSocket } = library;
  const calls: Record<string, () => unknown> = {
    'Conduit.connect': () => Conduit.connect('socket'),
    'Conduit.fromFd': () => Conduit.fromFd(0),
    'Conduit.listen': () => Conduit.listen('socket'),
    'Conduit.pair': () => Conduit.pair(),
    'Descriptor.adopt': () => Descriptor.adopt(0),
    'UnixServer.adopt': () => UnixServer.adopt(0),
    'UnixServer.bind': () => UnixServer.bind('socket'),
    'UnixServer.bindAndListen': () => UnixServer.bindAndListen('socket'),
    'UnixSocket.adopt': () => UnixSocket.adopt(0),
    'UnixSocket.bind': () => UnixSocket.bind('socket'),
    'UnixSocket.connect': () => UnixSocket.connect('socket'),
    get: () => library.get(socket, 1),
    optionConstants: () => library.optionConstants(),
    put: () => library.put(socket, [0]),
    socketPair: () => library.socketPair(),
  };
  const outcomes: Record<string, unknown> = {};
  for (const [name, call] of Object.entries(calls)) {
    outcomes[name] = await outcome(call);
  }
  console.log(JSON.stringify({ supported: library.supported, outcomes }));
}

withConnection(main);
