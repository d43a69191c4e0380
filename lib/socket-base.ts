import { addressOf, type UnixAddress } from './address.js';
import { Channel } from './channel.js';
import { failedCall } from './errors.js';
import type { SocketFile } from './socket-file.js';
import * as options from './socket-options.js';
import type { SocketType } from './socket-type.js';

let channel: (socket: SocketBase) => Channel;
let leave: (socket: SocketBase) => void;

/** What {@link UnixSocket} and {@link UnixServer} have in common: the life of a socket, its name, its options. */
export abstract class SocketBase {
  /** How it frames its messages. */
  readonly type: SocketType;
  readonly #channel: Channel;
  #file: SocketFile | undefined;

  static {
    channel = (socket) => socket.#channel;
    leave = (socket) => {
      socket.#file = undefined;
      socket.close();
    };
  }

  /** @internal */
  protected constructor(
    held: number,
    type: SocketType,
    name?: (channel: Channel) => SocketFile | undefined,
  ) {
    this.type = type;
    this.#channel = new Channel(held, type);
    try {
      this.#file = name?.(this.#channel);
    } catch (error) {
      this.#channel.close();
      throw error;
    }
  }

  /** The number, the socket's to close; -1 once it is closed or released. Source: unet's `FD`. */
  get fd(): number {
    return this.isClosed ? -1 : this.#channel.fd;
  }

  /** Whether it was closed or released. */
  get isClosed(): boolean {
    return this.#channel.isClosed;
  }

  /** The name of this socket. Source: unet's `Socket.GetSockName`. */
  socketName(): UnixAddress {
    return nameOf((buffer) => this.#channel.native.ownName(buffer), 'getsockname');
  }

  /**
   * An option's number.
   *
   * @param level such as `optionConstants().SOL_SOCKET`.
   * @param name such as `optionConstants().SO_RCVBUF`. A number that is a descriptor
   * (`SO_PEERPIDFD`) is the caller's to close.
   * @throws `FailedCall` with code `ENOPROTOOPT` where there is no such option; `Closed`,
   * `InvalidArgument`. Source: unet's `Socket.GetSockOpt`; getsockopt(2).
   */
  getOption(level: number, name: number): number {
    return options.getNumber(this.#channel, level, name);
  }

  /** {@link UnixSocket.getOption} for an option that is no number: its bytes, at most 256. */
  getOptionBytes(level: number, name: number): Uint8Array {
    return options.getBytes(this.#channel, level, name);
  }

  /**
   * Sets an option to a number, a truth or bytes.
   *
   * @throws as {@link UnixSocket.getOption}. Source: unet's `Socket.SetSockOpt`; setsockopt(2).
   */
  setOption(level: number, name: number, value: number | boolean | Uint8Array): void {
    options.setOption(this.#channel, level, name, value);
  }

  /** `SO_SNDBUF`, in bytes. Linux doubles what is set, up to `net.core.wmem_max`, and tells that. */
  get sendBufferSize(): number {
    return options.getSocketNumber(this.#channel, 'SO_SNDBUF');
  }

  set sendBufferSize(bytes: number) {
    options.setSocketNumber(this.#channel, 'SO_SNDBUF', bytes);
  }

  /** `SO_RCVBUF`, in bytes, as {@link UnixSocket.sendBufferSize}. */
  get receiveBufferSize(): number {
    return options.getSocketNumber(this.#channel, 'SO_RCVBUF');
  }

  set receiveBufferSize(bytes: number) {
    options.setSocketNumber(this.#channel, 'SO_RCVBUF', bytes);
  }

  /**
   * Gives the descriptor away, which stays non-blocking. Every later and every waiting call
   * rejects with `Closed`, whose code is `EBADF`.
   *
   * Ownership: the caller's from then on, who closes the number (`fs.closeSync`).
   *
   * @throws `Closed`. Source: unet's `Socket.Release`.
   */
  release(): number {
    const fd = this.#channel.release();
    // The file goes with the descriptor, to whoever has that now.
    this.#file = undefined;
    return fd;
  }

  /** Closes the socket; waiting calls reject with `Closed`. Twice is fine. Source: unet's `Socket.Close`. */
  close(): void {
    const file = this.#file;
    this.#file = undefined;
    try {
      // First: as long as the socket is open, no other file can have the number of its inode.
      file?.remove();
    } finally {
      this.#channel.close();
    }
  }

  /** The same as {@link UnixSocket.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** The same as {@link UnixSocket.close}. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** Waiting calls keep the program alive again, as they do at first. */
  ref(): this {
    this.#channel.keepAlive(true);
    return this;
  }

  /** Waiting calls do not keep the program alive. */
  unref(): this {
    this.#channel.keepAlive(false);
    return this;
  }
}

/** What only the classes over it get at: the calls that wait, and the native owner. */
export function channelOf(socket: SocketBase): Channel {
  return channel(socket);
}

/** Closes a socket that another process goes on with, which its file belongs to from now on. */
export function leaveFile(socket: SocketBase): void {
  leave(socket);
}

/** The name that `tell` writes into a buffer. Throws `FailedCall`. */
export function nameOf(tell: (buffer: Uint8Array) => number, syscall: string): UnixAddress {
  const name = addressOf(tell);
  if (typeof name === 'number') {
    throw failedCall('The name of the socket is not to be had', name, syscall);
  }
  return name;
}
