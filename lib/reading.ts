import { WOULD_BLOCK, type Work } from './call.js';
import type { Channel } from './channel.js';
import { bytesIn, gone, type Memory } from './io-vector.js';
import type { Message } from './message.js';
import { messageOf, receiveNow } from './receiving.js';

/** One message on its way into a buffer, or into several. */
export class Reading implements Work<Message> {
  readonly #channel: Channel;
  readonly #memory: Memory;
  readonly #maxDescriptors: number;
  readonly #bytes: number;

  constructor(channel: Channel, memory: Memory, maxDescriptors: number) {
    this.#channel = channel;
    this.#memory = memory;
    this.#maxDescriptors = maxDescriptors;
    this.#bytes = bytesIn(memory);
  }

  attempt(): Message | typeof WOULD_BLOCK {
    if (bytesIn(this.#memory) !== this.#bytes) {
      throw gone();
    }
    const bytes = receiveNow(this.#channel, this.#memory, this.#maxDescriptors);
    return bytes === WOULD_BLOCK ? WOULD_BLOCK : messageOf(this.#channel, bytes);
  }
}
