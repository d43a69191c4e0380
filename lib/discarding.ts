import { WOULD_BLOCK, type Work } from './call.js';
import type { Channel } from './channel.js';
import { receiveAnyNow } from './receiving.js';

/** What one try throws away at most, so that a peer that never stops does not keep the thread. */
const MOST_READS = 16;

const CHUNK_BYTES = 65_536;

/** Throws away what comes, bytes and descriptors, until the end. */
export class Discarding implements Work<void> {
  readonly #channel: Channel;
  readonly #chunk = new Uint8Array(CHUNK_BYTES);

  constructor(channel: Channel) {
    this.#channel = channel;
  }

  attempt(): void | typeof WOULD_BLOCK {
    for (let reads = 0; reads < MOST_READS; reads += 1) {
      const bytesRead = receiveAnyNow(this.#channel, this.#chunk, 0);
      if (bytesRead === 0) {
        return undefined;
      }
      if (bytesRead === WOULD_BLOCK) {
        return WOULD_BLOCK;
      }
    }
    return WOULD_BLOCK;
  }
}
