import type { FileHandle } from 'node:fs/promises';
import type { Server, Socket } from 'node:net';
import { checkFd, wrongType } from './argument.js';
import { isNetServer, isNetSocket } from './built-ins.js';
import { conduitError } from './errors.js';
import { descriptorOf } from './socket-handle.js';

/** An object of this library that has a descriptor: -1 once it is closed, released or converted. */
export interface Owner {
  /** The number; the object's to close. */
  readonly fd: number;
}

/** Whatever has a descriptor. */
export type Descriptive = number | FileHandle | Socket | Server | Owner;

/** What has a descriptor, and is told when that has left. */
export interface Sender {
  /** The number, looked up whenever it is needed. Throws where there is none any more. */
  fd(): number;
  /** Throws where it must not leave now, whoever holds a duplicate. */
  check?(): void;
  /** The message has left, this instant. `duplicate` is what was sent in the place of `fd`, if the call had to wait. */
  sent?(duplicate: number | undefined): void | Promise<void>;
}

/** The source of anything that has a descriptor. Throws where it has none, now. */
export function senderOf(value: Descriptive): Sender {
  const fd = lookUp(value);
  fd();
  return { fd };
}

function lookUp(value: Descriptive): () => number {
  if (typeof value === 'number') {
    checkFd(value, 'fd');
    return () => value;
  }
  if (isNetSocket(value) || isNetServer(value)) {
    return () => descriptorOf(value);
  }
  if (typeof value !== 'object' || value === null || typeof value.fd !== 'number') {
    throw wrongType(
      'what is sent',
      'a number, a FileHandle, a net.Socket, a net.Server or an object of this library with an fd',
      value,
    );
  }
  return () => fdOf(value);
}

/** The number of an object that has one. Throws where it has none any more. */
export function fdOf(owner: Owner | FileHandle): number {
  const { fd } = owner;
  if (fd < 0) {
    throw conduitError(
      'NoFD',
      `The ${owner.constructor?.name ?? 'object'} is closed or released, and has no descriptor any more`,
      { code: 'ERR_NO_FD' },
    );
  }
  checkFd(fd, 'fd');
  return fd;
}
