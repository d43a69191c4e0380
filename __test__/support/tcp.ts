import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import type { ExecutionContext } from 'ava';

/**
 * A TCP server on a port of its own, which lives as long as the test. Its sockets stay writable
 * when the other side ends, so that a test can tell an end from a reset.
 */
export async function tcpServer(t: ExecutionContext): Promise<{ server: Server; port: number }> {
  const server = createServer({ allowHalfOpen: true });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return { server, port: portOf(server) };
}

/** Two ends of one TCP connection. */
export async function tcpPair(t: ExecutionContext): Promise<{ client: Socket; served: Socket }> {
  const { server, port } = await tcpServer(t);
  const client = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  const [[served]] = (await Promise.all([once(server, 'connection'), once(client, 'connect')])) as [
    [Socket],
    unknown,
  ];
  t.teardown(() => {
    client.destroy();
    served.destroy();
  });
  return { client, served };
}

/** The port that a server listens on. */
export function portOf(server: Server): number {
  return (server.address() as AddressInfo).port;
}

/** All that comes until the other side ends. */
export async function textOf(socket: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of socket.iterator({ destroyOnReturn: false })) {
    chunks.push(chunk as Buffer);
  }
  return Buffer.concat(chunks).toString();
}

/** The next text that comes. */
export async function nextText(socket: Socket): Promise<string> {
  const [chunk] = (await once(socket, 'data')) as [Buffer];
  return chunk.toString();
}
