import type { CallOptions } from './call.js';
import type { Conduit } from './conduit.js';
import type { UnixServer } from './unix-server.js';
import type { UnixSocket } from './unix-socket.js';

let serve: (server: UnixServer, wrap: (socket: UnixSocket) => Conduit) => ConduitServer;

/**
 * A listening Unix socket whose connections are conduits; made by `Conduit.listen`.
 *
 * Ownership: it owns its descriptor and its socket file; each conduit is its receiver's. `close()`
 * gives back both. The descriptor of a server that is forgotten is closed when it is collected, or
 * when its worker ends; its socket file then stays until the next server on that path.
 *
 * A call of `accept` that waits keeps the program alive, an idle server does not. Breaking out of
 * `for await` leaves the server open.
 *
 * Platforms: Linux, macOS, FreeBSD; abstract names on Linux only. Source: unix(7), listen(2),
 * accept(2). Go's package has no counterpart: it takes connections of `net.Listener`.
 *
 * @example
 * const server = Conduit.listen('app.sock', { mode: 0o600 });
 * const client = await Conduit.connect('app.sock');
 * for await (const conduit of server) {
 *   await conduit.transferFile(await open('notes.txt'));
 *   conduit.close();
 *   server.close(); // ends the loop
 * }
 * const file = await client.receiveFile();
 * await file.close();
 * client.close();
 */
export class ConduitServer {
  readonly #server: UnixServer;
  readonly #wrap: (socket: UnixSocket) => Conduit;

  static {
    serve = (server, wrap) => new ConduitServer(server, wrap);
  }

  private constructor(server: UnixServer, wrap: (socket: UnixSocket) => Conduit) {
    this.#server = server;
    this.#wrap = wrap;
  }

  /** The path or abstract name, as it was given to `Conduit.listen`. */
  get path(): string {
    return this.#server.path;
  }

  /**
   * The number of the listening socket. It stays the server's: do not close it by hand. After
   * `close()` it may be somebody else's.
   */
  get fd(): number {
    return this.#server.fd;
  }

  /**
   * Accepts one connection.
   *
   * Ownership: the returned conduit is the caller's to close.
   *
   * @param options `signal` and `timeoutMs` (milliseconds) give the call up; the connection then
   * waits for the next.
   * @returns a conduit, as soon as somebody connects.
   * @throws `FailedAccept`: with code `EMFILE` the connection waits, and the next call tries again;
   * `Closed`, `Aborted`, `Timeout`, `InvalidArgument`.
   * Platforms: Linux, macOS, FreeBSD. Source: accept(2).
   * @example
   * const server = Conduit.listen('app.sock');
   * const client = await Conduit.connect('app.sock');
   * const conduit = await server.accept({ timeoutMs: 1000 });
   * conduit.close();
   * client.close();
   * server.close();
   */
  async accept(options: CallOptions = {}): Promise<Conduit> {
    return this.#wrap(await this.#server.accept(options));
  }

  /**
   * The conduits as they come, until the server is closed. Failures of `accept` that pass, such
   * as `EMFILE`, are retried, and told to `onRetry`.
   *
   * Ownership: each conduit is the loop's to close. Leaving the loop leaves the server open.
   *
   * @throws `FailedAccept` where a failure does not pass.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Conduit, void, undefined> {
    for await (const socket of this.#server) {
      yield this.#wrap(socket);
    }
  }

  /**
   * Stops listening and removes the socket file, if it is still this server's; accepted conduits
   * stay. A waiting `accept` rejects with `Closed`, and an iteration ends. Twice is fine.
   *
   * @throws `FailedClose` where the system reports an error.
   */
  close(): void {
    this.#server.close();
  }

  /** The same as {@link ConduitServer.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** The same as {@link ConduitServer.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** A pending `accept` keeps the program alive again, as it does at first. */
  ref(): this {
    this.#server.ref();
    return this;
  }

  /** A pending `accept` does not keep the program alive. */
  unref(): this {
    this.#server.unref();
    return this;
  }
}

/** Makes the server whose connections `wrap` turns into conduits. */
export function serveConduits(
  server: UnixServer,
  wrap: (socket: UnixSocket) => Conduit,
): ConduitServer {
  return serve(server, wrap);
}
