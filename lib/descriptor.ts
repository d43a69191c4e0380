import type { Socket as DgramSocket } from 'node:dgram';
import type { FileHandle } from 'node:fs/promises';
import type { Server, Socket } from 'node:net';
import { wrongType } from './argument.js';
import {
  type ClosedError,
  conduitError,
  failedCall,
  systemFields,
  systemMessage,
} from './errors.js';
import { Forgotten } from './forgotten.js';
import { closeHeld, closeOne, environment, give } from './native.js';
import { dgramSocketFrom, netServerFrom, netSocketFrom, Placeholder } from './node-handles.js';
import { adoptHeld } from './owning.js';
import { unixTypeOf } from './socket-type.js';
import { type StreamServer, type StreamServerOptions, streamServerFrom } from './stream-server.js';
import { type StreamSocket, streamSocketFrom } from './stream-socket.js';
import { serverFrom, type UnixServer } from './unix-server.js';
import { socketFrom, type UnixSocket } from './unix-socket.js';

/** What is behind a descriptor, in a word. `'tcp-server'` and `'unix-server'` listen. */
export type DescriptorKind =
  | 'file'
  | 'directory'
  | 'pipe'
  | 'tty'
  | 'character-device'
  | 'block-device'
  | 'tcp'
  | 'tcp-server'
  | 'udp'
  | 'unix'
  | 'unix-seqpacket'
  | 'unix-dgram'
  | 'unix-server'
  | 'socket'
  | 'memfd'
  | 'pidfd'
  | 'eventfd'
  | 'epoll'
  | 'timerfd'
  | 'signalfd'
  | 'inotify'
  | 'io-uring'
  | 'userfaultfd'
  | 'unknown';

let outlived: (descriptor: Descriptor) => void;
let keep: (fd: number) => Descriptor;
let take: (descriptor: Descriptor) => number;

// Batches have many at a time.
const MOST_YOUNG = 512;

const forgotten = new Forgotten<Descriptor>(MOST_YOUNG, (descriptor) => outlived(descriptor));

/**
 * The owner of one open descriptor.
 *
 * Ownership: it closes its descriptor when it is closed or disposed, when it is garbage
 * collected, and when its worker ends, whichever comes first; `release()` and the `to…` methods
 * hand the descriptor on, and the `Descriptor` is then empty. One that the program cannot reach
 * any more is closed sooner or later: close it yourself where the peer waits for that.
 *
 * Platforms: Linux, macOS, FreeBSD. Source: Go's `*os.File`, in its part as owner of a number;
 * close(2), dup(2).
 *
 * @example
 * const [here, there] = Conduit.pair();
 * await here.transferFile(await open('notes.txt'));
 * const descriptor = await there.receive();
 * const file = await descriptor.toFileHandle(); // descriptor is empty from here on
 * console.log(await file.readFile('utf8'));
 * await file.close();
 * here.close();
 * there.close();
 */
export class Descriptor {
  #fd: number;
  #isGuarded = false;

  static {
    outlived = (descriptor) => descriptor.#guard();
    keep = (fd) => new Descriptor(fd);
    take = (descriptor) => descriptor.#take();
  }

  private constructor(fd: number) {
    this.#fd = fd;
    forgotten.watchOver(this);
  }

  /**
   * Takes ownership of an open number.
   *
   * Ownership: the `Descriptor`'s when it succeeds, and only then; nobody else may close the
   * number from then on. In a worker thread it goes on with a duplicate, under another number.
   *
   * @param fd an open descriptor that nothing else owns: no `FileHandle`, no `net.Socket`.
   * @throws `InvalidArgument` where it is no number, or this library owns it already;
   * `BadClone` with code `EBADF` where it is not open.
   * @example
   * const descriptor = Descriptor.adopt(fs.openSync('notes.txt', 'r'));
   */
  static adopt(fd: number): Descriptor {
    return new Descriptor(adoptHeld(fd));
  }

  /** The number, for as long as this is its owner; -1 after that. Do not close it by hand. */
  get fd(): number {
    return this.#fd;
  }

