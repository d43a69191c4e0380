import type { FileHandle } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { checkFd, checkOptions } from './argument.js';
import { type CallOptions, WOULD_BLOCK, type Work } from './call.js';
import { type ConduitServer, serveConduits } from './conduit-server.js';
import { type Descriptor, fillPlaceholder, keepDescriptor } from './descriptor.js';
import { conduitError, isConduitError } from './errors.js';
import { Placeholder } from './node-handles.js';
import {
  type Passage,
  passageOf,
  passageOfFd,
  passageOfFile,
  passageOfSocket,
  type Transferable,
} from './passage.js';
import { badCtrlMesg, isEnd, onlyHeld, receiveNow } from './receiving.js';
import { Sending } from './sending.js';
import { channelOf } from './socket-base.js';
import { takeOver } from './takeover.js';
import { type ListenOptions, UnixServer } from './unix-server.js';
import { duplicateSocket, socketPair, UnixSocket } from './unix-socket.js';

/** One byte goes with each descriptor, as a stream drops what comes without; its value says nothing. */
const FILLER = new Uint8Array(1);
const FILLER_READ = new Uint8Array(1);

let under: (conduit: Conduit) => UnixSocket;

/** How a conduit is made from something that is open already. */
export interface ConduitOptions {
  /** What the conduit calls itself; by default after what it was made from. */
  readonly name?: string;
}

/**
 * A connection over which open descriptors move from one process to another, one a message, with
 * their ownership.
 *
 * Ownership: a conduit owns a descriptor of its own (see {@link Conduit.fromFd}). It closes it
 * when it is closed or disposed, when it is garbage collected, and when its worker ends. What
 * was received is the receiver's, what was transferred is closed here.
 *
 * Several calls at once keep their order. A call that waits keeps the program alive, an idle
 * conduit does not. Breaking out of `for await` leaves the conduit open.
 *
 * Platforms: Linux, macOS, FreeBSD. Source: Go's `toolman.org/net/conduit`, `type Conduit`;
 * unix(7), cmsg(3).
 *
 * @example
 * // In one process:
 * const conduit = await Conduit.connect('/run/app.sock');
 * await conduit.transferFile(await fs.open('notes.txt'));
 *
 * // In the other:
 * for await (const conduit of Conduit.listen('/run/app.sock')) {
 *   const file = await conduit.receiveFile();
 *   console.log(await file.readFile('utf8'));
 * }
 */
export class Conduit {
  /** What the conduit calls itself. */
  readonly name: string;
  readonly #socket: UnixSocket;

  static {
    under = (conduit) => conduit.#socket;
  }

  private constructor(socket: UnixSocket, name: string) {
    this.#socket = socket;
    this.name = name;
  }

  /**
   * Makes a conduit over an open socket, by its number.
   *
   * Ownership: `fd` stays the caller's. The conduit works on a duplicate, so the connection
   * lives until both are closed; the socket becomes non-blocking for all who hold it.
   *
   * @param fd the number of a connected Unix socket. Whether it is one shows at the first call.
   * @throws `BadClone` with code `EBADF` where the number is not open; `InvalidArgument`.
   * Source: Go's `conduit.New(fd, name)`.
   * @example
   * const conduit = Conduit.fromFd(3, { name: 'from the parent' });
   */
  static fromFd(fd: number, options: ConduitOptions = {}): Conduit {
    checkFd(fd, 'fd');
    return Conduit.#over(fd, options, `fd ${fd}`);
  }

  /**
   * Makes a conduit over an open socket, by a `FileHandle` of it.
   *
   * Ownership: the `FileHandle` stays the caller's, as in {@link Conduit.fromFd}.
   *
   * @throws `NoFD` where it is closed; `BadClone`; `InvalidArgument`.
   * Source: Go's `conduit.FromFile(f)`.
   */
  static fromFile(file: FileHandle, options: ConduitOptions = {}): Conduit {
    const fd = passageOfFile(file).fd();
    return Conduit.#over(fd, options, `FileHandle ${fd}`);
  }

  /**
   * Makes a conduit over the connection of a `net.Socket`, which reads nothing more from then on,
   * whatever is called on it.
   *
   * Ownership: the `net.Socket` stays the caller's to destroy; the conduit works on a clone, so
   * close both.
   *
   * @param socket connected (or connecting) to a Unix socket, and nothing read from it yet: Node's
   * plain reads throw descriptors away. One from a `net.Server` is safe in its `'connection'`
   * event.
   * @throws `NoFD` for a TLS socket and one that is destroyed; `BadClone` where it cannot be
   * cloned; `InvalidArgument` where it has read bytes already.
   * Source: Go's `conduit.FromConn(conn)`.
   */
  static fromSocket(socket: Socket, options: ConduitOptions = {}): Conduit {
    checkOptions(options);
    const clone = takeOver(socket);
    return new Conduit(clone, options.name ?? `net.Socket ${clone.fd}`);
  }

