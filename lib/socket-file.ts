import { chmodSync, closeSync, lstatSync, openSync, type Stats, unlinkSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname } from 'node:path';
import type { Address } from './address.js';
import {
  conduitError,
  type FailedListenError,
  isConduitError,
  systemFields,
  systemMessage,
} from './errors.js';
import { environment, openSocket } from './native.js';

const SOCK_STREAM = 1;
const { EADDRINUSE, ECONNREFUSED, EWOULDBLOCK } = constants.errno;

/** How often, and after how long, another starter's lock is tried again: it is held for microseconds. */
const LOCK_TRIES = 50;
const LOCK_RETRY_MS = 2;

/** The two steps of a starting server. */
interface Steps {
  bind(): void;
  listen(): void;
}

/** The file of a bound path: removed by whoever made it, and by nobody else. */
export class SocketFile {
  readonly #path: string;
  readonly #made: Stats;

  constructor(path: string) {
    this.#path = path;
    this.#made = lstatSync(path);
  }

  /** Removes the file, unless another server has replaced it. */
  remove(): void {
    const now = lstatSync(this.#path, { throwIfNoEntry: false });
    if (now !== undefined && now.ino === this.#made.ino && now.dev === this.#made.dev) {
      unlinkSync(this.#path);
    }
  }
}

/**
 * Binds, sets the mode and listens, in this order: nobody connects before the mode is right. Two
 * starters cannot both find one stale file and remove each other's: a lock on the directory
 * covers all of it.
 */
export function bindPath(
  address: Address,
  mode: number | undefined,
  steps: Steps,
): SocketFile | undefined {
  const { path } = address;
  if (path === undefined) {
    steps.bind();
    steps.listen();
    return undefined;
  }
  const unlock = lock(dirname(path));
  try {
    bindOverStale(address, path, unlock !== undefined, steps);
    return listenAt(path, mode, steps);
  } catch (error) {
    throw isConduitError(error) ? error : failedFile(address, error as NodeJS.ErrnoException);
  } finally {
    unlock?.();
  }
}

function bindOverStale(address: Address, path: string, locked: boolean, steps: Steps): void {
  try {
    steps.bind();
  } catch (error) {
    if (!isConduitError(error) || error.code !== 'EADDRINUSE') {
      throw error;
    }
    removeStale(address, path, locked);
    steps.bind();
  }
}

function listenAt(path: string, mode: number | undefined, steps: Steps): SocketFile {
  const file = new SocketFile(path);
  try {
    if (mode !== undefined) {
      chmodSync(path, mode);
    }
    steps.listen();
  } catch (error) {
    file.remove();
    throw error;
  }
  return file;
}

/** Removes a socket file that nobody listens on; throws where it is anything else. */
function removeStale(address: Address, path: string, locked: boolean): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    return;
  }
  if (!found.isSocket()) {
    throw inUse(address, 'is a file that is no socket, and is left as it is: choose another path');
  }
  if (probe(address) !== -ECONNREFUSED) {
    throw inUse(address, 'has a server that listens on it: stop that one, or choose another path');
  }
  if (!locked) {
    throw inUse(
      address,
      'is stale, but its directory cannot be locked against other starters: remove the file by hand',
    );
  }
  unlinkSync(path);
}

/** What a client would be told. */
function probe(address: Address): number {
  const held = environment().openSocket(SOCK_STREAM);
  if (held < 0) {
    return held;
  }
  const { native } = openSocket(held);
  const code = native.connect(address.bytes);
  native.close();
  return code;
}

/** Locks a directory; answers how to unlock it, or nothing where it cannot be read. */
function lock(directory: string): (() => void) | undefined {
  let fd: number;
  try {
    fd = openSync(directory, 'r');
  } catch {
    // A directory that cannot be read, or is not there: bind says what there is to say.
    return undefined;
  }
  for (let tries = 0; tries < LOCK_TRIES; tries += 1) {
    if (environment().tryLock(fd) !== -EWOULDBLOCK) {
      return () => closeSync(fd);
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, LOCK_RETRY_MS);
  }
  closeSync(fd);
  return undefined;
}

function failedFile(address: Address, cause: NodeJS.ErrnoException): FailedListenError {
  const { errno = -5, syscall = 'bind' } = cause;
  return conduitError(
    'FailedListen',
    `Nobody can listen on ${address.text}: ${cause.message}`,
    { ...systemFields(errno, syscall), address: address.text },
    cause,
  );
}

function inUse(address: Address, why: string): FailedListenError {
  return conduitError(
    'FailedListen',
    `Nobody can listen on ${address.text} (${systemMessage(-EADDRINUSE)}): it ${why}`,
    { ...systemFields(-EADDRINUSE, 'bind'), address: address.text },
  );
}
