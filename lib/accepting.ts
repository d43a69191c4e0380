import { wrongType } from './argument.js';
import { loadTimers } from './built-ins.js';
import { WOULD_BLOCK, type Work } from './call.js';
import type { Channel } from './channel.js';
import { DescriptorList } from './descriptor-list.js';
import { EAGAIN } from './errno.js';
import {
  conduitError,
  type FailedAcceptError,
  isConduitError,
  systemFields,
  systemMessage,
} from './errors.js';
import { registers, transport } from './native.js';
import { numbersIn } from './receiving.js';

/** How long an iteration without free slots waits before it accepts again. */
const RETRY_MS = 50;

/** Failures of `accept` that pass: the connection still waits, or another one will come. */
const PASSING = new Set(['EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM', 'ECONNABORTED', 'EPROTO']);

/** Who is told of failures that pass. */
export type OnRetry = (error: FailedAcceptError) => void;

/** Throws unless the option is such. */
export function checkOnRetry(onRetry: unknown): void {
  if (onRetry !== undefined && typeof onRetry !== 'function') {
    throw wrongType('options.onRetry', 'a function', onRetry);
  }
}

/** One connection on its way in. Its value is what `wrap` makes of the number, which is held. */
export class Accepting<T> implements Work<T> {
  readonly #channel: Channel;
  readonly #wrap: (held: number) => T;

  constructor(channel: Channel, wrap: (held: number) => T) {
    this.#channel = channel;
    this.#wrap = wrap;
  }

  attempt(): T | typeof WOULD_BLOCK {
    const came = acceptNow(this.#channel, 1);
    return came === WOULD_BLOCK ? WOULD_BLOCK : this.#wrap(registers[0] as number);
  }
}

/** All connections that wait, at most so many, by one native call. */
export class AcceptingEach implements Work<DescriptorList> {
  readonly #channel: Channel;
  readonly #max: number;

  constructor(channel: Channel, max: number) {
    this.#channel = channel;
    this.#max = max;
  }

  attempt(): DescriptorList | typeof WOULD_BLOCK {
    const came = acceptNow(this.#channel, this.#max);
    return came === WOULD_BLOCK ? WOULD_BLOCK : new DescriptorList(numbersIn(0, came));
  }
}

/**
 * What `accept` answers again and again, until the server is closed. A failure that passes is told
 * to `onRetry`, and waited out.
 */
export async function* untilClosed<T>(
  server: { readonly isClosed: boolean },
  accept: () => Promise<T>,
  onRetry: OnRetry | undefined,
): AsyncGenerator<T, void, undefined> {
  while (!server.isClosed) {
    let accepted: T;
    try {
      accepted = await accept();
    } catch (error) {
      if (server.isClosed) {
        return;
      }
      if (!isConduitError(error) || error.type !== 'FailedAccept' || !PASSING.has(error.code)) {
        throw error;
      }
      onRetry?.(error);
      await loadTimers().setTimeout(RETRY_MS);
      continue;
    }
    yield accepted;
  }
}

/** Accepts at most so many connections into the registers, held. Answers how many, at least one. */
function acceptNow(channel: Channel, max: number): number | typeof WOULD_BLOCK {
  const came = transport.acceptEach(channel.slot, max, registers);
  if (came === EAGAIN) {
    return WOULD_BLOCK;
  }
  if (came < 0) {
    throw failedAccept(came);
  }
  return came;
}

function failedAccept(code: number): FailedAcceptError {
  const fields = systemFields(code, 'accept');
  const hint = PASSING.has(fields.code)
    ? '; the server goes on, and the next call tries again'
    : '';
  return conduitError(
    'FailedAccept',
    `No connection could be accepted: ${systemMessage(code)}${hint}`,
    fields,
  );
}
