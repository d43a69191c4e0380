import type { UnixAddress } from './address.js';
import { type Descriptor, keepDescriptor } from './descriptor.js';
import { DescriptorList } from './descriptor-list.js';

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

/**
 * One received message.
 *
 * Ownership: it owns the descriptors that came, until they are taken by `descriptors`, iteration
 * or `extract()`. What is neither taken nor closed is closed when the message is garbage
 * collected, and when its worker ends.
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
export class Message extends DescriptorList {
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
  readonly #pidfd: Descriptor | undefined;
  #isPidfdTaken = false;

  /** @internal */
  constructor(bytesRead: number, { held, isEnd, credentials, pidfd, from }: Beside) {
    super(held);
    this.bytesRead = bytesRead;
    this.isEnd = isEnd;
    this.credentials = credentials;
    this.from = from;
    this.#pidfd = pidfd === undefined ? undefined : keepDescriptor(pidfd);
  }

  /**
   * The sending process, where the socket's `passPidfd` was switched on here; an owner of its own
   * from the first look on.
   */
  get pidfd(): Descriptor | undefined {
    this.#isPidfdTaken = true;
    return this.#pidfd;
  }

  /**
   * Closes the descriptors that were not taken, consecutive numbers by one system call, and the
   * pidfd if nobody looked at it. Twice is fine.
   *
   * Source: unet's `ControlMessage.CloseFDs`.
   */
  override close(): void {
    super.close();
    if (!this.#isPidfdTaken) {
      this.#pidfd?.close();
    }
  }
}
