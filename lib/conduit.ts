import type { FileHandle } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { checkFd, checkOptions, wrongValue } from './argument.js';
import type { BatchOptions } from './batch.js';
import type { CallOptions } from './call.js';
import type { Channel } from './channel.js';
import * as calls from './conduit-calls.js';
import { type ConduitServer, serveConduits } from './conduit-server.js';
import type { Descriptor } from './descriptor.js';
import type { DescriptorList } from './descriptor-list.js';
import { passageOfSocket } from './net-passage.js';
import {
  type Passage,
  passageOf,
  passageOfFd,
  passageOfFile,
  type Transferable,
} from './passage.js';
import { channelOf } from './socket-base.js';
import { takeOver } from './takeover.js';
import { type ListenOptions, UnixServer } from './unix-server.js';
import { duplicateSocket, socketPair, UnixSocket } from './unix-socket.js';

let under: (conduit: Conduit) => UnixSocket;

/** What a conduit is made with. */
export interface ConduitOptions {
  /** What the conduit calls itself, in messages; by default after what it was made from. */
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
 * const server = Conduit.listen('app.sock', { mode: 0o600 });
 *
 * // In one process:
 * const sender = await Conduit.connect('app.sock');
 * await sender.transferFile(await open('notes.txt'));
 * sender.close();
 *
 * // In the other, which listens:
 * const receiver = await server.accept();
 * const file = await receiver.receiveFile();
 * console.log(await file.readFile('utf8'));
 * await file.close();
 * receiver.close();
 * server.close();
 */
export class Conduit {
  /** What the conduit calls itself. */
  readonly name: string;
  readonly #socket: UnixSocket;
  readonly #channel: Channel;
  readonly #receiving: calls.ReceivingOne;

  static {
    under = (conduit) => conduit.#socket;
  }

  private constructor(socket: UnixSocket, name: string) {
    this.#socket = socket;
    this.name = name;
    this.#channel = channelOf(socket);
    this.#channel.noun = `conduit ${name}`;
    this.#receiving = new calls.ReceivingOne(this.#channel, name);
  }

  /**
   * Makes a conduit over an open socket, by its number.
   *
   * Ownership: `fd` stays the caller's. The conduit works on a duplicate, so the connection
   * lives until both are closed; the socket becomes non-blocking for all who hold it.
   *
   * @param fd the number of a connected Unix socket. Whether it is one shows at the first call.
   * @param options `name`: by default `fd` and the number.
   * @throws `BadClone` with code `EBADF` where the number is not open; `InvalidArgument`.
   * Platforms: Linux, macOS, FreeBSD. Source: Go's `conduit.New(fd, name)`.
   * @example
   * // A child that was spawned with stdio: [0, 1, 2, conduit.fd] says fromFd(3).
   * const [here, there] = Conduit.pair();
   * const conduit = Conduit.fromFd(there.fd, { name: 'from the parent' });
   * there.close(); // conduit has a descriptor of its own
   * await here.transferFd(fs.openSync('notes.txt'));
   * const descriptor = await conduit.receive();
   * descriptor.close();
   * conduit.close();
   * here.close();
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
   * @param file of a connected Unix socket, such as one that came by `receiveFile`.
   * @param options `name`: by default `FileHandle` and its number.
   * @throws `NoFD` where it is closed; `BadClone`; `InvalidArgument`.
   * Platforms: Linux, macOS, FreeBSD. Source: Go's `conduit.FromFile(f)`.
   * @example
   * const server = Conduit.listen('app.sock');
   * const socket = net.connect('app.sock');
   * const far = await server.accept();
   * const [here, there] = Conduit.pair();
   * await here.transferSocket(socket);
   * const file = await there.receiveFile(); // the client's end of app.sock
   * const conduit = Conduit.fromFile(file, { name: 'received' });
   * await file.close(); // conduit has a descriptor of its own
   * for (const end of [conduit, far, here, there, server]) end.close();
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
   * @param options `name`: by default `net.Socket` and its number.
   * @throws `NoFD` for a TLS socket and one that is destroyed; `BadClone` where it cannot be
   * cloned; `InvalidArgument` where it has read bytes already.
   * Platforms: Linux, macOS, FreeBSD; runtimes that tell a socket's number, as Node does. Source:
   * Go's `conduit.FromConn(conn)`.
   * @example
   * const server = net.createServer(async (socket) => {
   *   const conduit = Conduit.fromSocket(socket);
   *   await conduit.transferFile(await open('notes.txt'));
   *   conduit.close();
   *   socket.destroy();
   *   server.close();
   * });
   * server.listen('app.sock', async () => {
   *   const client = await Conduit.connect('app.sock');
   *   const file = await client.receiveFile();
   *   await file.close();
   *   client.close();
   * });
   */
  static fromSocket(socket: Socket, options: ConduitOptions = {}): Conduit {
    checkOptions(options);
    const clone = takeOver(socket);
    return new Conduit(clone, options.name ?? `net.Socket ${clone.fd}`);
  }

