import type { UnixAddress } from './address.js';
import { type Descriptor, keepDescriptor } from './descriptor.js';
import { closeHeld, environment } from './native.js';

/** A process, and the user and group it runs as. */
export interface Credentials {
  /** Process id, as seen from here; 0 where the system does not tell it. */
  readonly pid: number;
  /** User id. */
  readonly uid: number;
  /** Group id. */
  readonly gid: number;
}

/** What came beside a message's bytes. */
interface Beside {
  readonly held: readonly number[];
  readonly isEnd: boolean;
  readonly credentials?: Credentials;
  readonly pidfd?: Descriptor;
  readonly from?: UnixAddress;
}

const forgotten = new FinalizationRegistry<readonly number[]>(closeHeld);
const NOTHING: readonly number[] = [];

/**
 * One received message.
 *
 * Ownership: it owns the descriptors that came, until they are taken by `descriptors` or
 * `extract()`. What is neither taken nor closed is closed when the message is garbage collected,
 * and when its worker ends.
 *
 * Source: unet's `ControlMessage`; recvmsg(2).
 *
 * @example
 * using message = await socket.read(buffer, { maxDescriptors: 2 });
 * const [first, second] = message.descriptors;
 */
export class Message {
  /** How many bytes of the buffers are filled. */
  readonly bytesRead: number;
  /**
   * Whether this is no message but the end: the peer has closed or shut down its end. An empty
   * packet of a `'seqpacket'` socket is not.
   */
  readonly isEnd: boolean;
  /** Who sent it, where the socket's `passCredentials` is on. */
  readonly credentials: Credentials | undefined;
  /** The sending process, where the socket's `passPidfd` is on. Owned by the receiver. */
  readonly pidfd: Descriptor | undefined;
  /** Where a `'dgram'` socket's message came from. */
  readonly from: UnixAddress | undefined;
  #held: readonly number[];
  #descriptors: readonly Descriptor[] | undefined;

  /** @internal */
  constructor(bytesRead: number, { held, isEnd, credentials, pidfd, from }: Beside) {
    this.bytesRead = bytesRead;
    this.isEnd = isEnd;
    this.credentials = credentials;
    this.pidfd = pidfd;
    this.from = from;
    this.#held = held;
    if (held.length > 0) {
      forgotten.register(this, held, this);
    }
  }

  /** How many descriptors wait to be taken. */
  get count(): number {
    return this.#held.length;
  }

  /** The descriptors that came, each an owner of its own from the first look on. */
  get descriptors(): readonly Descriptor[] {
    this.#descriptors ??= this.#take().map(keepDescriptor);
    return this.#descriptors;
  }

  /**
   * Gives the descriptors away as bare numbers.
   *
   * Ownership: the caller's from then on, who closes them (`fs.closeSync`).
   *
   * @returns the numbers, in the order in which they were sent; none at the second call, and none
   * that were taken by `descriptors`.
   * Source: unet's `ControlMessage.ExtractFDs`.
   */
  extract(): number[] {
    const numbers = [...this.#take()];
    for (const fd of numbers) {
      environment().give(fd);
    }
    return numbers;
  }

  /**
   * Closes the descriptors that were not taken, consecutive numbers by one system call. Twice is
   * fine.
   *
   * Source: unet's `ControlMessage.CloseFDs`.
   */
  close(): void {
    closeHeld(this.#take());
  }

  /** The same as {@link Message.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #take(): readonly number[] {
    const held = this.#held;
    if (held.length > 0) {
      this.#held = NOTHING;
      forgotten.unregister(this);
    }
    return held;
  }
}
