import { checkInteger, checkOptions } from './argument.js';
import type { CallOptions } from './call.js';
import { MAX_DESCRIPTORS } from './native.js';

/** How many messages or connections a batch holds, if nothing is said. */
const DEFAULT_BATCH = 64;

/** How a batch is received. */
export interface BatchOptions extends CallOptions {
  /** The most messages of one batch, 1 to 253; 64 by default. */
  readonly max?: number;
}

/** How many a batch holds at most. Throws `InvalidArgument`. */
export function batchSize(options: BatchOptions): number {
  checkOptions(options);
  const { max = DEFAULT_BATCH } = options;
  checkInteger(max, 'options.max', 1, MAX_DESCRIPTORS);
  return max;
}
