import { fstatSync, readdirSync, type Stats } from 'node:fs';
import type { ExecutionContext } from 'ava';
import { warmUp } from './warm-up.js';

const LISTING = process.platform === 'linux' ? '/proc/self/fd' : '/dev/fd';

/** The descriptors that this process has open: number, device, inode and kind of each, in order. */
export function openDescriptors(): string[] {
  const numbers = readdirSync(LISTING).map(Number);
  return numbers.sort((a, b) => a - b).flatMap(described);
}

/** Whether the descriptor is open. */
export function isOpen(fd: number): boolean {
  return described(fd).length === 1;
}

/** What tells one open inode from another, whatever its number is here. */
export function inodeOf(fd: number): string {
  const { dev, ino } = fstatSync(fd);
  return `${dev}:${ino}`;
}

/** Runs `body`; afterwards exactly the descriptors of before are open, by number and inode. */
export async function exactly(t: ExecutionContext, body: () => Promise<unknown>): Promise<void> {
  await warmUp();
  const before = openDescriptors();
  await body();
  t.deepEqual(await settled(before), before);
}

/**
 * The open descriptors once they are as `wanted`. What Node closes, it closes in later turns of
 * the loop, so a set that differs gets some turns before it counts as different.
 */
async function settled(wanted: readonly string[]): Promise<string[]> {
  let now = openDescriptors();
  for (let turn = 0; turn < 100 && now.join() !== wanted.join(); turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 10));
    now = openDescriptors();
  }
  return now;
}

function described(fd: number): string[] {
  try {
    const stats = fstatSync(fd);
    return [`${fd} ${stats.dev}:${stats.ino} ${kindOf(stats)}`];
  } catch {
    // The listing's own descriptor, which is closed by now.
    return [];
  }
}

function kindOf(stats: Stats): string {
  if (stats.isSocket()) {
    return 'socket';
  }
  if (stats.isFIFO()) {
    return 'pipe';
  }
  return stats.isFile() ? 'file' : 'other';
}