  /** Whether it is empty: closed, released or converted. */
  get isClosed(): boolean {
    return this.#fd < 0;
  }

  /**
   * What it is, by `fstat` and the socket's options; looked up at each asking, because a hostile
   * file system may let `fstat` wait. Linux tells all kinds, other systems call some `'unknown'`.
   *
   * @throws `Closed`, `FailedCall`.
   */
  get kind(): DescriptorKind {
    this.#check();
    const kind = environment().kind(this.#fd);
    if (typeof kind === 'number') {
      throw failedCall(`The kind of descriptor ${this.#fd} is not to be had`, kind, 'fstat');
    }
    return kind as DescriptorKind;
  }

  /**
   * Gives the number away.
   *
   * Ownership: the caller's from then on, who closes it (`fs.closeSync`).
   *
   * @returns the number.
   * @throws `Closed` where it is empty.
   */
  release(): number {
    const fd = this.#take();
    give(fd);
    return fd;
  }

  /**
   * Closes the descriptor. Twice is fine. It runs on this thread, as closing nearly never waits;
   * a file on a network or FUSE file system may make it wait.
   *
   * @throws `FailedClose` where the system reports an error; the number is free all the same.
   */
  close(): void {
    if (this.isClosed) {
      return;
    }
    const fd = this.#take();
    const code = closeOne(fd);
    if (code < 0) {
      throw conduitError(
        'FailedClose',
        `Descriptor ${fd} reported an error when it was closed: ${systemMessage(code)}. It is closed all the same`,
        systemFields(code, 'close'),
      );
    }
  }

  /** The same as {@link Descriptor.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  /**
   * Turns it into a `FileHandle` of `node:fs/promises`: the same open file description, with its
   * offset, also of a file that has been deleted.
   *
   * Ownership: the `FileHandle`'s; where it rejects, still this `Descriptor`'s.
   *
   * A pipe or a socket as `FileHandle` occupies a thread of Node's pool for each waiting read.
   *
   * @throws `Closed`; `BadClone` where no `FileHandle` can be made, as without a free slot.
   */
  async toFileHandle(): Promise<FileHandle> {
    this.#check();
    const placeholder = await Placeholder.open();
    try {
      return this.#convert((fd) => placeholder.fill(fd));
    } catch (error) {
      await placeholder.discard();
      throw error;
    }
  }

  /**
   * Turns it into a `net.Socket`. Node starts to read from it at once, into its buffer.
   *
   * Ownership: the socket's; where it throws, still this `Descriptor`'s.
   *
   * @throws `Closed`; `BadClone` where it is no stream that Node knows (a file, a SEQPACKET socket).
   */
  toNetSocket(): Socket {
    return this.#convert(netSocketFrom);
  }

  /**
   * Turns a listening socket into a `net.Server`, which accepts at once.
   *
   * Ownership: the server's; where it rejects, still this `Descriptor`'s.
   *
   * @throws `Closed`; `BadClone` where it does not listen; `Unsupported` in a cluster's worker,
   * where Node would ask the primary for its descriptor of that number.
   */
  async toNetServer(): Promise<Server> {
    return this.#convertLater(netServerFrom);
  }

  /**
   * Turns a UDP socket into a `dgram.Socket`.
   *
   * Ownership: the socket's; where it rejects, still this `Descriptor`'s.
   *
   * @throws `Closed`; `BadClone` where it is no UDP socket; `Unsupported` in a cluster's worker.
   */
  async toDgramSocket(): Promise<DgramSocket> {
    const { kind } = this;
    return this.#convertLater((fd) => dgramSocketFrom(fd, kind));
  }

  /**
   * Turns a Unix socket into a {@link UnixSocket}, which makes it non-blocking.
   *
   * Ownership: the socket's; where it throws, still this `Descriptor`'s.
   *
   * @throws `Closed`; `BadClone` where it is no Unix socket.
   */
  toUnixSocket(): UnixSocket {
    return this.#convert((fd) => socketFrom(fd, unixTypeOf(fd, 'UnixSocket')));
  }

  /**
   * Turns a bound or listening Unix socket into a {@link UnixServer}. Its socket file is left alone.
   *
   * Ownership: the server's; where it throws, still this `Descriptor`'s.
   *
   * @throws `Closed`; `BadClone` where it is no Unix socket.
   */
  toUnixServer(): UnixServer {
    return this.#convert((fd) => serverFrom(fd, unixTypeOf(fd, 'UnixServer')));
  }

  /**
   * Turns a connection of any family into a {@link StreamSocket}: bytes, without a `net.Socket`.
   *
   * Ownership: the stream's; where it throws, still this `Descriptor`'s.
   *
   * @throws `Closed`; `BadClone` where it is no stream socket, or one that listens.
   */
  toStreamSocket(): StreamSocket {
    return this.#convert(streamSocketFrom);
  }

  /**
   * Turns a listening stream socket of any family into a {@link StreamServer}.
   *
   * Ownership: the server's; where it throws, still this `Descriptor`'s.
   *
   * @param options `onRetry`.
   * @throws `Closed`; `BadClone` where it is no stream socket, or one that does not listen.
   */
  toStreamServer(options: StreamServerOptions = {}): StreamServer {
    return this.#convert((fd) => streamServerFrom(fd, options));
  }

  #guard(): void {
    if (!this.isClosed && !this.#isGuarded) {
      this.#isGuarded = true;
      forgotten.guard(this, [this.#fd]);
    }
  }

  #convert<T>(make: (fd: number) => T): T {
    this.#check();
    const made = make(this.#fd);
    this.#forget();
    return made;
  }

  /** Empty from the start, so that nobody closes the number meanwhile; as before where it fails. */
  async #convertLater<T>(make: (fd: number) => Promise<T>): Promise<T> {
    const fd = this.#take();
    try {
      return await make(fd);
    } catch (error) {
      this.#fd = fd;
      this.#guard();
      throw error;
    }
  }

  #check(): void {
    if (this.isClosed) {
      throw empty();
    }
  }

