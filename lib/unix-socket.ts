import { parseAddress, type UnixAddress } from './address.js';
import { checkFd, checkInteger, checkOptions, wrongType, wrongValue } from './argument.js';
import { type CallOptions, checkCallOptions, promised, WOULD_BLOCK, type Work } from './call.js';
import type { Channel, Direction } from './channel.js';
import { connectInTurn } from './connecting.js';
import { type Descriptor, keepDescriptor } from './descriptor.js';
import { EAFNOSUPPORT } from './errno.js';
import { badClone, failedCall } from './errors.js';
import { type Buffers, bytesIn, checkBytes, type Memory, memoryOf } from './io-vector.js';
import type { Credentials, Message } from './message.js';
import { duplicateHeld, MAX_DESCRIPTORS, registers } from './native.js';
import { adoptHeld } from './owning.js';
import { Reading } from './reading.js';
import { credentialsIn, messageOf } from './receiving.js';
import { bytesWritten, type Outgoing, Sending } from './sending.js';
import { shutDown } from './shutdown.js';
import { channelOf, nameOf, SocketBase } from './socket-base.js';
import { naming, type SocketFile } from './socket-file.js';
import * as options from './socket-options.js';
import {
  checkType,
  openHeld,
  openHeldPair,
  type SocketType,
  typeOf,
  unixTypeOf,
} from './socket-type.js';
import type { Descriptive } from './source.js';
import { Sources } from './sources.js';
import { performSync } from './sync.js';

/** What a read accepts beside bytes. */
export interface ReadLimits {
  /** The most descriptors that are accepted, 0 to 253; more are all closed, with `BadCtrlMesg`. 0 by default. */
  readonly maxDescriptors?: number;
}

/** What a read understands. */
export interface ReadOptions extends ReadLimits, CallOptions {}

/** What is sent beside bytes. */
export interface WriteExtras {
  /** What is sent along, at most 253; it stays open and the caller's. */
  readonly descriptors?: readonly Descriptive[];
  /** Tells the receiver who sends, if its `passCredentials` is on: `true` for this process; others need privileges. Linux. */
  readonly credentials?: true | Credentials;
  /** Where a `'dgram'` socket's message goes. */
  readonly to?: string | Uint8Array;
}

/** What a write understands. */
export interface WriteOptions extends WriteExtras, CallOptions {}

/** What a synchronous call understands: it never waits without a bound. */
export interface SyncOptions {
  /** After so many milliseconds it throws, with type `Timeout`. */
  readonly timeoutMs: number;
}

/** How a socket connects. */
export interface ConnectOptions extends CallOptions {
  /** `'stream'` by default. */
  readonly type?: SocketType;
}

type Name = (channel: Channel) => SocketFile | undefined;

let over: (held: number, type: SocketType) => UnixSocket;

/**
 * A Unix socket: bytes, and beside them descriptors and credentials.
 *
 * Ownership: it owns its descriptor, and closes it when it is closed or disposed, when it is
 * garbage collected, and when its worker ends. Descriptors that are sent stay the sender's;
 * those that come are owned by their {@link Message}.
 *
 * Calls wait in their order. Each comes in three manners: a promise that waits (`read`), one try
 * that answers at once (`tryRead`: `undefined` where it would block), and one that waits on this
 * thread, for start-up code (`readSync`).
 *
 * Platforms: Linux, macOS, FreeBSD. Source: gVisor's unet, `type Socket`; unix(7), cmsg(3).
 *
 * @example
 * const [here, there] = socketPair();
 * const file = await open('notes.txt');
 * await here.write(Buffer.from('hello'), { descriptors: [file] });
 * await file.close(); // what was sent is a descriptor of its own
 *
 * const buffer = Buffer.alloc(64);
 * const message = await there.read(buffer, { maxDescriptors: 1 });
 * console.log(buffer.toString('utf8', 0, message.bytesRead)); // hello
 * const [received] = message.descriptors;
 * received.close();
 * here.close();
 * there.close();
 */
export class UnixSocket extends SocketBase {
  readonly #channel: Channel;

  static {
    over = (held, type) => new UnixSocket(held, type);
  }

  private constructor(held: number, type: SocketType, name?: Name) {
    super(held, type, name);
    this.#channel = channelOf(this);
  }

