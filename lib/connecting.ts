import type { Address } from './address.js';
import { loadTimers } from './built-ins.js';
import { type CallOptions, checkCallOptions, timedOut } from './call.js';
import type { Channel } from './channel.js';
import { EAGAIN, ECONNREFUSED, ENOENT, EPROTOTYPE } from './errno.js';
import { conduitError, NOTHING_LEFT, systemFields, systemMessage } from './errors.js';

/** How long a full backlog is left alone before the next try, at first and at most. */
const BACK_OFF_MS = { first: 1, most: 50 };

const HINTS = new Map([
  [ECONNREFUSED, ' (nobody listens there)'],
  [ENOENT, ' (there is no such path)'],
  [EPROTOTYPE, ' (the server is of another type)'],
]);

/** Connects; a full backlog is tried again until it has room, or the call is given up. */
export async function connectInTurn(
  channel: Channel,
  address: Address,
  { signal, timeoutMs = Number.POSITIVE_INFINITY }: CallOptions,
): Promise<void> {
  const deadline = performance.now() + timeoutMs;
  for (let wait = BACK_OFF_MS.first; ; wait = Math.min(wait * 2, BACK_OFF_MS.most)) {
    const code = channel.native.connect(address.bytes);
    if (code >= 0) {
      return;
    }
    // A full backlog is EAGAIN, and readiness says nothing of it: only time helps.
    if (code !== EAGAIN) {
      throw conduitError(
        'FailedConnect',
        `No connection to ${address.text}: ${systemMessage(code)}${HINTS.get(code) ?? ''}`,
        { ...systemFields(code, 'connect'), address: address.text },
      );
    }
    const left = deadline - performance.now();
    if (left <= 0) {
      throw timedOut(timeoutMs, NOTHING_LEFT);
    }
    await loadTimers()
      .setTimeout(Math.min(wait, left), undefined, signal ? { signal } : {})
      .catch(() => checkCallOptions({ signal }));
  }
}
