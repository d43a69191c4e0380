import { kindOf, wrongValue } from './argument.js';
import type { Channel } from './channel.js';
import { failedCall } from './errors.js';

/** Which direction of a connection is ended. */
export type Ending = 'read' | 'write' | 'both';

/** What shutdown(2) counts. */
const HOW = { read: 0, write: 1, both: 2 } as const;

/** Ends one direction of a connection, or both. Throws `FailedCall`. */
export function shutDown(channel: Channel, how: Ending): void {
  if (typeof how !== 'string' || !Object.hasOwn(HOW, how)) {
    throw wrongValue('how', `how must be 'read', 'write' or 'both', but it is ${kindOf(how)}`);
  }
  const code = channel.native.shutdown(HOW[how]);
  if (code < 0) {
    throw failedCall('The socket cannot be shut down', code, 'shutdown');
  }
}
