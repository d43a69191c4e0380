import { once } from 'node:events';
import { connect, createServer, type Server, type Socket } from 'node:net';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { Conduit } from 'fd-conduit';
import { temporaryDirectory } from './files.js';

/** A path on which nobody listens yet. */
export function socketPath(t: ExecutionContext): string {
  return join(temporaryDirectory(t), 'socket');
}

/** A connection with a conduit at one end and a net.Socket, which has read nothing, at the other. */
export async function mixedPair(
  t: ExecutionContext,
): Promise<{ conduit: Conduit; socket: Socket }> {
  const path = socketPath(t);
  const server = Conduit.listen(path);
  const socket = connect(path);
  const conduit = await server.accept();
  server.close();
  t.teardown(() => {
    conduit.close();
    socket.destroy();
  });
  return { conduit, socket };
}

/** A net.Server on a path, and the sockets it gets. */
export async function nodeServer(
  t: ExecutionContext,
  options: { pauseOnConnect?: boolean } = {},
): Promise<{ server: Server; path: string }> {
  const path = socketPath(t);
  const server = createServer(options).listen(path);
  await once(server, 'listening');
  t.teardown(() => server.close());
  return { server, path };
}
