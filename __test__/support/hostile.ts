import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';
import { Conduit, type SocketType, socketPair, type UnixSocket } from 'fd-conduit';
import { openFd } from './conduits.js';
import { exactly } from './descriptors.js';
import { endProgram } from './program.js';

const PROGRAM = join('__test__', 'peers', 'python', 'hostile.py');

/** A peer that means no good, and our end of the socket to it. */
export interface Hostile {
  readonly socket: UnixSocket;
  readonly child: ChildProcess;
  /** Resolves when it has done its part. */
  readonly ready: Promise<unknown>;
  /** Resolves when it is gone. */
  readonly gone: Promise<unknown>;
}

/**
 * Runs `body` against such a peer; afterwards this process is alive, exactly the descriptors of
 * before are open, and another conduit works.
 */
export async function facing(
  t: ExecutionContext,
  what: readonly (string | number)[],
  body: (hostile: Hostile) => Promise<void>,
  type: SocketType = 'stream',
): Promise<void> {
  await exactly(t, async () => {
    const [socket, theirs] = socketPair({ type });
    const args = [PROGRAM, ...what.map(String)];
    const child = spawn('python3', args, { stdio: ['pipe', 'pipe', 'inherit', theirs.fd] });
    theirs.close();
    const ready = once(child.stdout as NodeJS.ReadableStream, 'data').then(String);
    const gone = once(child, 'exit');
    try {
      await body({ socket, child, ready, gone });
    } finally {
      socket.close();
      await endProgram(child);
      for (const stream of [child.stdin, child.stdout]) {
        stream?.destroy();
      }
    }
    const [one, other] = Conduit.pair();
    await one.transferFd(openFd());
    (await other.receive()).close();
    one.close();
    other.close();
  });
}
