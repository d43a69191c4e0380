import type { Server } from 'node:net';
import { Accepting, AcceptingEach, checkOnRetry, type OnRetry, untilClosed } from './accepting.js';
import { checkOptions } from './argument.js';
import { type BatchOptions, batchSize } from './batch.js';
import { type CallOptions, promised, WOULD_BLOCK } from './call.js';
import type { Channel } from './channel.js';
import { type Descriptor, keepDescriptor } from './descriptor.js';
import type { DescriptorList } from './descriptor-list.js';
import type { FailedAcceptError } from './errors.js';
import { adoptStream, channelOf, checkStream, StreamBase } from './stream-base.js';
import { takeOverServer } from './takeover.js';

/** How a {@link StreamServer} accepts. */
export interface StreamServerOptions {
  /** Told of each failure of `accept` that an iteration retries, such as `EMFILE`. */
  readonly onRetry?: (error: FailedAcceptError) => void;
}

let over: (held: number, options: StreamServerOptions) => StreamServer;

/**
 * A listening stream socket of any family (TCP, Unix) that accepts descriptors: for a process that
 * hands connections on, and has no use for a `net.Socket` of its own.
 *
 * Ownership: it owns its descriptor; each accepted {@link Descriptor} is the caller's. One that is
 * forgotten is closed when it is collected, and when its worker ends. A socket file is left alone.
 *
 * A call that waits keeps the program alive, an idle server does not.
 *
 * Platforms: Linux, macOS, FreeBSD. Source: accept(2); Go's `net.Listener`, whose connections
 * `TransferConn` takes.
 *
 * @example
 * const [front, back] = Conduit.pair(); // back is in another process, as a rule
 * const listening = net.createServer().listen(0, '127.0.0.1');
 * await once(listening, 'listening');
 * const client = net.connect(listening.address().port, '127.0.0.1');
 *
 * const server = StreamServer.fromServer(listening); // listening is closed, its socket is not
 * const { descriptors } = await server.acceptBatch();
 * await front.transferEach(descriptors);
 *
 * const stream = (await back.receive()).toStreamSocket();
 * await stream.write(Buffer.from('hello'));
 * console.log(String(await once(client, 'data'))); // hello
 * for (const each of [server, stream, front, back]) each.close();
 * client.destroy();
 */
export class StreamServer extends StreamBase {
  readonly #onRetry: OnRetry | undefined;

  static {
    over = (held, options) => new StreamServer(held, options);
  }

  private constructor(held: number, { onRetry }: StreamServerOptions) {
    super(held);
    this.#onRetry = onRetry;
  }

  /**
   * Takes ownership of a listening stream socket, by its number; the first call makes it
   * non-blocking.
   *
   * Ownership: this object's when it succeeds, and only then.
   *
   * @param fd a TCP or Unix socket that listens, such as systemd passes.
   * @param options `onRetry`.
   * @throws `BadClone` with code `EBADF`, `ENOTSOCK`, `EPROTOTYPE` where it is no stream, `EINVAL`
   * where it does not listen; `InvalidArgument` where it has an owner already.
   * @example
   * const server = StreamServer.adopt(UnixServer.bindAndListen('app.sock').release());
   * const client = net.connect('app.sock');
   * const connection = await server.accept();
   * console.log(connection.kind); // unix
   * connection.close();
   * server.close();
   */
  static adopt(fd: number, options: StreamServerOptions = {}): StreamServer {
    checkServerOptions(options);
    return new StreamServer(adoptStream(fd, 'StreamServer'), options);
  }

