import { type CallOptions, WOULD_BLOCK, type Work } from './call.js';
import type { Channel } from './channel.js';
import { EAGAIN } from './errno.js';
import { failedTransfer, isConduitError, type Progress } from './errors.js';
import { closeHeld, registers, transport } from './native.js';
import { nothing } from './sending.js';
import type { Sources } from './sources.js';

/** Many messages of one descriptor each, on their way out by few native calls. */
export class SendingEach implements Work<void> {
  readonly gate?: () => Promise<unknown>;
  readonly #channel: Channel;
  readonly #sources: Sources;
  readonly #closings: Promise<void>[] = [];
  #duplicates: number[] = [];
  #sent = 0;

  constructor(channel: Channel, sources: Sources, gates: readonly Promise<unknown>[] = []) {
    this.#channel = channel;
    this.#sources = sources;
    if (gates.length > 0) {
      // Joined when somebody waits for them: a list that is refused at once leaves no rejection.
      this.gate = () => Promise.all(gates);
    }
  }

  /** How many have left so far. */
  get sent(): number {
    return this.#sent;
  }

  /** Does it in its turn. Whatever it fails of, the error tells how many have left. */
  async perform(options: CallOptions): Promise<void> {
    try {
      await this.#channel.perform('outgoing', this, options);
    } catch (error) {
      throw isConduitError(error) && this.#sent > 0
        ? Object.assign(error, { descriptorsSent: this.#sent })
        : error;
    }
  }

  attempt(): void | Promise<void> | typeof WOULD_BLOCK {
    const total = this.#sources.length;
    this.#channel.checkWhole();
    while (this.#sent < total) {
      const left = transport.sendEach(
        this.#channel.slot,
        registers,
        this.#sources.load(this.#sent, this.#duplicates),
      );
      if (left === EAGAIN) {
        return WOULD_BLOCK;
      }
      if (left < 0) {
        throw failedTransfer('A message could not be sent', left, 'sendmsg', this.progress());
      }
      this.#tell(left);
    }
    return this.#closings.length === 0 ? undefined : Promise.all(this.#closings).then(nothing);
  }

  stage(): void {
    this.#duplicates = this.#sources.duplicate(this.#sent);
  }

  settle(): void {
    closeHeld(this.#duplicates);
    this.#duplicates = [];
  }

  /** Whole messages only: the stream can always be used on. */
  progress(): Progress {
    return { bytesWritten: 0, descriptorsSent: this.#sent };
  }

  #tell(left: number): void {
    const gone = this.#duplicates.splice(0, left);
    const from = this.#sent;
    this.#sent += left;
    try {
      this.#sources.tell(from, this.#sent, gone, this.#closings);
    } finally {
      closeHeld(gone);
    }
  }
}