  /**
   * Connects to a path, or (Linux) to an abstract name, which begins with a NUL byte.
   *
   * @param path at most 107 bytes on Linux, 103 elsewhere.
   * @param options `signal` and `timeoutMs` bound the wait for a place in a full backlog.
   * @returns a conduit, which is the caller's to close.
   * @throws `FailedConnect` with code `ENOENT`, `ECONNREFUSED`, …; `Timeout`, `Aborted`,
   * `InvalidArgument`.
   */
  static async connect(path: string, options: CallOptions & ConduitOptions = {}): Promise<Conduit> {
    const socket = await UnixSocket.connect(path, options);
    return new Conduit(socket, options.name ?? path);
  }

  /**
   * Listens on a path, or (Linux) on an abstract name, for conduits.
   *
   * @param path as in {@link Conduit.connect}. The file of a server that is gone is replaced; one
   * on which somebody listens, or that is no socket, is left as it is.
   * @param options `mode`: the socket file's permissions, set before anybody can connect;
   * `backlog`; `signal` closes the server; `onRetry` is told of failures to accept.
   * @returns a server, which is the caller's to close, and an async iterable of conduits.
   * @throws `FailedListen` with code `EADDRINUSE`, `EACCES`, …; `InvalidArgument`.
   */
  static listen(path: string, options: ListenOptions = {}): ConduitServer {
    const server = UnixServer.bindAndListen(path, options);
    return serveConduits(server, (socket) => new Conduit(socket, `${path} #${socket.fd}`));
  }

  /**
   * Makes two conduits that are connected to each other, as socketpair(2) does.
   *
   * @returns both, which are the caller's to close. To give one to a child process, pass its `fd`
   * in `stdio`.
   * @throws `FailedCall` with code `EMFILE` where there is no free slot.
   */
  static pair(): [Conduit, Conduit] {
    const [one, other] = socketPair();
    return [new Conduit(one, `pair ${one.fd}`), new Conduit(other, `pair ${other.fd}`)];
  }

  /** The number of the conduit's own descriptor. It stays the conduit's: do not close it by hand. */
  get fd(): number {
    return this.#socket.fd;
  }

  /** Whether it was closed. */
  get isClosed(): boolean {
    return this.#socket.isClosed;
  }

  /**
   * Transfers an open descriptor, by its number.
   *
   * Ownership: when it resolves, the message has left and `fd` is closed. When it rejects, `fd`
   * is open and the caller's as before; with `FailedClose` the message has left all the same.
   *
   * @param fd a number that no object owns: what a `net.Socket`, a `FileHandle` or a `Descriptor`
   * owns goes by that object.
   * @throws `FailedTransfer` with code `EPIPE` (the peer is gone), `EBADF` (`fd` is not open),
   * `ENOTSOCK` (the conduit is no socket), `ETOOMANYREFS` (too many in flight), …; `FailedClose`;
   * `Closed`, `Aborted`, `Timeout`, `BadClone`, `InvalidArgument`.
   * Source: Go's `Conduit.TransferFD(fd)`.
   */
  async transferFd(fd: number, options: CallOptions = {}): Promise<void> {
    await this.#transfer(passageOfFd(fd), options);
  }

  /**
   * Transfers an open file.
   *
   * Ownership: when it resolves, the message has left and the `FileHandle` is closed; when it
   * rejects, it is open as before, as in {@link Conduit.transferFd}.
   *
   * @throws as {@link Conduit.transferFd}, and `NoFD` where the `FileHandle` is closed.
   * Source: Go's `Conduit.TransferFile(f)`.
   */
  async transferFile(file: FileHandle, options: CallOptions = {}): Promise<void> {
    await this.#transfer(passageOfFile(file), options);
  }

  /**
   * Transfers a live connection and loses no byte of it: what was written leaves first, nothing
   * is read any more, and the connection is closed here without `shutdown`, so that the other
   * process talks on.
   *
   * Ownership: when it resolves, the `net.Socket` is destroyed; when it rejects, it is usable as
   * before.
   *
   * @param socket not TLS: its keys live in this process.
   * @param options `timeoutMs` also bounds the wait for what was written.
   * @throws as {@link Conduit.transferFd}; `NoFD`; `UnreadData` where Node holds bytes that the
   * other process would miss: take them with `socket.read()`, send them along, and `unshift` them
   * there.
   * Source: Go's `Conduit.TransferConn(conn)`.
   */
  async transferSocket(socket: Socket, options: CallOptions = {}): Promise<void> {
    await this.#transfer(passageOfSocket(socket), options);
  }

  /**
   * Transfers whatever has a descriptor: a number, a `FileHandle`, a `net.Socket`, a `net.Server`
   * (whose path stays in place) or a {@link Descriptor}.
   *
   * Ownership: when it resolves, what was passed is closed; when it rejects, it is as before.
   *
   * @throws as the `transfer…` of its kind.
   */
  async transfer(what: Transferable, options: CallOptions = {}): Promise<void> {
    await this.#transfer(passageOf(what), options);
  }

