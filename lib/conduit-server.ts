import type { CallOptions } from './call.js';
import type { Conduit } from './conduit.js';
import type { UnixServer } from './unix-server.js';
import type { UnixSocket } from './unix-socket.js';

let serve: (server: UnixServer, wrap: (socket: UnixSocket) => Conduit) => ConduitServer;

/**
 * A listening Unix socket whose connections are conduits; made by `Conduit.listen`.
 *
 * Ownership: it owns its descriptor and its socket file; each conduit is its receiver's.
 *
 * @example
 * for await (const conduit of Conduit.listen('/run/app.sock', { mode: 0o600 })) {
 *   handle(conduit);
 * }
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

  /** The path or abstract name, as it was given. */
  get path(): string {
    return this.#server.path;
  }

  /** The number. It stays the server's: do not close it by hand. */
  get fd(): number {
    return this.#server.fd;
  }

  /**
   * Accepts one connection.
   *
   * @param options `signal` and `timeoutMs` give the call up; the connection then waits for the next.
   * @returns a conduit, which is the caller's to close.
   * @throws `FailedAccept`: with code `EMFILE` the connection waits, and the next call tries again;
   * `Closed`, `Aborted`, `Timeout`, `InvalidArgument`.
   */
  async accept(options: CallOptions = {}): Promise<Conduit> {
    return this.#wrap(await this.#server.accept(options));
  }

  /**
   * The conduits as they come, until the server is closed. Failures of `accept` that pass, such
   * as `EMFILE`, are retried, and told to `onRetry`.
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<Conduit, void, undefined> {
    for await (const socket of this.#server) {
      yield this.#wrap(socket);
    }
  }

  /** Stops listening and removes the socket file; accepted conduits stay. Twice is fine. */
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
