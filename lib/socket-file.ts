import { chmodSync, closeSync, lstatSync, openSync, type Stats, unlinkSync } from 'node:fs';
import type { Address } from './address.js';
import { checkInteger } from './argument.js';
import type { Channel } from './channel.js';
import { EADDRINUSE, EAGAIN, ECONNREFUSED, EIO } from './errno.js';
import {
  conduitError,
  type FailedListenError,
  isConduitError,
  systemFields,
  systemMessage,
} from './errors.js';
import { environment, openSocket } from './native.js';
import { pauseThread } from './pause.js';
import { framingOf, openHeld, type SocketType } from './socket-type.js';

const SLASH = 0x2f;
const MAX_BACKLOG = 2 ** 31 - 1;

/** How often, and after how long, another starter's lock is tried again: it is held for microseconds. */
const LOCK_TRIES = 50;
const LOCK_RETRY_MS = 2;

/** How a socket takes its name. */
export interface NamingOptions {
  /** The permissions of its file. */
  readonly mode?: number | undefined;
  /** How many connections may wait; without it, the socket does not listen. */
  readonly backlog?: number;
}

interface Naming extends NamingOptions {
  readonly address: Address;
  readonly channel: Channel;
}

/** The file of a bound path: removed by whoever made it, and by nobody else. */
export class SocketFile {
  readonly #path: Buffer;
  readonly #made: Stats;

  constructor(path: Buffer) {
    // The program may change its directory meanwhile.
    this.#path = Buffer.concat([Buffer.from(path[0] === SLASH ? '' : `${process.cwd()}/`), path]);
    this.#made = lstatSync(path);
  }

  /** Removes the file, unless another server has replaced it. */
  remove(): void {
    try {
      const now = lstatSync(this.#path, { throwIfNoEntry: false });
      if (now !== undefined && now.ino === this.#made.ino && now.dev === this.#made.dev) {
        unlinkSync(this.#path);
      }
    } catch (error) {
      const { code, errno = EIO, message, syscall = 'unlink' } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT') {
        throw conduitError(
          'FailedClose',
          `The socket is closed, but its file stays: ${message}`,
          systemFields(errno, syscall),
          error,
        );
      }
    }
  }
}

/**
 * What gives a socket its name: binds, sets the mode and listens, in this order, so that nobody
 * connects before the mode is right. Two starters cannot both find one stale file and remove each
 * other's: a lock on the directory covers all of it.
 */
export function naming(
  address: Address,
  options: NamingOptions,
): (channel: Channel) => SocketFile | undefined {
  if (options.mode !== undefined) {
    checkInteger(options.mode, 'options.mode', 0, 0o777);
  }
  return (channel) => bindAndListen({ address, channel, ...options });
}

function bindAndListen(naming: Naming): SocketFile | undefined {
  const { address } = naming;
  const unlock = address.path && lock(directoryOf(address.path));
  try {
    bind(naming, unlock !== undefined);
    const file = address.path && new SocketFile(address.path);
    prepare(naming, file);
    return file;
  } catch (error) {
    throw isConduitError(error) ? error : failedFile(address, error as NodeJS.ErrnoException);
  } finally {
    unlock?.();
  }
}

function bind(naming: Naming, locked: boolean): void {
  const { address, channel } = naming;
  let code = channel.native.bind(address.bytes);
  if (code === EADDRINUSE && address.path !== undefined) {
    removeStale(address, address.path, locked, channel.type);
    code = channel.native.bind(address.bytes);
  }
  check(address, code, 'bind');
}

function prepare({ address, channel, mode, backlog }: Naming, file: SocketFile | undefined): void {
  try {
    if (address.path !== undefined && mode !== undefined) {
      chmodSync(address.path, mode);
    }
    if (backlog !== undefined) {
      listen(channel, backlog, address.text);
    }
  } catch (error) {
    file?.remove();
    throw error;
  }
}

/** Lets others connect. Throws `FailedListen`. */
export function listen(channel: Channel, backlog: number, name: string): void {
  checkInteger(backlog, 'options.backlog', 0, MAX_BACKLOG);
  check({ text: name }, channel.native.listen(backlog), 'listen');
}

function check({ text }: Pick<Address, 'text'>, code: number, syscall: string): void {
  if (code < 0) {
    throw conduitError('FailedListen', `Nobody can listen on ${text}: ${systemMessage(code)}`, {
      ...systemFields(code, syscall),
      address: text,
    });
  }
}

/** Removes a socket file that nobody listens on; throws where it is anything else. */
function removeStale(address: Address, path: Buffer, locked: boolean, type: SocketType): void {
  const found = lstatSync(path, { throwIfNoEntry: false });
  if (found === undefined) {
    return;
  }
  if (!found.isSocket()) {
    throw inUse(address, 'is a file that is no socket, and is left as it is: choose another path');
  }
  if (probe(address, type) !== ECONNREFUSED) {
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
function probe(address: Address, type: SocketType): number {
  const native = openSocket(openHeld(type), framingOf(type));
  const code = native.connect(address.bytes);
  native.close();
  return code;
}

/** Locks a directory against other starters; answers how to unlock it, or nothing where it cannot be read. */
export function lock(directory: Buffer | string): (() => void) | undefined {
  let fd: number;
  try {
    fd = openSync(directory, 'r');
  } catch {
    // A directory that cannot be read, or is not there: bind says what there is to say.
    return undefined;
  }
  for (let tries = 0; tries < LOCK_TRIES; tries += 1) {
    if (environment().tryLock(fd) !== EAGAIN) {
      return () => closeSync(fd);
    }
    pauseThread(LOCK_RETRY_MS);
  }
  closeSync(fd);
  return undefined;
}

function directoryOf(path: Buffer): Buffer | string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '.' : slash === 0 ? '/' : path.subarray(0, slash);
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
    `Nobody can listen on ${address.text} (${systemMessage(EADDRINUSE)}): it ${why}`,
    { ...systemFields(EADDRINUSE, 'bind'), address: address.text },
  );
}