  /**
   * Receives one descriptor of any kind.
   *
   * Ownership: the returned {@link Descriptor}'s, which is the caller's.
   *
   * @throws `BadCtrlMesg` where the message did not bring exactly one descriptor (all that came
   * are closed); `EndOfStream` where the peer has closed; `FailedTransfer` where receiving fails;
   * `Closed`, `Aborted`, `Timeout`, `InvalidArgument`.
   * Source: Go's `Conduit.ReceiveFD()`.
   */
  async receive(options: CallOptions = {}): Promise<Descriptor> {
    return keepDescriptor(await this.#receive(options));
  }

  /**
   * Receives one descriptor, as a bare number.
   *
   * Ownership: the caller's, who closes it (`fs.closeSync`). {@link Conduit.receive} is safer.
   *
   * @throws as {@link Conduit.receive}.
   * Source: Go's `Conduit.ReceiveFD()`.
   */
  async receiveFd(options: CallOptions = {}): Promise<number> {
    const descriptor = await this.receive(options);
    return descriptor.release();
  }

  /**
   * Receives one descriptor, as a `FileHandle` of `node:fs/promises`.
   *
   * Ownership: the `FileHandle`'s, which is the caller's.
   *
   * @throws as {@link Conduit.receive}, and `BadClone` where no `FileHandle` can be made; for want
   * of a free slot the message stays in the socket.
   * Source: Go's `Conduit.ReceiveFile()`.
   */
  async receiveFile(options: CallOptions = {}): Promise<FileHandle> {
    const opening = Placeholder.open();
    try {
      using descriptor = keepDescriptor(await this.#receive(options, opening));
      return fillPlaceholder(descriptor, await opening);
    } catch (error) {
      // Where it was the opening that failed, there is nothing to discard.
      await opening.then(
        (placeholder) => placeholder.discard(),
        () => undefined,
      );
      throw error;
    }
  }

  /**
   * Receives one connection, as a `net.Socket`. Node starts to read from it at once.
   *
   * Ownership: the `net.Socket`'s, which is the caller's.
   *
   * @throws as {@link Conduit.receive}, and `BadClone` where what came is no stream that Node
   * knows; it is closed then.
   * Source: Go's `Conduit.ReceiveConn()`.
   */
  async receiveSocket(options: CallOptions = {}): Promise<Socket> {
    using descriptor = await this.receive(options);
    return descriptor.toNetSocket();
  }

  /** The descriptors as they come, until the peer closes its end. */
  async *[Symbol.asyncIterator](): AsyncGenerator<Descriptor, void, undefined> {
    for (;;) {
      let descriptor: Descriptor;
      try {
        descriptor = await this.receive();
      } catch (error) {
        if (isConduitError(error) && error.type === 'EndOfStream') {
          return;
        }
        throw error;
      }
      yield descriptor;
    }
  }

  /**
   * Closes what the conduit itself made, never the caller's; pending calls reject with `Closed`.
   * Twice is fine.
   *
   * @throws `FailedClose` where the system reports an error.
   * Source: Go's `Conduit.Close()`.
   */
  close(): void {
    this.#socket.close();
  }

  /** The same as {@link Conduit.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** The same as {@link Conduit.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** Pending calls keep the program alive again, as they do at first. */
  ref(): this {
    this.#socket.ref();
    return this;
  }

  /** Pending calls do not keep the program alive. */
  unref(): this {
    this.#socket.unref();
    return this;
  }

  static #over(fd: number, options: ConduitOptions, name: string): Conduit {
    checkOptions(options);
    return new Conduit(duplicateSocket(fd), options.name ?? name);
  }

  async #transfer(passage: Passage, options: CallOptions): Promise<void> {
    const channel = channelOf(this.#socket);
    const sending = new Sending(channel, { payload: FILLER, sources: [passage], whole: true });
    try {
      await channel.perform('outgoing', sending, options, passage.gate);
    } catch (error) {
      passage.kept?.();
      throw error;
    }
  }

  /** The held number of the next message's descriptor. */
  #receive(options: CallOptions, gate?: Promise<unknown>): Promise<number> {
    const channel = channelOf(this.#socket);
    const work: Work<number> = {
      attempt: () => {
        const bytesRead = receiveNow(channel, FILLER_READ, 1);
        return bytesRead === WOULD_BLOCK ? WOULD_BLOCK : this.#only(bytesRead);
      },
    };
    return channel.perform('incoming', work, options, gate);
  }

  /** The descriptor of the message that has just come. */
  #only(bytesRead: number): number {
    const held = onlyHeld();
    if (held !== undefined) {
      return held;
    }
    if (isEnd()) {
      const message = `The peer has closed its end of the conduit ${this.name}`;
      throw conduitError('EndOfStream', message, { code: 'ERR_END_OF_STREAM' });
    }
    throw badCtrlMesg('none', 'A message came without a descriptor', bytesRead, 0);
  }
}

/** The socket that a conduit works on, for other ways of using it. */
export function socketOfConduit(conduit: Conduit): UnixSocket {
  return under(conduit);
}