  /**
   * Connects to a path, or (Linux) to an abstract name, which begins with a NUL byte; waits while
   * the server's backlog is full.
   *
   * Ownership: the returned socket is the caller's to close.
   *
   * @param path at most 107 bytes on Linux, 103 elsewhere; a `Uint8Array` for what is no UTF-8.
   * @param opts `type`; `signal` and `timeoutMs` (milliseconds) bound the wait.
   * @throws `FailedConnect` with code `ENOENT`, `ECONNREFUSED`, `EPROTOTYPE` where the server is of
   * another type; `Timeout`, `Aborted`, `InvalidArgument`; `Unsupported` where the system has no
   * such type.
   * Source: unet's `Connect(addr, packet)`; connect(2).
   * @example
   * const server = UnixServer.bindAndListen('app.sock');
   * const socket = await UnixSocket.connect('app.sock', { timeoutMs: 1000 });
   * const accepted = await server.accept();
   * for (const each of [socket, accepted, server]) each.close();
   */
  static async connect(path: string | Uint8Array, opts: ConnectOptions = {}): Promise<UnixSocket> {
    checkCallOptions(opts);
    const { type = 'stream' } = opts;
    checkType(type);
    const address = parseAddress(path);
    const socket = new UnixSocket(openHeld(type), type);
    try {
      await connectInTurn(socket.#channel, address, opts);
      return socket;
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  /**
   * Makes a `'dgram'` socket, with a path or abstract name under which others send to it, or
   * without one.
   *
   * Ownership: the caller's to close. Its socket file goes with it, unless it was released.
   *
   * @param path as in {@link UnixSocket.connect}. The file of a socket that is gone is replaced.
   * @param opts `mode`: the permissions of the socket file, such as `0o600`.
   * @throws `FailedListen` with code `EADDRINUSE`, `EACCES`, …; `InvalidArgument`.
   * Source: bind(2). unet has no datagrams.
   * @example
   * const receiver = UnixSocket.bind('log.sock');
   * const sender = UnixSocket.bind();
   * await sender.write(Buffer.from('a line'), { to: 'log.sock' });
   * const { from } = await receiver.read(new Uint8Array(512));
   * console.log(from.kind); // unnamed
   * receiver.close();
   * sender.close();
   */
  static override bind(
    path?: string | Uint8Array,
    opts: { readonly mode?: number } = {},
  ): UnixSocket {
    checkOptions(opts);
    const { mode } = opts;
    const name = path === undefined ? undefined : naming(parseAddress(path), { mode });
    return new UnixSocket(openHeld('dgram'), 'dgram', name);
  }

  /**
   * Takes ownership of an open Unix socket, by its number; it becomes non-blocking.
   *
   * Ownership: this object's when it succeeds, and only then.
   *
   * @throws `BadClone` with code `EBADF`, `ENOTSOCK` or `EAFNOSUPPORT`; `InvalidArgument` where it
   * has an owner already.
   * Source: unet's `NewSocket(fd)`.
   * @example
   * const [here, there] = socketPair();
   * const again = UnixSocket.adopt(here.release());
   * again.close();
   * there.close();
   */
  static adopt(fd: number): UnixSocket {
    checkFd(fd, 'fd');
    const type = unixTypeOf(fd, 'UnixSocket');
    return new UnixSocket(adoptHeld(fd), type);
  }

  /**
   * Receives one message, by one `recvmsg`, into `buffer`.
   *
   * On a stream a message is what is there, and descriptors belong somewhere inside of it: where
   * both must stay together, use `'seqpacket'`.
   *
   * Ownership: the descriptors are the message's, see {@link Message}. Where it rejects, all that
   * came are closed; where it is given up, what comes waits in the socket for the next call.
   *
   * @param buffer it is filled when the promise resolves; transferred away meanwhile, the call
   * rejects and the message stays in the socket. On a stream no bytes read none, and do not tell
   * the end.
   * @param opts `maxDescriptors`, 0 to 253, 0 by default; `signal`; `timeoutMs` in milliseconds.
   * @returns at the end of a connection, a message whose `isEnd` is true.
   * @throws `BadCtrlMesg` where more descriptors came than `maxDescriptors`, or some are lost;
   * `PacketTooLarge`, which says its size, and it is lost; `FailedTransfer`; `Closed`, `Aborted`,
   * `Timeout`, `InvalidArgument`.
   * Source: unet's `Socket.Read`; recvmsg(2).
   * @example
   * const [here, there] = socketPair({ type: 'seqpacket' });
   * here.tryWrite(new Uint8Array(0));
   * here.close();
   * const buffer = new Uint8Array(1024);
   * console.log((await there.read(buffer)).isEnd); // false: an empty packet
   * console.log((await there.read(buffer)).isEnd); // true
   * there.close();
   */
  read(buffer: Uint8Array, opts: ReadOptions = {}): Promise<Message> {
    return promised(() => this.#read(oneBuffer(buffer), opts));
  }

  /** The same into many buffers, filled one after the other. Source: unet's `SocketReader.ReadVec`. */
  readVec(buffers: Buffers, opts: ReadOptions = {}): Promise<Message> {
    return promised(() => this.#read(memoryOf(buffers), opts));
  }

  /** {@link UnixSocket.read}, at once: `undefined` where it would block, or others wait before it. */
  tryRead(buffer: Uint8Array, limits: ReadLimits = {}): Message | undefined {
    return this.#tryNow('incoming', this.#reading(oneBuffer(buffer), limits));
  }

  /** {@link UnixSocket.readVec}, at once. */
  tryReadVec(buffers: Buffers, limits: ReadLimits = {}): Message | undefined {
    return this.#tryNow('incoming', this.#reading(memoryOf(buffers), limits));
  }

  /** {@link UnixSocket.read}, waiting on this thread. Throws what the promise would reject with. */
  readSync(buffer: Uint8Array, opts: ReadLimits & SyncOptions): Message {
    return this.#sync('incoming', opts, () => this.#reading(oneBuffer(buffer), opts));
  }

  /** {@link UnixSocket.readVec}, waiting on this thread. */
  readVecSync(buffers: Buffers, opts: ReadLimits & SyncOptions): Message {
    return this.#sync('incoming', opts, () => this.#reading(memoryOf(buffers), opts));
  }

  /**
   * Sends all of `payload`, and the descriptors with its first byte.
   *
   * Ownership: what is sent stays the caller's; a call that waits holds duplicates.
   *
   * @param payload on a stream not empty where descriptors go along. It may be changed when the
   * promise resolves.
   * @param opts `descriptors`: at most 253; `credentials`; `to`: the address of a datagram;
   * `signal`; `timeoutMs` in milliseconds.
   * @returns how many bytes left: all.
   * @throws `FailedTransfer` (`EPIPE`, `EMSGSIZE` for a packet beyond `sendBufferSize`, …);
   * `Aborted` and `Timeout`, whose `bytesWritten` tells whether the stream is still whole;
   * `Closed`, `NoFD`, `BadClone`, `InvalidArgument`.
   * Source: unet's `Socket.Write`; sendmsg(2).
   * @example
   * const [here, there] = socketPair();
   * await here.write(Buffer.from('x'), { descriptors: [0, 1, 2] });
   * const message = await there.read(new Uint8Array(1), { maxDescriptors: 3 });
   * closeDescriptors(message.descriptors);
   * here.close();
   * there.close();
   */
  write(payload: Uint8Array, opts: WriteOptions = {}): Promise<number> {
    return promised(() => this.#write(oneBuffer(payload), opts, true));
  }

  /**
   * The same of many buffers, by one `sendmsg`.
   *
   * @returns how many bytes left; on a stream maybe not all, though all descriptors.
   * Source: unet's `SocketWriter.WriteVec`.
   */
  writeVec(buffers: Buffers, opts: WriteOptions = {}): Promise<number> {
    return promised(() => this.#write(memoryOf(buffers), opts, false));
  }

  /** {@link UnixSocket.writeVec} of one buffer, at once: `undefined` where it would block. */
  tryWrite(payload: Uint8Array, extras: WriteExtras = {}): number | undefined {
    return this.#tryNow('outgoing', this.#sending(oneBuffer(payload), extras, false));
  }

  /** {@link UnixSocket.writeVec}, at once: `undefined` where it would block. */
  tryWriteVec(buffers: Buffers, extras: WriteExtras = {}): number | undefined {
    return this.#tryNow('outgoing', this.#sending(memoryOf(buffers), extras, false));
  }

  /** {@link UnixSocket.write}, waiting on this thread. Throws what the promise would reject with. */
  writeSync(payload: Uint8Array, opts: WriteExtras & SyncOptions): number {
    return this.#sync('outgoing', opts, () => this.#sending(oneBuffer(payload), opts, true));
  }

  /** {@link UnixSocket.writeVec}, waiting on this thread. */
  writeVecSync(buffers: Buffers, opts: WriteExtras & SyncOptions): number {
    return this.#sync('outgoing', opts, () => this.#sending(memoryOf(buffers), opts, false));
  }

  /**
   * Ends one direction, or both: the peer reads the end, or its writes fail.
   *
   * Ownership: the socket stays open, and to be closed.
   *
   * @throws `FailedCall` with code `ENOTCONN`; `Closed`, `InvalidArgument`.
   * Source: unet's `Socket.Shutdown` (`'both'`); shutdown(2).
   */
  shutdown(how: 'read' | 'write' | 'both'): void {
    shutDown(this.#channel, how);
  }

  /**
   * Who was at the other end when it connected. macOS and the BSDs by their own calls; FreeBSD
   * tells no process (`pid` is 0).
   *
   * @throws `FailedCall` with code `ENOTCONN`; `Closed`. Source: unet's `Socket.GetPeerCred`; `SO_PEERCRED`.
   */
  peerCredentials(): Credentials {
    const code = this.#channel.native.peerCredentials(registers);
    if (code < 0) {
      throw failedCall('The peer is not told', code, 'getsockopt');
    }
    return credentialsIn(0);
  }

  /**
   * A pidfd of the process that was at the other end when it connected: it never means another
   * process, as a number does once it is used again.
   *
   * Ownership: the caller's.
   *
   * @throws `Unsupported` before Linux 6.5 and elsewhere; `FailedCall`, `Closed`.
   */
  peerPidfd(): Descriptor {
    return keepDescriptor(options.peerPidfd(this.#channel));
  }

  /** The name of the socket at the other end. Throws `FailedCall`, `Closed`. Source: unet's `Socket.GetPeerName`. */
  peerName(): UnixAddress {
    return nameOf((buffer) => this.#channel.native.peerName(buffer), 'getpeername');
  }

  /** Whether each message tells who sent it (`SO_PASSCRED`). Linux; else `Unsupported`. */
  get passCredentials(): boolean {
    return options.getSwitch(this.#channel, 'SO_PASSCRED');
  }

  set passCredentials(on: boolean) {
    options.setSwitch(this.#channel, 'SO_PASSCRED', on);
  }

  /** Whether each message brings a pidfd of its sender (`SO_PASSPIDFD`). Linux 6.5; else `Unsupported`. */
  get passPidfd(): boolean {
    return options.getSwitch(this.#channel, 'SO_PASSPIDFD');
  }

  set passPidfd(on: boolean) {
    options.setSwitch(this.#channel, 'SO_PASSPIDFD', on);
    this.#channel.native.keepPidfds(on);
  }

  /** Whether the kernel refuses descriptors for us: the sender gets `EPERM`. Linux 6.16; else `Unsupported`. */
  get refuseDescriptors(): boolean {
    return !options.getSwitch(this.#channel, 'SO_PASSRIGHTS');
  }

  set refuseDescriptors(refuse: boolean) {
    options.setSwitch(this.#channel, 'SO_PASSRIGHTS', !refuse);
  }

  #reading(memory: Memory, limits: ReadLimits): Work<Message> {
    checkOptions(limits);
    const { maxDescriptors = 0 } = limits;
    checkInteger(maxDescriptors, 'options.maxDescriptors', 0, MAX_DESCRIPTORS);
    return new Reading(this.#channel, memory, maxDescriptors, messageOf);
  }

  #read(memory: Memory, opts: ReadOptions): Promise<Message> {
    return this.#channel.perform('incoming', this.#reading(memory, opts), opts);
  }

  #sending(payload: Memory, extras: WriteExtras, whole: boolean): Work<number> {
    checkOptions(extras);
    const { descriptors = [], credentials, to } = extras;
    if (!Array.isArray(descriptors)) {
      throw wrongType('options.descriptors', 'an array', descriptors);
    }
    const message: Outgoing = {
      payload,
      whole,
      sources: checkSources(Sources.of(descriptors), this.type, payload),
      credentials: credentials === undefined ? undefined : claimOf(credentials),
      to: to === undefined ? undefined : parseAddress(to).bytes,
    };
    return new Sending(this.#channel, message, bytesWritten);
  }

  #write(payload: Memory, opts: WriteOptions, whole: boolean): Promise<number> {
    return this.#channel.perform('outgoing', this.#sending(payload, opts, whole), opts);
  }

  #tryNow<T>(direction: 'incoming' | 'outgoing', work: Work<T>): T | undefined {
    const value = this.#channel.attempt(direction, work);
    return value === WOULD_BLOCK ? undefined : (value as T);
  }

  #sync<T>(direction: Direction, opts: SyncOptions, work: () => Work<T>): T {
    checkOptions(opts);
    const { timeoutMs } = opts;
    if (timeoutMs === undefined) {
      throw wrongType('options.timeoutMs', 'a number of milliseconds', timeoutMs);
    }
    checkCallOptions({ timeoutMs });
    return performSync(this.#channel, direction, work(), timeoutMs) as T;
  }
}

/**
 * Makes two connected sockets, as socketpair(2) does.
 *
 * Ownership: each owns its descriptor; both are the caller's to close. To give one to a child
 * process, pass its `fd` in `stdio`.
 *
 * @param opts `type`: `'stream'` by default.
 * @throws `FailedCall` with code `EMFILE`; `Unsupported`, `InvalidArgument`.
 * Platforms: Linux, macOS (no `'seqpacket'`), FreeBSD. Source: unet's `SocketPair(packet)`.
 * @example
 * const [here, there] = socketPair({ type: 'dgram' });
 * await here.writeVec([Buffer.from('two '), Buffer.from('buffers')]);
 * const { bytesRead } = await there.read(new Uint8Array(64));
 * console.log(bytesRead); // 11
 * here.close();
 * there.close();
 */
export function socketPair(opts: { readonly type?: SocketType } = {}): [UnixSocket, UnixSocket] {
  checkOptions(opts);
  const { type = 'stream' } = opts;
  checkType(type);
  const [one, other] = openHeldPair(type);
  return [over(one, type), over(other, type)];
}

/** A socket on a duplicate of `fd`, whatever that is: what it cannot do, its calls say. */
export function duplicateSocket(fd: number): UnixSocket {
  const held = duplicateHeld(fd);
  if (held < 0) {
    throw badClone(`Descriptor ${fd} cannot be duplicated`, held, 'fcntl');
  }
  const type = typeOf(held);
  if (typeof type !== 'number') {
    return over(held, type);
  }
  const socket = over(held, 'stream');
  // What is no socket at all is named by its first system call; others would drop descriptors.
  if (type === EAFNOSUPPORT) {
    channelOf(socket).refuse(type);
  }
  return socket;
}

/** A socket that takes over a number that is held. */
export function socketFrom(held: number, type: SocketType): UnixSocket {
  return over(held, type);
}

function oneBuffer(value: Uint8Array): Uint8Array {
  checkBytes(value, 'buffer');
  return value;
}

function claimOf(credentials: true | Credentials): Credentials {
  if (credentials === true) {
    return { pid: process.pid, uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  }
  checkOptions(credentials, 'options.credentials');
  const { pid, uid, gid } = credentials;
  checkInteger(pid, 'options.credentials.pid', 0, 2 ** 31 - 1);
  checkInteger(uid, 'options.credentials.uid', 0, 2 ** 32 - 1);
  checkInteger(gid, 'options.credentials.gid', 0, 2 ** 32 - 1);
  return { pid, uid, gid };
}

/** What a message can carry. Throws where it cannot. */
function checkSources(sources: Sources, type: SocketType, payload: Memory): Sources {
  if (sources.length > MAX_DESCRIPTORS) {
    throw wrongValue(
      'options.descriptors',
      `A message carries at most ${MAX_DESCRIPTORS} descriptors, and these are ${sources.length}: send several messages`,
    );
  }
  if (type === 'stream' && sources.length > 0 && bytesIn(payload) === 0) {
    throw wrongValue(
      'payload',
      'On a stream, descriptors without a byte never arrive: send one byte with them',
    );
  }
  return sources;
}
