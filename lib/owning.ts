import { closeSync } from 'node:fs';
import { checkFd, wrongValue } from './argument.js';
import { loadWorkers } from './built-ins.js';
import { badClone } from './errors.js';
import { duplicateHeld, environment, ownerOf } from './native.js';

/** What `Environment.owner` answers. */
export const OWNED = 1;
export const WATCHED = 2;

/** Takes ownership of an open number that nobody here owns, and holds it. Throws otherwise. */
export function adoptHeld(fd: number): number {
  checkFd(fd, 'fd');
  const owner = ownerOf(fd);
  if (owner === OWNED || owner === WATCHED) {
    throw wrongValue(
      'fd',
      `Descriptor ${fd} has an owner in this process already, which would close it too: pass that owner, or duplicate the descriptor first`,
    );
  }
  // A worker closes the numbers that its fs.open gave out when it ends, whoever has them then: there
  // the number goes back by fs.close, and a duplicate takes its place.
  const { isMainThread } = loadWorkers();
  const held = isMainThread ? environment().adopt(fd) : duplicateHeld(fd);
  if (held < 0) {
    throw badClone(`Descriptor ${fd} cannot be adopted`, held, 'fcntl');
  }
  if (held !== fd) {
    closeOriginal(fd);
  }
  return held;
}

/** The number is free whatever the system reports, and the duplicate has the file. */
function closeOriginal(fd: number): void {
  try {
    closeSync(fd);
  } catch {
    // The owner of the duplicate is told of a failing file when that is closed.
  }
}
