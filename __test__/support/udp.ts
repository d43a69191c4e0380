import { createSocket, type Socket, type SocketType } from 'node:dgram';
import { once } from 'node:events';
import type { ExecutionContext } from 'ava';

/** A UDP socket on a port of its own, which lives as long as the test, and its number. */
export async function udpSocket(
  t: ExecutionContext,
  type: SocketType,
): Promise<{ socket: Socket; fd: number; port: number }> {
  const socket = createSocket(type);
  socket.bind(0, type === 'udp4' ? '127.0.0.1' : '::1');
  await once(socket, 'listening');
  t.teardown(() => socket.close());
  // Node has no public way to ask for the number.
  const { fd } = handleOf(socket);
  return { socket, fd, port: socket.address().port };
}

function handleOf(socket: Socket): { readonly fd: number } {
  const [symbol] = Object.getOwnPropertySymbols(socket).filter(
    ({ description }) => description === 'state symbol',
  );
  const state = socket as unknown as Record<symbol, { handle: { fd: number } }>;
  return (state[symbol as symbol] as { handle: { fd: number } }).handle;
}
