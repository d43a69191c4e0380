import { randomUUID } from 'node:crypto';
import type { ExecutionContext } from 'ava';
import { type SocketType, socketPair, type UnixSocket } from 'fd-conduit';
import { CONNECTED_TYPES } from './foreign.js';

/** The kinds of Unix sockets that this system has. */
export const TYPES: readonly SocketType[] = [...CONNECTED_TYPES, 'dgram'];

/** Two connected sockets, which live as long as the test. */
export function ends(t: ExecutionContext, type: SocketType = 'stream'): [UnixSocket, UnixSocket] {
  const made = socketPair({ type });
  t.teardown(() => {
    for (const end of made) {
      end.close();
    }
  });
  return made;
}

/** A name of the abstract namespace that nobody else has, with NUL bytes inside. */
export function abstractName(): string {
  return `\0fd-conduit\0${randomUUID()}\0`;
}

/** Reads one message as text. */
export async function textFrom(socket: UnixSocket, maxDescriptors = 0): Promise<string> {
  const buffer = Buffer.alloc(4096);
  using message = await socket.read(buffer, { maxDescriptors });
  return buffer.toString('utf8', 0, message.bytesRead);
}

/** Writes until the socket takes no more, and answers how many bytes it took. */
export function fillUp(socket: UnixSocket, chunk = Buffer.alloc(4096, 'f')): number {
  let total = 0;
  for (;;) {
    const sent = socket.tryWrite(chunk);
    if (sent === undefined) {
      return total;
    }
    total += sent;
  }
}

/** Reads and throws away so many bytes. */
export async function drain(socket: UnixSocket, bytes: number): Promise<void> {
  const buffer = Buffer.alloc(65536);
  for (let left = bytes; left > 0; ) {
    left -= (await socket.read(buffer.subarray(0, Math.min(left, buffer.length)))).bytesRead;
  }
}

/** Takes the memory away from under some bytes. */
export function transferAway(bytes: Uint8Array): void {
  structuredClone(0, { transfer: [bytes.buffer as ArrayBuffer] });
}
