import { checkFd } from './argument.js';
import { Channel } from './channel.js';
import { type Descriptor, keepDescriptor, takeHeld } from './descriptor.js';
import { EINVAL } from './errno.js';
import { badClone } from './errors.js';
import { isStreamServer } from './native.js';
import { adoptHeld } from './owning.js';
import * as options from './socket-options.js';

/** What a descriptor is to become. */
type Wanted = 'StreamServer' | 'StreamSocket';

let channel: (stream: StreamBase) => Channel;
let untouched: (stream: StreamBase) => Descriptor | undefined;

/** What {@link StreamServer} and {@link StreamSocket} have in common: the life of a socket, its options. */
export abstract class StreamBase {
  readonly #descriptor: Descriptor;
  // Most connections are written to once and closed, and never wait: it comes when it is needed.
  #channel: Channel | undefined;
  #keepsAlive = true;

  static {
    channel = (stream) => stream.#open();
    untouched = (stream) => (stream.#channel === undefined ? stream.#descriptor : undefined);
  }

  /** @internal */
  protected constructor(held: number) {
    this.#descriptor = keepDescriptor(held);
  }

  /** The number, this object's to close; -1 once it is closed or released. */
  get fd(): number {
    return this.isClosed ? -1 : (this.#channel ?? this.#descriptor).fd;
  }

  /** Whether it was closed or released. */
  get isClosed(): boolean {
    return (this.#channel ?? this.#descriptor).isClosed;
  }

  /** As {@link UnixSocket.getOption}. */
  getOption(level: number, name: number): number {
    return options.getNumber(this.#open(), level, name);
  }

  /** As {@link UnixSocket.setOption}. */
  setOption(level: number, name: number, value: number | boolean | Uint8Array): void {
    options.setOption(this.#open(), level, name, value);
  }

  /**
   * Gives the descriptor away, which stays non-blocking if a call has made it so. Every later and
   * every waiting call rejects with `Closed`, whose code is `EBADF`.
   *
   * Ownership: the caller's from then on, who closes the number (`fs.closeSync`).
   *
   * @throws `Closed`.
   */
  release(): number {
    return (this.#channel ?? this.#descriptor).release();
  }

  /** Closes the socket; waiting calls reject with `Closed`. Twice is fine. */
  close(): void {
    (this.#channel ?? this.#descriptor).close();
  }

  /** The same as `close()`. */
  [Symbol.dispose](): void {
    this.close();
  }

  /** The same as `close()`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.close();
  }

  /** Waiting calls keep the program alive again, as they do at first. */
  ref(): this {
    return this.#keepAlive(true);
  }

  /** Waiting calls do not keep the program alive. */
  unref(): this {
    return this.#keepAlive(false);
  }

  #keepAlive(keep: boolean): this {
    this.#keepsAlive = keep;
    this.#channel?.keepAlive(keep);
    return this;
  }

  #open(): Channel {
    if (this.#channel === undefined) {
      this.#channel = new Channel(takeHeld(this.#descriptor), 'stream');
      this.#channel.keepAlive(this.#keepsAlive);
    }
    return this.#channel;
  }
}

/** What only the classes over it get at: the calls that wait. */
export function channelOf(stream: StreamBase): Channel {
  return channel(stream);
}

/** Who has the descriptor of a stream that nothing has waited for yet. */
export function untouchedOf(stream: StreamBase): Descriptor | undefined {
  return untouched(stream);
}

/** Takes ownership of an open stream socket, and holds it. Throws `BadClone` where it is none. */
export function adoptStream(fd: number, wanted: Wanted): number {
  checkFd(fd, 'fd');
  checkStream(fd, wanted);
  return adoptHeld(fd);
}

/** Throws `BadClone` unless it is a stream socket, which listens or does not. */
export function checkStream(fd: number, wanted: Wanted): void {
  const answer = isStreamServer(fd);
  if (answer < 0) {
    throw badClone(`Descriptor ${fd} cannot become a ${wanted}`, answer, 'getsockopt');
  }
  if ((answer === 1) !== (wanted === 'StreamServer')) {
    const why = answer === 1 ? 'it is a listening socket' : 'it does not listen';
    throw badClone(`Descriptor ${fd} cannot become a ${wanted}, as ${why}`, EINVAL, 'getsockopt');
  }
}