  /**
   * Connects to a path, or (Linux) to an abstract name, which begins with a NUL byte.
   *
   * Ownership: the returned conduit is the caller's to close.
   *
   * @param path at most 107 bytes on Linux, 103 elsewhere.
   * @param options `signal` and `timeoutMs` (milliseconds) bound the wait for a place in a full
   * backlog; `name`: by default the path.
   * @returns a conduit, once it is connected.
   * @throws `FailedConnect` with code `ENOENT`, `ECONNREFUSED`, …; `Timeout`, `Aborted`,
   * `InvalidArgument`.
   * Platforms: Linux, macOS, FreeBSD; abstract names on Linux only. Source: unix(7), connect(2).
   * @example
   * const server = Conduit.listen('app.sock');
   * const conduit = await Conduit.connect('app.sock', { timeoutMs: 1000 });
   * conduit.close();
   * server.close();
   */
  static async connect(path: string, options: CallOptions & ConduitOptions = {}): Promise<Conduit> {
    const socket = await UnixSocket.connect(path, options);
    return new Conduit(socket, options.name ?? path);
  }

  /**
   * Listens on a path, or (Linux) on an abstract name, for conduits.
   *
   * Ownership: the returned server is the caller's to close; it owns its descriptor and its socket
   * file.
   *
   * @param path as in {@link Conduit.connect}. The file of a server that is gone is replaced; one
   * on which somebody listens, or that is no socket, is left as it is.
   * @param options `mode`: the socket file's permissions, set before anybody can connect;
   * `backlog`; `signal` closes the server; `onRetry` is told of failures to accept.
   * @returns a server, which listens already, and is an async iterable of conduits.
   * @throws `FailedListen` with code `EADDRINUSE`, `EACCES`, …; `Aborted` where `signal` is aborted
   * already; `InvalidArgument`.
   * Platforms: Linux, macOS, FreeBSD; abstract names, which have no permissions, on Linux only.
   * Source: unix(7), bind(2), listen(2).
   * @example
   * const server = Conduit.listen('app.sock', { mode: 0o600 });
   * const client = await Conduit.connect('app.sock');
   * for await (const conduit of server) {
   *   console.log(conduit.name);
   *   conduit.close();
   *   server.close(); // ends the loop, and removes app.sock
   * }
   * client.close();
   */
  static listen(path: string, options: ListenOptions = {}): ConduitServer {
    const server = UnixServer.bindAndListen(path, options);
    return serveConduits(server, (socket) => new Conduit(socket, `${path} #${socket.fd}`));
  }

  /**
   * Makes two conduits that are connected to each other, as socketpair(2) does.
   *
   * Ownership: both are the caller's to close. A child process that gets one's `fd` by `stdio`
   * has a copy of its own: close yours then, so that an end is seen when the child goes.
   *
   * @returns both.
   * @throws `FailedCall` with code `EMFILE` where there is no free slot.
   * Platforms: Linux, macOS, FreeBSD. Source: socketpair(2).
   * @example
   * const [here, there] = Conduit.pair();
   * await here.transferFd(fs.openSync('notes.txt'));
   * const descriptor = await there.receive();
   * descriptor.close();
   * here.close();
   * there.close();
   */
  static pair(): [Conduit, Conduit] {
    const [one, other] = socketPair();
    return [new Conduit(one, `pair ${one.fd}`), new Conduit(other, `pair ${other.fd}`)];
  }

