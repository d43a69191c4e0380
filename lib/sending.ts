import { WOULD_BLOCK, type Work } from './call.js';
import type { Channel } from './channel.js';
import { EAGAIN, EFAULT } from './errno.js';
import { type FailedTransferError, failedTransfer, type Progress } from './errors.js';
import { FILLER } from './filler.js';
import { bytesIn, gone, isBytes, type Memory } from './io-vector.js';
import type { Credentials } from './message.js';
import { closeHeld, registers, transport } from './native.js';
import type { Sources } from './sources.js';

const NONE: readonly number[] = [];

/** What is sent, and how. */
export interface Outgoing {
  readonly payload: Memory;
  readonly sources: Sources;
  /** What has to be over before it can leave. */
  readonly gate?: Promise<unknown> | undefined;
  /** Sends all of the payload, by as many `sendmsg` as that takes; otherwise by one. */
  readonly whole: boolean;
  /** How much of the payload has left already. */
  readonly bytesWritten?: number;
  /** Whom the receiver is told it comes from. */
  readonly credentials?: Credentials | undefined;
  /** Where a datagram goes. */
  readonly to?: Uint8Array | undefined;
}

/** What a message that has left is worth to its sender. */
export const bytesWritten = (bytes: number): number => bytes;
export const nothing = (): void => undefined;

/**
 * Sends one number with the filler, if that can be now. False where it has not left, whatever the
 * reason: `Sending` tells it.
 */
export function sentAtOnce(channel: Channel, fd: number): boolean {
  return channel.isReadyToSend && transport.sendOne(channel.slot, fd) > 0;
}

/** One message on its way out. Its value is what `answer` makes of how many bytes left. */
export class Sending<T> implements Work<T> {
  readonly gate: (() => Promise<unknown>) | undefined;
  readonly #channel: Channel;
  readonly #message: Outgoing;
  readonly #answer: (bytes: number) => T;
  readonly #bytes: number;
  #duplicates: readonly number[] = NONE;
  #offset: number;
  #descriptorsSent = 0;

  constructor(channel: Channel, message: Outgoing, answer: (bytes: number) => T) {
    this.#channel = channel;
    this.#message = message;
    this.#answer = answer;
    const { gate, payload, bytesWritten = 0 } = message;
    this.gate = gate && (() => gate);
    this.#bytes = bytesIn(payload);
    this.#offset = bytesWritten;
  }

  attempt(): T | Promise<T> | typeof WOULD_BLOCK {
    this.#channel.checkWhole();
    this.#checkPayload();
    const end = this.#message.whole ? this.#bytes : 0;
    do {
      const count = this.#load();
      const sent = this.#send(count);
      if (sent === EAGAIN) {
        return WOULD_BLOCK;
      }
      if (sent < 0) {
        throw this.#failed('The message could not be sent', sent);
      }
      if (sent === 0 && this.#offset < end) {
        // A class of the caller's may tell another length than its memory has.
        throw this.#failed('The payload is shorter than its length', EFAULT);
      }
      // The first byte of a stream takes all descriptors along: the rest goes without.
      this.#offset += sent;
      this.#descriptorsSent += count;
    } while (this.#offset < end);
    return this.#finish();
  }

  stage(): void {
    this.#duplicates = this.#descriptorsSent === 0 ? this.#message.sources.duplicate(0) : NONE;
  }

  settle(): void {
    closeHeld(this.#duplicates);
    this.#duplicates = NONE;
  }

  progress(): Progress {
    return { bytesWritten: this.#offset, descriptorsSent: this.#descriptorsSent };
  }

  #send(count: number): number {
    const { slot } = this.#channel;
    const { payload, credentials, to } = this.#message;
    if (payload === FILLER && count === 1) {
      return transport.sendOne(slot, registers[0] as number);
    }
    if (isBytes(payload) && credentials === undefined && to === undefined) {
      return transport.send(slot, payload, this.#offset, registers, count);
    }
    const buffers = isBytes(payload) ? [payload.subarray(this.#offset)] : payload;
    const claimed = credentials && Int32Array.of(credentials.pid, credentials.uid, credentials.gid);
    return transport.sendVec(slot, buffers, registers, count, to, claimed);
  }

  /** Puts the descriptors of the next try into the registers. */
  #load(): number {
    return this.#descriptorsSent > 0 ? 0 : this.#message.sources.load(0, this.#duplicates);
  }

  #checkPayload(): void {
    const { payload } = this.#message;
    if (bytesIn(payload) !== this.#bytes) {
      throw this.#offset > 0
        ? this.#failed('The rest of the payload is not there', EFAULT)
        : gone();
    }
  }

  #failed(what: string, errno: number): FailedTransferError {
    const progress = this.progress();
    if (progress.bytesWritten > 0) {
      this.#channel.breakOff();
    }
    return failedTransfer(what, errno, 'sendmsg', progress);
  }

  #finish(): T | Promise<T> {
    const closings: Promise<void>[] = [];
    const { sources } = this.#message;
    sources.tell(0, sources.length, this.#duplicates, closings);
    const written = this.#answer(this.#offset);
    return closings.length === 0 ? written : Promise.all(closings).then(() => written);
  }
}
