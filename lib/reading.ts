import { WOULD_BLOCK, type Work } from './call.js';
import type { Channel } from './channel.js';
import { bytesIn, gone, type Memory } from './io-vector.js';
import { receiveNow } from './receiving.js';

/** One message on its way into a buffer, or into several. Its value is what `answer` makes of it. */
export class Reading<T> implements Work<T> {
  readonly #channel: Channel;
  readonly #memory: Memory;
  readonly #maxDescriptors: number;
  readonly #answer: (channel: Channel, bytesRead: number) => T;
  readonly #bytes: number;

  constructor(
    channel: Channel,
    memory: Memory,
    maxDescriptors: number,
    answer: (channel: Channel, bytesRead: number) => T,
  ) {
    this.#channel = channel;
    this.#memory = memory;
    this.#maxDescriptors = maxDescriptors;
    this.#answer = answer;
    this.#bytes = bytesIn(memory);
  }

  attempt(): T | typeof WOULD_BLOCK {
    if (bytesIn(this.#memory) !== this.#bytes) {
      throw gone();
    }
    const bytes = receiveNow(this.#channel, this.#memory, this.#maxDescriptors);
    return bytes === WOULD_BLOCK ? WOULD_BLOCK : this.#answer(this.#channel, bytes);
  }
}
