// Measures what a message costs with both ends in this process: WHAT BATCHES MESSAGES. Prints
// `point SERIES X NANOSECONDS`.
import { descriptors } from './descriptors.js';
import { layers } from './layers.js';
import type { Extent } from './measure.js';
import { payload } from './payload.js';
import { sockets } from './sockets.js';

const costs: Readonly<Record<string, (extent: Extent) => Promise<void>>> = {
  layers,
  sockets,
  descriptors,
  payload,
};
const [what = '', batches, messages] = process.argv.slice(2);

void costs[what]?.({ batches: Number(batches), messages: Number(messages) });
