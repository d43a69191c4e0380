// Programs that are not this library, as the other side of a socket.
import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import type { ExecutionContext } from 'ava';
import { Conduit, type SocketType, socketPair, type UnixSocket } from 'fd-conduit';
import { type ProgramName, programOf } from './foreign-programs.js';

/** Where a program finds the socket that it inherits; then `{ do: 'adopt', fd: INHERITED }`. */
export const INHERITED = 3;

/** The connected kinds of Unix sockets that this system has. */
export const CONNECTED_TYPES =
  process.platform === 'darwin' ? (['stream'] as const) : (['stream', 'seqpacket'] as const);

/** What a program is asked for. Which fields a command reads is written where it is: `__test__/peers`. */
export interface ForeignCommand {
  readonly do: string;
  readonly path?: string;
  readonly type?: SocketType;
  readonly fd?: number;
  readonly fds?: readonly number[];
  /** Descriptors, in a control message for each group. */
  readonly groups?: readonly (readonly number[])[];
  readonly buffers?: readonly (string | Uint8Array)[];
  readonly sizes?: readonly number[];
  readonly maxFds?: number;
  readonly count?: number;
  readonly tryOnly?: boolean;
  readonly credentials?: readonly [pid: number, uid: number, gid: number];
}

/** An open descriptor of the program: its number there, and the inode that it is everywhere. */
export interface ForeignFd {
  readonly fd: number;
  readonly inode: number;
}

/** What a program answers; which fields, depends on the command. */
export interface ForeignReply {
  readonly fd: number;
  readonly fds: readonly ForeignFd[];
  readonly payload: Buffer;
  /** The payload in the buffers that it was read into; base64. */
  readonly buffers: readonly string[];
  /** Addresses as the kernel gives them; base64. */
  readonly socketName: string;
  readonly peerName: string;
  readonly sent: number;
  readonly truncated: boolean;
  readonly sender: string;
  readonly pid: number;
  readonly uid: number;
  readonly gid: number;
}

/** A command failed there; `code` is the system's name for it, 'EOF' at the end, or 'ERROR'. */
export class ForeignError extends Error {
  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** A running program. */
export class Foreign {
  readonly #child: ChildProcessByStdio<Writable, Readable, null>;
  readonly #lines: AsyncIterator<string>;

  /** Starts it, with `socket` as its descriptor {@link INHERITED}; it ends with the test. */
  static start(t: ExecutionContext, name: ProgramName, socket?: number): Foreign {
    const [command, ...args] = programOf(name);
    const foreign = new Foreign(
      spawn(command, args, {
        stdio: ['pipe', 'pipe', 'inherit', socket ?? 'ignore'],
      }) as ChildProcessByStdio<Writable, Readable, null>,
    );
    t.teardown(() => foreign.end());
    return foreign;
  }

  private constructor(child: ChildProcessByStdio<Writable, Readable, null>) {
    this.#child = child;
    this.#lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  }

  get pid(): number {
    return this.#child.pid as number;
  }

  /** Has it carry out one command. Replies come in the order of the commands. */
  async ask(command: ForeignCommand): Promise<ForeignReply> {
    const buffers = command.buffers?.map((buffer) => Buffer.from(buffer).toString('base64'));
    this.#child.stdin.write(`${JSON.stringify({ ...command, ...(buffers && { buffers }) })}\n`);
    const { value, done } = await this.#lines.next();
    if (done === true) {
      throw new ForeignError('EXIT', `The program is gone before it answered ${command.do}`);
    }
    const { error, message, payload, ...reply } = JSON.parse(value);
    if (error !== undefined) {
      throw new ForeignError(error, message);
    }
    return { fds: [], ...reply, payload: Buffer.from(payload ?? '', 'base64') };
  }

  /** Ends it, and waits until it is gone. */
  async end(): Promise<void> {
    // It may be waiting in a read, and then does not see its input end.
    this.#child.kill('SIGKILL');
    if (this.#child.exitCode === null && this.#child.signalCode === null) {
      await once(this.#child, 'exit');
    }
  }
}

/**
 * Starts a program at the other end of a conduit. With 'seqpacket' over one that the program has
 * made: a pair by its own means, of which it sends this side one end.
 */
export async function startFacing(
  t: ExecutionContext,
  name: ProgramName,
  type: 'stream' | 'seqpacket' = 'stream',
): Promise<{ conduit: Conduit; foreign: Foreign }> {
  const [conduit, theirs] = Conduit.pair();
  t.teardown(() => conduit.close());
  const foreign = Foreign.start(t, name, theirs.fd);
  theirs.close();
  await foreign.ask({ do: 'adopt', fd: INHERITED });
  if (type === 'stream') {
    return { conduit, foreign };
  }
  await foreign.ask({ do: 'pair', type });
  using end = await conduit.receive();
  const packets = Conduit.fromFd(end.fd);
  t.teardown(() => packets.close());
  return { conduit: packets, foreign };
}

/** Starts a program at the other end of a socket of that type. */
export async function startFacingSocket(
  t: ExecutionContext,
  name: ProgramName,
  type: SocketType,
): Promise<{ socket: UnixSocket; foreign: Foreign }> {
  const [socket, theirs] = socketPair({ type });
  t.teardown(() => socket.close());
  const foreign = Foreign.start(t, name, theirs.fd);
  await foreign.ask({ do: 'adopt', fd: INHERITED });
  theirs.close();
  return { socket, foreign };
}
