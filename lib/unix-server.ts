import { setTimeout as delay } from 'node:timers/promises';
import { type Address, parseAddress } from './address.js';
import { checkInteger, checkOptions } from './argument.js';
import { type CallOptions, checkCallOptions, WOULD_BLOCK } from './call.js';
import { Channel } from './channel.js';
import {
  conduitError,
  type FailedAcceptError,
  type FailedListenError,
  isConduitError,
  systemFields,
  systemMessage,
} from './errors.js';
import { environment } from './native.js';
import { EAGAIN } from './sending.js';
import { bindPath, type SocketFile } from './socket-file.js';
import { UnixSocket } from './unix-socket.js';

const SOCK_STREAM = 1;

/** What the system cuts a backlog to by default (`SOMAXCONN`). */
const DEFAULT_BACKLOG = 511;

/** How long a server without free slots waits before it accepts again. */
const RETRY_MS = 50;

/** Failures of `accept` that pass: the connection still waits, or another one will come. */
const PASSING = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'ECONNABORTED', 'EPROTO']);

/** How a server listens. */
export interface ListenOptions {
  /** The permissions of the socket file, such as `0o600`. By default what the umask leaves. */
  readonly mode?: number;
  /** How many connections may wait to be accepted. 511 by default. */
  readonly backlog?: number;
  /** Stops listening: the server is closed, and its iteration ends. */
  readonly signal?: AbortSignal;
  /** Told of each failure of `accept` that an iteration retries, such as `EMFILE`. */
  readonly onRetry?: (error: FailedAcceptError) => void;
}

/** A listening Unix socket. It owns its descriptor and its socket file. */
export class UnixServer {
  /** As it was given. */
  readonly path: string;
  readonly #channel: Channel;
  readonly #file: SocketFile | undefined;
  readonly #onRetry: ((error: FailedAcceptError) => void) | undefined;

  private constructor(
    channel: Channel,
    path: string,
    file: SocketFile | undefined,
    { signal, onRetry }: ListenOptions,
  ) {
    this.#channel = channel;
    this.path = path;
    this.#file = file;
    this.#onRetry = onRetry;
    signal?.addEventListener('abort', () => this.close(), { once: true });
  }

  /** Binds and listens. A stale socket file is replaced, if nobody listens on it. */
  static bindAndListen(path: string, options: ListenOptions = {}): UnixServer {
    const { backlog = DEFAULT_BACKLOG, mode } = checkListenOptions(options);
    const address = parseAddress(path);
    const held = environment().openSocket(SOCK_STREAM);
    if (held < 0) {
      throw failedListen(address, held, 'socket');
    }
    const channel = new Channel(held);
    try {
      const file = bindPath(address, mode, {
        bind: () => check(address, channel.native.bind(address.bytes), 'bind'),
        listen: () => check(address, channel.native.listen(backlog), 'listen'),
      });
      return new UnixServer(channel, path, file, options);
    } catch (error) {
      channel.close('server');
      throw error;
    }
  }

  /** The number. It stays this server's. */
  get fd(): number {
    return this.#channel.fd;
  }

  get isClosed(): boolean {
    return this.#channel.isClosed;
  }

  /** Accepts one connection. A failure such as `EMFILE` leaves it waiting for the next call. */
  accept(options: CallOptions = {}): Promise<UnixSocket> {
    const attempt = (): UnixSocket | typeof WOULD_BLOCK => {
      const held = this.#channel.native.accept();
      if (held === EAGAIN) {
        return WOULD_BLOCK;
      }
      if (held < 0) {
        throw failedAccept(this.path, held);
      }
      return UnixSocket.fromHeld(held);
    };
    return this.#channel.perform('incoming', { attempt }, options);
  }

  /** The connections as they come, until the server is closed. Passing failures are retried. */
  async *[Symbol.asyncIterator](): AsyncGenerator<UnixSocket, void, undefined> {
    while (!this.isClosed) {
      const connection = await this.accept().catch((error: unknown) => error);
      if (connection instanceof UnixSocket) {
        yield connection;
      } else if (isConduitError(connection) && connection.type === 'Closed') {
        return;
      } else {
        await this.#retry(connection);
      }
    }
  }

  /** Stops listening, and removes the socket file if it is still this server's. Twice is fine. */
  close(): void {
    if (!this.isClosed) {
      this.#file?.remove();
      this.#channel.close('server');
    }
  }

  ref(): this {
    this.#channel.keepAlive(true);
    return this;
  }

  unref(): this {
    this.#channel.keepAlive(false);
    return this;
  }

  async #retry(error: unknown): Promise<void> {
    if (!isConduitError(error) || error.type !== 'FailedAccept' || !PASSING.has(error.code)) {
      throw error;
    }
    this.#onRetry?.(error);
    await delay(RETRY_MS);
  }
}

function checkListenOptions(options: ListenOptions): ListenOptions {
  checkOptions(options);
  if (options.mode !== undefined) {
    checkInteger(options.mode, 'options.mode', 0, 0o777);
  }
  if (options.backlog !== undefined) {
    checkInteger(options.backlog, 'options.backlog', 0, 2 ** 31 - 1);
  }
  checkCallOptions({ signal: options.signal });
  return options;
}

function check(address: Address, code: number, syscall: string): void {
  if (code < 0) {
    throw failedListen(address, code, syscall);
  }
}

/** The error of a server that cannot be. */
function failedListen(address: Address, code: number, syscall: string): FailedListenError {
  return conduitError(
    'FailedListen',
    `Nobody can listen on ${address.text}: ${systemMessage(code)}`,
    { ...systemFields(code, syscall), address: address.text },
  );
}

function failedAccept(path: string, code: number): FailedAcceptError {
  const fields = systemFields(code, 'accept');
  const hint = PASSING.has(fields.code)
    ? '; the server goes on, and the next call tries again'
    : '';
  return conduitError(
    'FailedAccept',
    `No connection could be accepted on ${path}: ${systemMessage(code)}${hint}`,
    fields,
  );
}
