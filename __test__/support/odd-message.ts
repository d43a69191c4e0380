import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { Owner } from 'fd-conduit';

/** AVA runs in the project's directory, and compiles TypeScript only. */
const PROGRAM = join('__test__', 'peers', 'odd_message.py');

/**
 * Lets Python send one message through a socket: the payload, and one control message
 * for each of `descriptors`, with so many in it.
 */
export function sendOddMessage(
  socket: Owner,
  payload: string,
  descriptors: readonly number[],
): void {
  const request = JSON.stringify({ payload, descriptors });
  const { error, status } = spawnSync('python3', [PROGRAM, request], {
    stdio: ['ignore', 'inherit', 'inherit', socket.fd],
  });
  if (error !== undefined || status !== 0) {
    throw new Error('Python 3 could not send the message', { cause: error });
  }
}
