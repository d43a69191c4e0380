import type { FileHandle } from 'node:fs/promises';
import { Server, Socket } from 'node:net';
import { checkFd, wrongType } from './argument.js';
import { conduitError } from './errors.js';
import { descriptorOf } from './socket-handle.js';

/** An object of this library that has a descriptor: -1 once it is closed, released or converted. */
export interface Owner {
  /** The number; the object's to close. */
  readonly fd: number;
}

/** Whatever has a descriptor. */
export type Descriptive = number | FileHandle | Socket | Server | Owner;

/** Something whose descriptor is sent: a bare number, or what has one and is told. */
export type Source = number | Sender;

/** What has a descriptor, and is told when that has left. */
export interface Sender {
  /** The number, looked up whenever it is needed. Throws where there is none any more. */
  fd(): number;
  /** Throws where it must not leave now, whoever holds a duplicate. */
  check?(): void;
  /** The message has left, this instant. `duplicate` is what was sent in the place of `fd`, if the call had to wait. */
  sent?(duplicate: number | undefined): void | Promise<void>;
}

/** The number to send: that of a duplicate, if there is one. */
export function numberOf(source: Source, duplicate: number | undefined): number {
  if (typeof source === 'number') {
    return duplicate ?? source;
  }
  source.check?.();
  return duplicate ?? source.fd();
}

/** Tells the sources that their message has left; `closings` gets what goes on after this instant. */
export function tellSent(
  sources: readonly Source[],
  duplicates: readonly number[],
  closings: Promise<void>[],
): void {
  const failures: unknown[] = [];
  for (let index = 0; index < sources.length; index += 1) {
    const source = sources[index];
    if (typeof source === 'object') {
      tell(source, duplicates[index], closings, failures);
    }
  }
  // All are told before the first failure is.
  if (failures.length > 0) {
    throw failures[0];
  }
}

function tell(
  source: Sender,
  duplicate: number | undefined,
  closings: Promise<void>[],
  failures: unknown[],
): void {
  try {
    const closing = source.sent?.(duplicate);
    if (closing !== undefined) {
      // Others of a list may wait for their turn before anybody looks at it.
      closing.catch(() => undefined);
      closings.push(closing);
    }
  } catch (error) {
    failures.push(error);
  }
}

/** The sources of a list. Throws where one has no descriptor, now. */
export function sourcesOf(values: readonly Descriptive[]): Source[] {
  const sources: Source[] = [];
  const { length } = values;
  for (let index = 0; index < length; index += 1) {
    const value = values[index] as Descriptive;
    if (typeof value === 'number') {
      checkFd(value, 'fd');
      sources.push(value);
    } else {
      sources.push(senderOf(value));
    }
  }
  return sources;
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
  if (value instanceof Socket || value instanceof Server) {
    return () => descriptorOf(value);
  }
  if (typeof value !== 'object' || value === null || typeof value.fd !== 'number') {
    throw wrongType(
      'what is sent',
      'a number, a FileHandle, a net.Socket, a net.Server or an object of this library with an fd',
      value,
    );
  }
  return () => {
    const { fd } = value;
    if (fd < 0) {
      throw conduitError(
        'NoFD',
        `The ${value.constructor?.name ?? 'object'} is closed or released, and has no descriptor any more`,
        { code: 'ERR_NO_FD' },
      );
    }
    checkFd(fd, 'fd');
    return fd;
  };
}