  #take(): number {
    this.#check();
    const fd = this.#fd;
    this.#forget();
    return fd;
  }

  #forget(): void {
    this.#fd = -1;
    if (this.#isGuarded) {
      this.#isGuarded = false;
      forgotten.unguard(this);
    }
  }
}

/**
 * Closes many, consecutive numbers by one system call. Those that are empty already are fine;
 * what the system reports of a single one is not told.
 *
 * Ownership: all are empty afterwards.
 *
 * @param descriptors any iterable; one may be in it twice.
 * @throws `InvalidArgument` where one is no `Descriptor`; nothing is closed then.
 * Platforms: Linux 5.9 and FreeBSD by `close_range`, else one by one. Source: unet's
 * `ControlMessage.CloseFDs`; close_range(2).
 * @example
 * const descriptors = ['notes.txt', '.'].map((path) => Descriptor.adopt(fs.openSync(path)));
 * console.log(descriptors.map(({ kind }) => kind)); // [ 'file', 'directory' ]
 * closeDescriptors(descriptors);
 */
export function closeDescriptors(descriptors: Iterable<Descriptor>): void {
  const unique = new Set(descriptors);
  for (const descriptor of unique) {
    if (!(descriptor instanceof Descriptor)) {
      throw wrongType('descriptors', 'a list of Descriptors', descriptor);
    }
  }
  closeHeld([...unique].filter((descriptor) => !descriptor.isClosed).map(take));
}

/** Makes the owner of a number that is held. */
export function keepDescriptor(fd: number): Descriptor {
  return keep(fd);
}

/** The number of a Descriptor, which is empty from then on. The number stays held. */
export function takeHeld(descriptor: Descriptor): number {
  return take(descriptor);
}

function empty(): ClosedError {
  return conduitError('Closed', 'The descriptor was closed, released or converted already', {
    code: 'EBADF',
  });
}