  /**
   * The number of the conduit's own descriptor. It stays the conduit's: do not close it by hand.
   * After `close()` it may be somebody else's.
   */
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
   * `BadClone` where it has to wait and there is no slot for a duplicate; `Closed`, `Aborted`,
   * `Timeout`, `InvalidArgument`.
   * Platforms: Linux, macOS, FreeBSD. Source: Go's `Conduit.TransferFD(fd)`; sendmsg(2), unix(7).
   * @example
   * const [here, there] = Conduit.pair();
   * const fd = fs.openSync('notes.txt');
   * await here.transferFd(fd); // fd is closed here from now on
   * const descriptor = await there.receive();
   * descriptor.close();
   * here.close();
   * there.close();
   */
  async transferFd(fd: number, options: CallOptions = {}): Promise<void> {
    await calls.transfer(this.#channel, passageOfFd(fd), options);
  }

  /**
   * Transfers an open file.
   *
   * Ownership: when it resolves, the message has left and the `FileHandle` is closed; when it
   * rejects, it is open as before, as in {@link Conduit.transferFd}.
   *
   * @param file of any kind of file. Its offset goes along, as the open file description does.
   * @throws as {@link Conduit.transferFd}, and `NoFD` where the `FileHandle` is closed.
   * Platforms: Linux, macOS, FreeBSD. Source: Go's `Conduit.TransferFile(f)`.
   * @example
   * const [here, there] = Conduit.pair();
   * const file = await open('notes.txt');
   * await file.read(Buffer.alloc(5), 0, 5); // the receiver reads on from here
   * await here.transferFile(file, { timeoutMs: 1000 });
   * const received = await there.receiveFile();
   * console.log(await received.readFile('utf8'));
   * await received.close();
   * here.close();
   * there.close();
   */
  async transferFile(file: FileHandle, options: CallOptions = {}): Promise<void> {
    await calls.transfer(this.#channel, passageOfFile(file), options);
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
   * @param options `timeoutMs` (milliseconds) also bounds the wait for what was written.
   * @throws as {@link Conduit.transferFd}; `NoFD`; `UnreadData` where Node holds bytes that the
   * other process would miss: take them with `socket.read()`, send them along, and `unshift` them
   * there.
   * Platforms: Linux, macOS, FreeBSD; runtimes that tell a socket's number, as Node does. Source:
   * Go's `Conduit.TransferConn(conn)`.
   * @example
   * const [here, there] = Conduit.pair();
   * const server = net.createServer(async (socket) => {
   *   await here.transferSocket(socket); // destroyed here, open there
   *   const received = await there.receiveSocket();
   *   received.end('hello');
   *   server.close();
   *   here.close();
   *   there.close();
   * });
   * server.listen(0, '127.0.0.1', () => {
   *   net.connect(server.address().port, '127.0.0.1').on('data', (data) => console.log(String(data)));
   * });
   */
  async transferSocket(socket: Socket, options: CallOptions = {}): Promise<void> {
    await calls.transfer(this.#channel, passageOfSocket(socket), options);
  }

  /**
   * Transfers whatever has a descriptor: a number, a `FileHandle`, a `net.Socket`, a `net.Server`
   * (whose path stays in place), a {@link Descriptor}, or a socket of this library.
   *
   * Ownership: when it resolves, what was passed is closed; when it rejects, it is as before.
   *
   * @throws as the `transfer…` of its kind; `NoFD` for an empty `Descriptor` and for a `net.Server`
   * that does not listen.
   * Platforms: Linux, macOS, FreeBSD. Source: Go's three `Conduit.Transfer…` in one.
   * @example
   * const [here, there] = Conduit.pair();
   * const server = net.createServer();
   * server.listen(0, '127.0.0.1', async () => {
   *   await here.transfer(server); // does not listen here any more
   *   const descriptor = await there.receive();
   *   const received = await descriptor.toNetServer();
   *   console.log(received.listening);
   *   received.close();
   *   here.close();
   *   there.close();
   * });
   */
  async transfer(what: Transferable | Conduit, options: CallOptions = {}): Promise<void> {
    await calls.transfer(this.#channel, this.#passageOf(what), options);
  }

  /**
   * Transfers many, in their order and one a message, by few system calls.
   *
   * Ownership: when it resolves, all are closed here. When it rejects, the error's
   * `descriptorsSent` tells how many of the first have left and are closed (none, where it is
   * missing); the others are open and the caller's as before.
   *
   * @param list at most 253; a number may be in it once.
   * @throws as {@link Conduit.transfer}.
   * Platforms: Linux, macOS, FreeBSD.
   * @example
   * const [here, there] = Conduit.pair();
   * await here.transferEach([fs.openSync('notes.txt'), fs.openSync('notes.txt')]);
   * const list = await there.receiveBatch();
   * console.log(list.count); // 2
   * list.close();
   * here.close();
   * there.close();
   */
  async transferEach(
    list: readonly (Transferable | Conduit)[],
    options: CallOptions = {},
  ): Promise<void> {
    await calls.transferEach(this.#channel, list, (what) => this.#passageOf(what), options);
  }

  /**
   * Receives one descriptor of any kind.
   *
   * Ownership: the returned {@link Descriptor}'s, which is the caller's.
   *
   * @param options `signal` and `timeoutMs` (milliseconds) give the call up; what comes later waits
   * for the next call.
   * @returns what has come, whose kind `fstat` tells.
   * @throws `BadCtrlMesg` where the message did not bring exactly one descriptor (all that came
   * are closed); `PacketTooLarge` on a packet socket, where it is longer than a byte;
   * `EndOfStream` where the peer has closed; `FailedTransfer` where receiving fails;
   * `Closed`, `Aborted`, `Timeout`, `InvalidArgument`.
   * Platforms: Linux, macOS, FreeBSD. Source: Go's `Conduit.ReceiveFD()`; recvmsg(2), cmsg(3).
   * @example
   * const [here, there] = Conduit.pair();
   * await here.transferFd(fs.openSync('notes.txt'));
   * const descriptor = await there.receive();
   * console.log(fs.fstatSync(descriptor.fd).isFile()); // true
   * descriptor.close();
   * here.close();
   * there.close();
   */
  receive(options: CallOptions = {}): Promise<Descriptor> {
    return this.#channel.perform('incoming', this.#receiving, options);
  }

  /**
   * Receives one descriptor, as a bare number.
   *
   * Ownership: the caller's, who closes it (`fs.closeSync`); nobody else does, also when a worker
   * ends. {@link Conduit.receive} is safer.
   *
   * @returns the number.
   * @throws as {@link Conduit.receive}.
   * Platforms: Linux, macOS, FreeBSD. Source: Go's `Conduit.ReceiveFD()`.
   * @example
   * const [here, there] = Conduit.pair();
   * await here.transferFd(fs.openSync('notes.txt'));
   * const fd = await there.receiveFd();
   * console.log(fs.readFileSync(fd, 'utf8'));
   * fs.closeSync(fd);
   * here.close();
   * there.close();
   */
  async receiveFd(options: CallOptions = {}): Promise<number> {
    const descriptor = await this.receive(options);
    return descriptor.release();
  }

  /**
   * Receives one descriptor, as a `FileHandle` of `node:fs/promises`.
   *
   * Ownership: the `FileHandle`'s, which is the caller's. A call that waits occupies one slot
   * already. A pipe or a socket as `FileHandle` occupies a thread of Node's pool for each waiting
   * read.
   *
   * @returns the file, with its offset, also where it has been deleted.
   * @throws as {@link Conduit.receive}, and `BadClone` where no `FileHandle` can be made; for want
   * of a free slot the message stays in the socket.
   * Platforms: Linux, macOS, FreeBSD. Source: Go's `Conduit.ReceiveFile()`; dup2(2).
   * @example
   * const [here, there] = Conduit.pair();
   * await here.transferFile(await open('notes.txt'));
   * const file = await there.receiveFile();
   * console.log(await file.readFile('utf8'));
   * await file.close();
   * here.close();
   * there.close();
   */
  async receiveFile(options: CallOptions = {}): Promise<FileHandle> {
    return calls.receiveFile(this.#channel, this.name, options);
  }

  /**
   * Receives one connection, as a `net.Socket`. Node starts to read from it at once.
   *
   * Ownership: the `net.Socket`'s, which is the caller's.
   *
   * @returns the connection: TCP or a Unix stream, or a pipe.
   * @throws as {@link Conduit.receive}, and `BadClone` where what came is no stream that Node
   * knows; it is closed then.
   * Platforms: Linux, macOS, FreeBSD. Source: Go's `Conduit.ReceiveConn()`.
   * @example
   * const server = Conduit.listen('app.sock');
   * const [here, there] = Conduit.pair();
   * await here.transferSocket(net.connect('app.sock'));
   * const socket = await there.receiveSocket(); // connected to app.sock
   * socket.destroy();
   * for (const end of [here, there, server]) end.close();
   */
  async receiveSocket(options: CallOptions = {}): Promise<Socket> {
    const descriptor = await this.receive(options);
    try {
      return descriptor.toNetSocket();
    } finally {
      // Not `using`: the compiled form of it is 1.6 kB that every program would load.
      descriptor.close();
    }
  }

  /**
   * Receives the descriptors of all messages that wait, by few system calls: at least one, at most
   * `max`.
   *
   * Ownership: the {@link DescriptorList}'s, and the caller's as that list's.
   *
   * @param options `max`: 1 to 253, 64 by default; `signal`, `timeoutMs`.
   * @throws as {@link Conduit.receive}. A message that is not one descriptor ends the batch before
   * it, and is told by the next call.
   * Platforms: Linux, macOS, FreeBSD.
   * @example
   * const [here, there] = Conduit.pair();
   * await here.transferEach([fs.openSync('notes.txt'), fs.openSync('notes.txt')]);
   * const list = await there.receiveBatch({ max: 8 });
   * for (const descriptor of list) console.log(descriptor.kind, descriptor.release()); // or list.close()
   * here.close();
   * there.close();
   */
  receiveBatch(options: BatchOptions = {}): Promise<DescriptorList> {
    return calls.receiveBatch(this.#channel, this.name, options);
  }

  /**
   * {@link Conduit.receiveBatch} again and again, until the peer closes its end.
   *
   * Ownership: each {@link DescriptorList} is the loop's. Leaving the loop leaves the conduit open.
   *
   * @param options as in {@link Conduit.receiveBatch}, for each batch anew.
   * @throws as {@link Conduit.receive}, but for `EndOfStream`, which ends the loop.
   * @example
   * const [here, there] = Conduit.pair();
   * await here.transferEach([fs.openSync('notes.txt'), fs.openSync('notes.txt')]);
   * here.close();
   * for await (const list of there.batches()) {
   *   console.log(list.count); // 2
   *   list.close();
   * }
   * there.close();
   */
  batches(options: BatchOptions = {}): AsyncGenerator<DescriptorList, void, undefined> {
    return calls.untilEnd(() => this.receiveBatch(options));
  }

  /**
   * The descriptors as they come, until the peer closes its end.
   *
   * Ownership: each {@link Descriptor} is the loop's to close or convert. Leaving the loop leaves
   * the conduit open.
   *
   * @throws as {@link Conduit.receive}, but for `EndOfStream`, which ends the loop.
   * @example
   * const [here, there] = Conduit.pair();
   * await here.transferFd(fs.openSync('notes.txt'));
   * here.close();
   * for await (const descriptor of there) {
   *   console.log(descriptor.fd);
   *   descriptor.close();
   * }
   * there.close();
   */
  [Symbol.asyncIterator](): AsyncGenerator<Descriptor, void, undefined> {
    return calls.untilEnd(() => this.receive());
  }

  /**
   * Closes what the conduit itself made, never the caller's; pending calls reject with `Closed`.
   * Twice is fine.
   *
   * Ownership: what transfers that wait were given stays open and the caller's. Messages that the
   * socket still holds go with it, where it is the last descriptor of its end.
   *
   * @throws `FailedClose` where the system reports an error; it is closed all the same.
   * Platforms: Linux, macOS, FreeBSD. Source: Go's `Conduit.Close()`; close(2).
   * @example
   * const [here, there] = Conduit.pair();
   * const waiting = there.receive().catch((error) => error.type);
   * there.close();
   * console.log(await waiting); // Closed
   * here.close();
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

  /** Pending calls keep the program alive again, as they do at first. Answers the conduit. */
  ref(): this {
    this.#socket.ref();
    return this;
  }

  /** Pending calls do not keep the program alive. Answers the conduit. */
  unref(): this {
    this.#socket.unref();
    return this;
  }

  static #over(fd: number, options: ConduitOptions, name: string): Conduit {
    checkOptions(options);
    return new Conduit(duplicateSocket(fd), options.name ?? name);
  }

  #passageOf(what: Transferable | Conduit): Passage {
    if (what === this) {
      throw wrongValue('what', 'A conduit cannot go through itself: it would close its own end');
    }
    return passageOf(what instanceof Conduit ? what.#socket : what);
  }
}

/** The socket that a conduit works on, for other ways of using it. */
export function socketOfConduit(conduit: Conduit): UnixSocket {
  return under(conduit);
}
