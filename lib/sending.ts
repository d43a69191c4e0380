import { WOULD_BLOCK, type Work } from './call.js';
import type { Channel } from './channel.js';
import { badClone, failedTransfer, type Progress } from './errors.js';
import { bytesIn, type Memory, unchanged } from './io-vector.js';
import type { Credentials } from './message.js';
import { closeHeld, environment, registers } from './native.js';
import { EAGAIN } from './receiving.js';
import { type Source, tellSent } from './source.js';

/** What is sent, and how. */
export interface Outgoing {
  readonly payload: Memory;
  readonly sources: readonly Source[];
  /** What has to be over before it can leave. */
  readonly gate?: Promise<unknown> | undefined;
  /** Sends all of the payload, by as many `sendmsg` as that takes; otherwise by one. */
  readonly whole: boolean;
  /** Whom the receiver is told it comes from. */
  readonly credentials?: Credentials;
  /** Where a datagram goes. */
  readonly to?: Uint8Array;
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
    this.#checkPayload();
    const end = whole ? bytesIn(payload) : 0;
    do {
      const count = this.#load();
      const sent = this.#send(payload, count);
      if (sent === EAGAIN) {
        return WOULD_BLOCK;
      }
      if (sent < 0) {
        throw failedTransfer('The message could not be sent', sent, 'sendmsg', this.progress());
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
    const { native } = this.#channel;
    const { credentials, to } = this.#message;
    if (payload instanceof Uint8Array && credentials === undefined && to === undefined) {
      return native.send(payload, this.#offset, registers, count);
    }
    const buffers = payload instanceof Uint8Array ? [payload.subarray(this.#offset)] : payload;
    const claimed = credentials && Int32Array.of(credentials.pid, credentials.uid, credentials.gid);
    return native.sendVec(buffers as Uint8Array[], registers, count, to, claimed);
  }

  /** Puts the descriptors of the next try into the registers. */
  #load(): number {
    if (this.#descriptorsSent > 0) {
      return 0;
    }
    const { sources } = this.#message;
    // An owner's `fd` may be a getter that makes other calls, which use the registers too: ask all
    // before the first is put there.
    const fds = sources.map((source, index) => {
      source.check?.();
      return this.#duplicates?.[index] ?? source.fd();
    });
    for (let index = 0; index < fds.length; index += 1) {
      registers[index] = fds[index] as number;
    }
    return sources.length;
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
      const duplicate = environment().duplicate(fd);
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
