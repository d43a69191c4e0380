import { median } from '../median.js';

/** How much is measured. */
export interface Extent {
  readonly batches: number;
  /** Messages of one batch. */
  readonly messages: number;
}

/** Lets the compiler see the code before anything is timed. */
const WARM_UP_BATCHES = 3;

/** Says the middle of some batches; `batch` passes `messages` messages. */
export async function measure(
  series: string,
  x: number,
  { batches, messages }: Extent,
  batch: (messages: number) => void | Promise<void>,
): Promise<void> {
  for (let warmUp = 0; warmUp < WARM_UP_BATCHES; warmUp += 1) {
    await batch(messages);
  }
  const times: number[] = [];
  for (let index = 0; index < batches; index += 1) {
    const start = process.hrtime.bigint();
    const waiting = batch(messages);
    if (waiting !== undefined) {
      await waiting;
    }
    times.push(Number(process.hrtime.bigint() - start) / messages);
  }
  console.log('point', series, x, median(times).toFixed(1));
}
