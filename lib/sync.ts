import { timedOut, WOULD_BLOCK, type Work } from './call.js';
import { type Channel, type Direction, PACE_MS } from './channel.js';
import { EBUSY } from './errno.js';
import { failedTransfer, NOTHING_LEFT } from './errors.js';
import { pauseThread } from './pause.js';

/** What poll(2) can count. */
const MAX_POLL_MS = 2 ** 31 - 1;

/**
 * Does `work` on this thread, waiting in the system at most so long. Throws where other calls wait
 * already, as it would overtake them.
 */
export function performSync<T>(
  channel: Channel,
  direction: Direction,
  work: Work<T>,
  timeoutMs: number,
): T | Promise<T> {
  if (!channel.isFree(direction)) {
    throw failedTransfer(
      'Other calls wait, and a synchronous one would overtake them',
      EBUSY,
      'poll',
    );
  }
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = channel.attempt(direction, work);
    if (value !== WOULD_BLOCK) {
      return value;
    }
    const left = Math.min(Math.ceil(deadline - performance.now()), MAX_POLL_MS);
    if (left <= 0) {
      const progress = work.progress?.() ?? NOTHING_LEFT;
      if (progress.bytesWritten > 0) {
        channel.breakOff();
      }
      throw timedOut(timeoutMs, progress);
    }
    wait(channel, direction, left);
  }
}

function wait({ native, type }: Channel, direction: Direction, timeoutMs: number): void {
  const code = native.wait(direction === 'incoming', timeoutMs);
  if (code < 0) {
    throw failedTransfer('The descriptor cannot be waited for', code, 'poll');
  }
  if (direction === 'outgoing' && type === 'dgram') {
    pauseThread(Math.min(PACE_MS, timeoutMs));
  }
}
