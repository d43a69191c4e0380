import { constants } from 'node:os';
import { WOULD_BLOCK, type Work } from './call.js';
import type { Channel } from './channel.js';
import {
  conduitError,
  failedTransfer,
  type Progress,
  systemFields,
  systemMessage,
} from './errors.js';
import { environment, registers } from './native.js';

export const EAGAIN = -constants.errno.EAGAIN;

/** Something whose descriptor is sent. */
export interface Source {
  /** The number, looked up whenever it is needed. Throws where there is none any more. */
  fd(): number;
  /** Called before each try to send it, of `fd` or of a duplicate. Throws where it must not leave as it is. */
  check?(): void;
  /** The message has left, this instant. `duplicate` is what was sent in the place of `fd`, if the call had to wait. */
  sent?(duplicate: number | undefined): void | Promise<void>;
}

/** One message on its way out. */
export class Sending implements Work<void> {
  readonly #channel: Channel;
  readonly #payload: Uint8Array;
  readonly #sources: readonly Source[];
  #duplicates: number[] | undefined;
  #offset = 0;
  #descriptorsSent = 0;

  constructor(channel: Channel, payload: Uint8Array, sources: readonly Source[]) {
    this.#channel = channel;
    this.#payload = payload;
    this.#sources = sources;
  }

  attempt(): void | Promise<void> | typeof WOULD_BLOCK {
    do {
      const count = this.#load();
      const sent = this.#channel.native.send(this.#payload, this.#offset, registers, count);
      if (sent === EAGAIN) {
        return WOULD_BLOCK;
      }
      if (sent < 0) {
        throw failedTransfer('The message could not be sent', sent, 'sendmsg', this.progress());
      }
      // The first byte of a stream takes all descriptors along: the rest goes without.
      this.#offset += sent;
      this.#descriptorsSent += count;
    } while (this.#offset < this.#payload.length);
    return this.#finish();
  }

  stage(): void {
    const duplicates: number[] = [];
    for (const source of this.#descriptorsSent === 0 ? this.#sources : []) {
      const fd = source.fd();
      const duplicate = environment().duplicate(fd);
      if (duplicate < 0) {
        closeAll(duplicates);
        throw conduitError(
          'BadClone',
          `Descriptor ${fd} has to wait for its turn, and could not be duplicated for that: ${systemMessage(duplicate)}`,
          systemFields(duplicate, 'fcntl'),
        );
      }
      duplicates.push(duplicate);
    }
    this.#duplicates = duplicates;
  }

  settle(): void {
    closeAll(this.#duplicates ?? []);
    this.#duplicates = undefined;
  }

  progress(): Progress {
    return { bytesWritten: this.#offset, descriptorsSent: this.#descriptorsSent };
  }

  /** Puts the descriptors of the next try into the registers. */
  #load(): number {
    if (this.#descriptorsSent > 0) {
      return 0;
    }
    const sources = this.#sources;
    for (let index = 0; index < sources.length; index += 1) {
      const source = sources[index] as Source;
      source.check?.();
      registers[index] = this.#duplicates?.[index] ?? source.fd();
    }
    return sources.length;
  }

  #finish(): void | Promise<void> {
    const closings: Promise<void>[] = [];
    this.#sources.forEach((source, index) => {
      const closing = source.sent?.(this.#duplicates?.[index]);
      if (closing !== undefined) {
        closings.push(closing);
      }
    });
    if (closings.length > 0) {
      return Promise.all(closings).then(() => undefined);
    }
  }
}

function closeAll(held: number[]): void {
  if (held.length > 0) {
    registers.set(held);
    environment().closeAll(registers, held.length);
  }
}
