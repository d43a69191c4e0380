import { Accepting, checkOnRetry, type OnRetry, untilClosed } from './accepting.js';
import { parseAddress } from './address.js';
import { checkFd, checkOptions } from './argument.js';
import { type CallOptions, checkCallOptions, WOULD_BLOCK } from './call.js';
import type { Channel } from './channel.js';
import type { FailedAcceptError } from './errors.js';
import { adoptHeld } from './owning.js';
import { channelOf, SocketBase } from './socket-base.js';
import { listen, naming, type SocketFile } from './socket-file.js';
import { checkType, openHeld, type SocketType, unixTypeOf } from './socket-type.js';
import { socketFrom, type UnixSocket } from './unix-socket.js';

/** How many connections wait by default, as in Node. */
const DEFAULT_BACKLOG = 511;

/** How a server is bound. */
export interface BindOptions {
  /** `'stream'` (by default) or `'seqpacket'`. */
  readonly type?: SocketType;
  /** The permissions of the socket file, such as `0o600`. By default what the umask leaves. */
  readonly mode?: number;
  /**
   * Stops listening: the server is closed, and its iteration ends. Where its file cannot be removed
   * then, nobody can catch the `FailedClose`: it is an `uncaughtException`.
   */
  readonly signal?: AbortSignal;
  /** Told of each failure of `accept` that an iteration retries, such as `EMFILE`. */
  readonly onRetry?: (error: FailedAcceptError) => void;
}

/** How a server listens. */
export interface ListenOptions extends BindOptions {
  /** How many connections may wait to be accepted. 511 by default. */
  readonly backlog?: number;
}

let over: (held: number, type: SocketType) => UnixServer;

/**
 * A listening Unix socket.
 *
 * Ownership: it owns its descriptor and its socket file, which it removes when it is closed, if it
 * is still its own and it was not released. Each accepted socket is the caller's. One that is
 * forgotten is closed when it is collected, and when its worker ends; its file then stays.
 *
 * Platforms: Linux, macOS, FreeBSD. Source: gVisor's unet, `type ServerSocket`; unix(7).
 *
 * @example
 * const server = UnixServer.bindAndListen('app.sock', { mode: 0o600 });
 * const client = await UnixSocket.connect('app.sock');
 * for await (const socket of server) {
 *   console.log(socket.peerCredentials().uid);
 *   socket.close();
 *   server.close(); // ends the loop, and removes app.sock
 * }
 * client.close();
 */
export class UnixServer extends SocketBase {
  /** The path or abstract name. */
  readonly path: string;
  readonly #channel: Channel;
  readonly #onRetry: OnRetry | undefined;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort: () => void;

  static {
    over = (held, type) => new UnixServer(held, type, {});
  }

