/** Anything with bytes, as the native side takes it. */
type Bytes = Uint8Array;

/**
 * The native functions that are called for each message and for each descriptor. They name a
 * socket, or the environment, by its slot. What they answer is a count or a number; a negative
 * errno where it failed.
 */
export interface Transport {
  /** Closes a number that is held. */
  close(environment: number, fd: number): number;
  /** Closes those of the first `count` registers that are held, in one go. */
  closeAll(environment: number, registers: Int32Array, count: number): number;
  /** Gives a held number away: the user or an object of Node's owns it from now on. */
  give(environment: number, fd: number): number;
  /** A duplicate of any open number, held. */
  duplicate(environment: number, fd: number): number;
  /**
   * Duplicates of the first `count` registers, held, in their places. Where one fails none is made,
   * and the first register names it.
   */
  duplicateAll(environment: number, registers: Int32Array, count: number): number;
  /**
   * 0 for a number that its owner may close, 1 for one that a native socket or a `Descriptor`
   * owns, 2 for one that the event loop watches for somebody else.
   */
  owner(environment: number, fd: number): number;
  /** 1 for a stream socket that listens, 0 for one that does not. */
  isStreamServer(environment: number, fd: number): number;
  /** Writes to a socket that is held. Answers the bytes that left. */
  write(environment: number, fd: number, payload: Bytes): number;
  /**
   * Sends `payload` from `offset` on, with the first `count` registers as descriptors. Answers the
   * bytes that left.
   */
  send(
    socket: number,
    payload: Bytes,
    offset: number,
    registers: Int32Array,
    count: number,
  ): number;
  /**
   * The same of many buffers, to an address if one is given, with credentials (process, user,
   * group) if they are given.
   */
  sendVec(
    socket: number,
    payloads: readonly Bytes[],
    registers: Int32Array,
    count: number,
    address: Bytes | undefined,
    credentials: Int32Array | undefined,
  ): number;
  /** Sends a number in a message with one filler byte. Answers 1. */
  sendOne(socket: number, fd: number): number;
  /**
   * Sends the first `count` registers as descriptors, one a message with one filler byte each.
   * Answers how many left; a failure is answered where none did.
   */
  sendEach(socket: number, registers: Int32Array, count: number): number;
  /** Receives one message into `buffer`. Answers its bytes; the registers tell the rest. */
  receive(socket: number, buffer: Bytes, max: number, registers: Int32Array): number;
  /** The same into many buffers, filled one after the other. */
  receiveVec(socket: number, buffers: readonly Bytes[], max: number, registers: Int32Array): number;
  /**
   * Receives a message of one descriptor: its number, held. `ANOTHER_KIND` where another kind of
   * message waits, or the end: `receive` tells of it.
   */
  receiveOne(socket: number): number;
  /**
   * Receives up to `most` messages of one descriptor each into the registers, held. Answers how
   * many; 0 where the next is another kind of message or the end: `receive` tells of it.
   */
  receiveEach(socket: number, most: number, registers: Int32Array): number;
  /** Accepts up to `most` connections into the registers, held. Answers how many. */
  acceptEach(socket: number, most: number, registers: Int32Array): number;
  /** Says what is awaited from now on: a sum of READABLE and WRITABLE. */
  want(socket: number, interest: number): number;
}

/** What `receiveOne` answers where another kind of message waits. */
export const ANOTHER_KIND = -(2 ** 31);
