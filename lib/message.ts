import type { UnixAddress } from './address.js';
import { type Descriptor, keepDescriptor } from './descriptor.js';
import { Forgotten } from './forgotten.js';
import { closeHeld, give } from './native.js';

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
  readonly credentials: Credentials | undefined;
  readonly pidfd: number | undefined;
  readonly from: UnixAddress | undefined;
}

const NOTHING: readonly number[] = [];

let outlived: (message: Message) => void;

const forgotten = new Forgotten<Message>((message) => outlived(message));

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
 * const [here, there] = socketPair();
 * await here.write(Buffer.from('three of them'), { descriptors: [0, 1, 2] });
 * const message = await there.read(new Uint8Array(64), { maxDescriptors: 3 });
 * console.log(message.bytesRead, message.count); // 13 3
 * message.close(); // or: using message = …
 * here.close();
 * there.close();
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
  /** Where a `'dgram'` socket's message came from. */
  readonly from: UnixAddress | undefined;
  #held: readonly number[];
  #descriptors: readonly Descriptor[] | undefined;
  #heldPidfd: number | undefined;
  #pidfd: Descriptor | undefined;
  #isGuarded = false;

  static {
    outlived = (message) => message.#guard();
  }

  /** @internal */
  constructor(bytesRead: number, { held, isEnd, credentials, pidfd, from }: Beside) {
    this.bytesRead = bytesRead;
    this.isEnd = isEnd;
    this.credentials = credentials;
    this.from = from;
    this.#held = held;
    this.#heldPidfd = pidfd;
    if (held.length > 0 || pidfd !== undefined) {
      forgotten.watchOver(this);
    }
  }

  /** How many descriptors wait to be taken. */
  get count(): number {
    return this.#held.length;
  }

  /**
   * The numbers of those that wait to be taken, in the order in which they were sent. They stay the
   * message's: look at them (`fs.fstatSync`), and do not close them by hand.
   */
  get fds(): readonly number[] {
    return this.#held;
  }

  /** The descriptors that came, each an owner of its own from the first look on. */
  get descriptors(): readonly Descriptor[] {
    this.#descriptors ??= this.#take().map(keepDescriptor);
    return this.#descriptors;
  }

  /**
   * The sending process, where the socket's `passPidfd` was switched on here; an owner of its own
   * from the first look on.
   */
  get pidfd(): Descriptor | undefined {
    const held = this.#heldPidfd;
    if (held !== undefined) {
      this.#heldPidfd = undefined;
      this.#guardAgain();
      this.#pidfd = keepDescriptor(held);
    }
    return this.#pidfd;
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
      give(fd);
    }
    return numbers;
  }

  /**
   * Closes the descriptors that were not taken, and the pidfd if nobody looked at it; consecutive
   * numbers by one system call. Twice is fine.
   *
   * Source: unet's `ControlMessage.CloseFDs`.
   */
  close(): void {
    const held = this.#untaken();
    this.#heldPidfd = undefined;
    this.#take();
    closeHeld(held);
  }

  /** The same as {@link Message.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #take(): readonly number[] {
    const held = this.#held;
    this.#held = NOTHING;
    this.#guardAgain();
    return held;
  }

  #guard(): void {
    const held = this.#untaken();
    if (held.length > 0 && !this.#isGuarded) {
      this.#isGuarded = true;
      forgotten.guard(this, held);
    }
  }

  /** Has the garbage collector close what is left, if it was to close what was there before. */
  #guardAgain(): void {
    if (this.#isGuarded) {
      this.#isGuarded = false;
      forgotten.unguard(this);
      this.#guard();
    }
  }

  #untaken(): readonly number[] {
    return this.#heldPidfd === undefined ? this.#held : [...this.#held, this.#heldPidfd];
  }
}