  private constructor(
    held: number,
    type: SocketType,
    { signal, onRetry }: BindOptions,
    name?: (channel: Channel) => SocketFile | undefined,
  ) {
    super(held, type, name);
    this.#channel = channelOf(this);
    this.#onRetry = onRetry;
    this.path = this.socketName().path;
    this.#signal = signal;
    // A server that is forgotten may be collected, however long its signal lives.
    const forgettable = new WeakRef(this);
    this.#onAbort = () => forgettable.deref()?.close();
    signal?.addEventListener('abort', this.#onAbort, { once: true });
  }

  /**
   * Makes and binds a server, which does not listen yet; until it does, others may take its socket
   * file for stale, so prefer {@link UnixServer.bindAndListen}.
   *
   * @param path at most 107 bytes on Linux, 103 elsewhere; a NUL byte begins an abstract name
   * (Linux). The file of a server that is gone is replaced; any other is left as it is.
   * @param options `type`; `mode`; `signal`, which closes the server; `onRetry`.
   * @throws `FailedListen` with code `EADDRINUSE`, `EACCES`, …; `Unsupported`, `InvalidArgument`;
   * `Aborted` where the signal is aborted already.
   * Source: unet's `Bind(addr, packet)`.
   * @example
   * const server = UnixServer.bind('app.sock', { mode: 0o600 });
   * server.listen({ backlog: 16 });
   * server.close();
   */
  static override bind(path: string | Uint8Array, options: BindOptions = {}): UnixServer {
    return UnixServer.#bind(path, options, undefined);
  }

  /** {@link UnixServer.bind}, and listens. Source: unet's `BindAndListen(addr, packet)`. */
  static bindAndListen(path: string | Uint8Array, options: ListenOptions = {}): UnixServer {
    checkOptions(options);
    return UnixServer.#bind(path, options, options.backlog ?? DEFAULT_BACKLOG);
  }

  /**
   * Takes ownership of a bound or listening Unix socket, by its number; it becomes non-blocking.
   *
   * Ownership: this object's when it succeeds, and only then. Its socket file is left alone.
   *
   * @throws `BadClone` with code `EBADF`, `ENOTSOCK` or `EAFNOSUPPORT`; `InvalidArgument`.
   * Source: unet's `NewServerSocket(fd)`.
   * @example
   * const bound = UnixServer.bindAndListen('app.sock');
   * const server = UnixServer.adopt(bound.release()); // app.sock leads here
   * server.close(); // and stays
   */
  static adopt(fd: number): UnixServer {
    checkFd(fd, 'fd');
    const type = unixTypeOf(fd, 'UnixServer');
    return new UnixServer(adoptHeld(fd), type, {});
  }

  /** Lets others connect. Throws `FailedListen`, `Closed`. Source: unet's `ServerSocket.Listen`. */
  listen(options: { readonly backlog?: number } = {}): void {
    checkOptions(options);
    listen(this.#channel, options.backlog ?? DEFAULT_BACKLOG, this.path);
  }

  /**
   * Accepts one connection.
   *
   * @param options `signal` and `timeoutMs` give the call up; the connection then waits for the next.
   * @returns a socket, which is the caller's to close.
   * @throws `FailedAccept`: with code `EMFILE` the connection waits, and the next call tries again;
   * `Closed`, `Aborted`, `Timeout`, `InvalidArgument`.
   * Source: unet's `ServerSocket.Accept`; accept(2).
   * @example
   * const server = UnixServer.bindAndListen('app.sock');
   * const client = await UnixSocket.connect('app.sock');
   * const accepted = await server.accept({ timeoutMs: 1000 });
   * for (const each of [client, accepted, server]) each.close();
   */
  accept(options: CallOptions = {}): Promise<UnixSocket> {
    return this.#channel.perform('incoming', this.#accepting(), options);
  }

  /** {@link UnixServer.accept}, at once: `undefined` where none waits, or others wait before it. */
  tryAccept(): UnixSocket | undefined {
    const accepted = this.#channel.attempt('incoming', this.#accepting());
    return accepted === WOULD_BLOCK ? undefined : (accepted as UnixSocket);
  }

  /**
   * The connections as they come, until the server is closed. Failures that pass, such as
   * `EMFILE`, are retried, and told to `onRetry`.
   */
  [Symbol.asyncIterator](): AsyncGenerator<UnixSocket, void, undefined> {
    return untilClosed(this, () => this.accept(), this.#onRetry);
  }

  /**
   * Stops listening and removes the socket file, if it is still its own. Twice is fine.
   *
   * @throws `FailedClose` where the file cannot be removed; the server is closed all the same.
   */
  override close(): void {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    super.close();
  }

  /** As {@link UnixSocket.release}; its socket file stays. */
  override release(): number {
    const fd = super.release();
    this.#signal?.removeEventListener('abort', this.#onAbort);
    return fd;
  }

  static #bind(
    path: string | Uint8Array,
    options: BindOptions,
    backlog: number | undefined,
  ): UnixServer {
    const { type = 'stream', mode } = checkBindOptions(options);
    const address = parseAddress(path);
    const name = naming(address, backlog === undefined ? { mode } : { mode, backlog });
    return new UnixServer(openHeld(type), type, options, name);
  }

  #accepting(): Accepting<UnixSocket> {
    return new Accepting(this.#channel, (held) => socketFrom(held, this.#channel.type));
  }
}

/** A server that takes over a number that is held. */
export function serverFrom(held: number, type: SocketType): UnixServer {
  return over(held, type);
}

function checkBindOptions(options: BindOptions): BindOptions {
  checkOptions(options);
  const { type = 'stream', signal, onRetry } = options;
  checkType(type);
  checkCallOptions({ signal });
  checkOnRetry(onRetry);
  return options;
}