  /**
   * Takes over the socket of a listening `net.Server`, and whoever waits in its backlog. The
   * `net.Server` is closed; the connections that it has accepted stay with it.
   *
   * Ownership: the socket is this object's. A path that the `net.Server` listened on stays, and
   * leads here.
   *
   * @param server a `net.Server`, or one of `http`, `https` or `tls`: what is accepted from then on
   * are bare connections.
   * @param options `onRetry`.
   * @throws `NoFD` where it does not listen, or in a cluster's worker, whose sockets are the
   * primary's; `BadClone` with code `EMFILE`; `FailedClose`; `InvalidArgument`.
   * @example
   * const listening = net.createServer().listen('app.sock');
   * await once(listening, 'listening');
   * const server = StreamServer.fromServer(listening);
   * const client = net.connect('app.sock');
   * (await server.accept()).close();
   * server.close();
   */
  static fromServer(server: Server, options: StreamServerOptions = {}): StreamServer {
    checkServerOptions(options);
    return new StreamServer(takeOverServer(server), options);
  }

  /**
   * Accepts one connection, which is non-blocking for whoever gets it.
   *
   * @param options `signal` and `timeoutMs` (milliseconds) give the call up; the connection then
   * waits for the next.
   * @returns a {@link Descriptor}, which is the caller's to close, transfer or convert.
   * @throws `FailedAccept`: with code `EMFILE` the connection waits, and the next call tries again;
   * `Closed`, `Aborted`, `Timeout`, `InvalidArgument`.
   * Source: accept(2).
   */
  accept(options: CallOptions = {}): Promise<Descriptor> {
    return promised(() => this.#opened().perform('incoming', this.#accepting(), options));
  }

  /** {@link StreamServer.accept}, at once: `undefined` where none waits, or others wait before it. */
  tryAccept(): Descriptor | undefined {
    const accepted = this.#opened().attempt('incoming', this.#accepting());
    return accepted === WOULD_BLOCK ? undefined : (accepted as Descriptor);
  }

  /**
   * Accepts all connections that wait, by one native call: at least one, at most `max`.
   *
   * Ownership: the {@link DescriptorList}'s, and the caller's as that list's. `transferEach` takes
   * its `descriptors`.
   *
   * @param options `max`: 1 to 253, 64 by default; `signal`, `timeoutMs`.
   * @throws as {@link StreamServer.accept}. What fails after some were accepted is told by the next
   * call.
   */
  acceptBatch(options: BatchOptions = {}): Promise<DescriptorList> {
    return promised(() => {
      const max = batchSize(options);
      const channel = this.#opened();
      return channel.perform('incoming', new AcceptingEach(channel, max), options);
    });
  }

  /**
   * {@link StreamServer.acceptBatch} again and again, as the iteration over single connections.
   *
   * Ownership: each {@link DescriptorList} is the loop's. Leaving the loop leaves the server open.
   *
   * @param options as in {@link StreamServer.acceptBatch}, for each batch anew.
   * @throws `Aborted` and `Timeout`, which end the loop; `FailedAccept` where it does not pass;
   * `InvalidArgument`.
   */
  batches(options: BatchOptions = {}): AsyncGenerator<DescriptorList, void, undefined> {
    return untilClosed(this, () => this.acceptBatch(options), this.#onRetry);
  }

  /**
   * The connections as they come, until the server is closed. Failures that pass, such as
   * `EMFILE`, are retried, and told to `onRetry`.
   *
   * Ownership: each {@link Descriptor} is the loop's. Leaving the loop leaves the server open.
   */
  [Symbol.asyncIterator](): AsyncGenerator<Descriptor, void, undefined> {
    return untilClosed(this, () => this.accept(), this.#onRetry);
  }

  #opened(): Channel {
    return channelOf(this);
  }

  #accepting(): Accepting<Descriptor> {
    return new Accepting(this.#opened(), keepDescriptor);
  }
}

/** A server that takes over a number that is held. Throws `BadClone` where it is none. */
export function streamServerFrom(held: number, options: StreamServerOptions): StreamServer {
  checkServerOptions(options);
  checkStream(held, 'StreamServer');
  return over(held, options);
}

function checkServerOptions(options: StreamServerOptions): void {
  checkOptions(options);
  checkOnRetry(options.onRetry);
}
