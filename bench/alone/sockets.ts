import { openSync } from 'node:fs';
import { Conduit, put } from 'fd-conduit';
import { type Extent, measure } from './measure.js';

const COUNTS = [1, 10, 100, 300, 1000];

/** Conduits in this process, each with a receive that waits. */
class Crowd {
  readonly #fronts: Conduit[] = [];
  readonly #fd: number;
  #missing = 0;
  #arrived: () => void = () => {};
  #next = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  /** Grows to so many; answers whether the process may have them. */
  growTo(count: number): boolean {
    try {
      while (this.#fronts.length < count) {
        const [front, back] = Conduit.pair();
        this.#fronts.push(front);
        void this.#receive(back);
      }
      return true;
    } catch {
      return false;
    }
  }

  async #receive(back: Conduit): Promise<void> {
    for await (const descriptor of back) {
      descriptor.close();
      this.#missing -= 1;
      if (this.#missing === 0) this.#arrived();
    }
    back.close();
  }

  /** Sends so many over the first `busy` in turn, and waits until all have arrived. */
  async send(count: number, busy: number): Promise<void> {
    this.#missing = count;
    const arrived = new Promise<void>((resolve) => {
      this.#arrived = resolve;
    });
    for (let sent = 0; sent < count; sent += 1) {
      this.#next = (this.#next + 1) % busy;
      await put(this.#fronts[this.#next] as Conduit, [this.#fd]);
    }
    await arrived;
  }

  /** The other ends close when they read the end. */
  close(): void {
    for (const front of this.#fronts) front.close();
  }
}

/** What one message costs where many sockets wait. */
export async function sockets(extent: Extent): Promise<void> {
  const crowd = new Crowd(openSync('/dev/null', 'r'));
  for (const count of COUNTS) {
    if (!crowd.growTo(count)) break;
    for (const [series, busy] of [
      ['one-busy', 1],
      ['in-turn', count],
    ] as const) {
      await measure(series, count, extent, async (messages) => {
        for (let sent = 0; sent < messages; sent += 1) await crowd.send(1, busy);
      });
    }
    const laps = Math.ceil(extent.messages / count);
    await measure('all-at-once', count, { ...extent, messages: laps * count }, async () => {
      for (let lap = 0; lap < laps; lap += 1) await crowd.send(count, count);
    });
  }
  crowd.close();
}
