import type { FileHandle } from 'node:fs/promises';
import { type CallOptions, WOULD_BLOCK, type Work } from './call.js';
import type { Channel } from './channel.js';
import { FILLER_READ } from './filler.js';
import { closeHeld } from './native.js';
import { Placeholder } from './node-handles.js';
import { receiveNow } from './receiving.js';

/**
 * Receives one message's descriptors as `FileHandle`s. Their placeholders are opened first, and a
 * free slot for each is looked for before each try, so that a missing one leaves the message in
 * the socket.
 *
 * @param take the held numbers of the message that has just come; throws where it is not the one.
 */
export async function receiveFiles(
  channel: Channel,
  count: number,
  take: (bytesRead: number) => number[],
  options: CallOptions,
): Promise<FileHandle[]> {
  let opening: Promise<Placeholder[]> = Promise.resolve([]);
  let placeholders: readonly Placeholder[] = [];
  const work: Work<FileHandle[]> = {
    async gate() {
      opening = openAll(count);
      placeholders = await opening;
    },
    attempt() {
      placeholders[0]?.checkSlots(count);
      const bytesRead = receiveNow(channel, FILLER_READ, count);
      return bytesRead === WOULD_BLOCK ? WOULD_BLOCK : fillAll(placeholders, take(bytesRead));
    },
  };
  try {
    return await channel.perform('incoming', work, options);
  } catch (error) {
    await discardAll(await opening.catch(() => []));
    throw error;
  }
}

function fillAll(placeholders: readonly Placeholder[], held: number[]): FileHandle[] {
  const waiting = [...held];
  try {
    return placeholders.map((placeholder) => {
      const file = placeholder.fill(waiting[0] as number);
      waiting.shift();
      return file;
    });
  } catch (error) {
    closeHeld(waiting);
    throw error;
  }
}

async function openAll(count: number): Promise<Placeholder[]> {
  const opened = await Promise.allSettled(Array.from({ length: count }, () => Placeholder.open()));
  const failed = opened.find((result) => result.status === 'rejected');
  const placeholders = opened.flatMap((result) =>
    result.status === 'fulfilled' ? [result.value] : [],
  );
  if (failed !== undefined) {
    await discardAll(placeholders);
    throw failed.reason;
  }
  return placeholders;
}

async function discardAll(placeholders: readonly Placeholder[]): Promise<void> {
  await Promise.all(placeholders.map((placeholder) => placeholder.discard()));
}
