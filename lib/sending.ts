import { constants } from 'node:os';
import { WOULD_BLOCK, type Work } from './call.js';
import type { Channel } from './channel.js';
import { badClone, type FailedTransferError, failedTransfer, type Progress } from './errors.js';
import { bytesIn, type Memory, unchanged } from './io-vector.js';
import type { Credentials } from './message.js';
import { closeHeld, duplicateHeld, registers, transport } from './native.js';
import { EAGAIN } from './receiving.js';
import { type Source, tellSent } from './source.js';

const EFAULT = -constants.errno.EFAULT;

/** What is sent, and how. */
export interface Outgoing {
  readonly payload: Memory;
  readonly sources: readonly Source[];
  /** What has to be over before it can leave. */
  readonly gate?: Promise<unknown> | undefined;
  /** Sends all of the payload, by as many `sendmsg` as that takes; otherwise by one. */
  readonly whole: boolean;
  /** Whom the receiver is told it comes from. */
  readonly credentials?: Credentials | undefined;
  /** Where a datagram goes. */
  readonly to?: Uint8Array | undefined;
}

/** One message on its way out. Its value is how many bytes left. */
export class Sending implements Work<number> {
  readonly gate?: () => Promise<unknown>;
  readonly #channel: Channel;
  readonly #message: Outgoing;
  readonly #checkPayload: () => void;
  #duplicates: number[] | undefined;
  #offset = 0;
  #descriptorsSent = 0;

  constructor(channel: Channel, message: Outgoing) {
    this.#channel = channel;
    this.#message = message;
    const { gate } = message;
    if (gate !== undefined) {
      this.gate = () => gate;
    }
    this.#checkPayload = unchanged(message.payload);
  }

  attempt(): number | Promise<number> | typeof WOULD_BLOCK {
    const { payload, whole } = this.#message;
    this.#channel.checkWhole();
    this.#check();
    const end = whole ? bytesIn(payload) : 0;
    do {
      const count = this.#load();
      const sent = this.#send(payload, count);
      if (sent === EAGAIN) {
        return WOULD_BLOCK;
      }
      if (sent < 0) {
        throw this.#failed('The message could not be sent', sent);
      }
      // The first byte of a stream takes all descriptors along: the rest goes without.
      this.#offset += sent;
      this.#descriptorsSent += count;
    } while (this.#offset < end);
    return this.#finish();
  }

  stage(): void {
    this.#duplicates = this.#descriptorsSent === 0 ? duplicateAll(this.#message.sources) : [];
  }

  settle(): void {
    closeHeld(this.#duplicates ?? []);
    this.#duplicates = undefined;
  }

  progress(): Progress {
    return { bytesWritten: this.#offset, descriptorsSent: this.#descriptorsSent };
  }

  #send(payload: Memory, count: number): number {
    const { slot } = this.#channel;
    const { credentials, to } = this.#message;
    if (payload instanceof Uint8Array && credentials === undefined && to === undefined) {
      return transport().send(slot, payload, this.#offset, registers, count);
    }
    const buffers = payload instanceof Uint8Array ? [payload.subarray(this.#offset)] : payload;
    const claimed = credentials && Int32Array.of(credentials.pid, credentials.uid, credentials.gid);
    return transport().sendVec(slot, buffers as Uint8Array[], registers, count, to, claimed);
  }

  /** Puts the descriptors of the next try into the registers. */
  #load(): number {
    if (this.#descriptorsSent > 0) {
      return 0;
    }
    const { sources } = this.#message;
    const [only] = sources;
    if (sources.length === 1 && only !== undefined) {
      registers[0] = this.#numberOf(only, 0);
    } else if (sources.length > 1) {
      // Looked up first: a getter of the caller's may make calls that use the registers too.
      registers.set(sources.map((source, index) => this.#numberOf(source, index)));
    }
    return sources.length;
  }

  #numberOf(source: Source, index: number): number {
    source.check?.();
    return this.#duplicates?.[index] ?? source.fd();
  }

  #check(): void {
    try {
      this.#checkPayload();
    } catch (error) {
      throw this.#offset > 0 ? this.#failed('The rest of the payload is not there', EFAULT) : error;
    }
  }

  #failed(what: string, errno: number): FailedTransferError {
    const progress = this.progress();
    if (progress.bytesWritten > 0) {
      this.#channel.breakOff();
    }
    return failedTransfer(what, errno, 'sendmsg', progress);
  }

  #finish(): number | Promise<number> {
    const closings: Promise<void>[] = [];
    tellSent(this.#message.sources, this.#duplicates ?? [], closings);
    const written = this.#offset;
    return closings.length === 0 ? written : Promise.all(closings).then(() => written);
  }
}

/** Duplicates of all, held; none where one cannot be duplicated, and that is thrown. */
export function duplicateAll(sources: readonly Source[]): number[] {
  const duplicates: number[] = [];
  try {
    for (const source of sources) {
      const fd = source.fd();
      const duplicate = duplicateHeld(fd);
      if (duplicate < 0) {
        throw badClone(
          `Descriptor ${fd} has to wait for its turn, and could not be duplicated for that`,
          duplicate,
          'fcntl',
        );
      }
      duplicates.push(duplicate);
    }
    return duplicates;
  } catch (error) {
    closeHeld(duplicates);
    throw error;
  }
}
