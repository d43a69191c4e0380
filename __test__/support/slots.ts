import { closeSync, openSync } from 'node:fs';

/** Leaves this process so many free descriptor slots; answers what it opened for that. */
export function fillSlots(free: number): number[] {
  const filled: number[] = [];
  try {
    for (;;) {
      filled.push(openSync('/dev/null', 'r'));
    }
  } catch {
    freeSlots(filled.splice(filled.length - free));
    return filled;
  }
}

/** Gives slots back. */
export function freeSlots(filled: readonly number[]): void {
  for (const fd of filled) {
    closeSync(fd);
  }
}
