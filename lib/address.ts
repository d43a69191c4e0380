import { wrongType, wrongValue } from './argument.js';
import { isBytes } from './io-vector.js';

/** `sun_path` less its closing NUL byte. */
const MAX_PATH_BYTES = process.platform === 'linux' ? 107 : 103;

/** The largest name that a kernel tells, and some. */
const NAME_ROOM = 128;

/** A socket's name, in the form that the native side takes. */
export interface Address {
  /** As it is written in messages. */
  readonly text: string;
  /** A path's bytes, or NUL and an abstract name. */
  readonly bytes: Uint8Array;
  /** The file's path; none for an abstract name. */
  readonly path: Buffer | undefined;
}

/** The name of a Unix socket, as the system tells it. Source: unix(7). */
export interface UnixAddress {
  /** A socket file, a name of Linux's abstract namespace, or a socket without a name. */
  readonly kind: 'path' | 'abstract' | 'unnamed';
  /** What `connect` takes: the path, NUL and the abstract name, or nothing. */
  readonly path: string;
  /** The same in bytes, for names that are not UTF-8. */
  readonly bytes: Uint8Array;
}

/** Checks a path, or (on Linux) an abstract name, which begins with a NUL byte as in Node. */
export function parseAddress(path: string | Uint8Array): Address {
  if (typeof path !== 'string' && !isBytes(path)) {
    throw wrongType('path', 'a string or a Uint8Array', path);
  }
  const bytes = Buffer.from(path as string);
  const name = bytes.toString();
  const isAbstract = bytes[0] === 0;
  const text = isAbstract ? `@${name.slice(1)}` : name;
  if (bytes.length === 0) {
    throw wrongValue('path', 'The path is empty, and nobody could connect to it');
  }
  if (isAbstract && process.platform !== 'linux') {
    throw wrongValue('path', `Abstract names such as ${text} exist on Linux only: use a path`);
  }
  const most = isAbstract ? MAX_PATH_BYTES + 1 : MAX_PATH_BYTES;
  if (bytes.length > most) {
    throw wrongValue(
      'path',
      `The socket's name ${text} has ${bytes.length} bytes, and this system takes ${most}: choose a shorter directory, or change into it and use a relative path`,
    );
  }
  if (!isAbstract && bytes.includes(0)) {
    throw wrongValue('path', 'A path cannot hold a NUL byte; only an abstract name can');
  }
  return { text, bytes, path: isAbstract ? undefined : bytes };
}

/** The address that `tell` writes into a buffer; a negative errno where it has none. */
export function addressOf(tell: (buffer: Uint8Array) => number): UnixAddress | number {
  const room = Buffer.alloc(NAME_ROOM);
  const length = tell(room);
  if (length < 0) {
    return length;
  }
  const bytes = room.subarray(0, length);
  const kind = length === 0 ? 'unnamed' : bytes[0] === 0 ? 'abstract' : 'path';
  return { kind, path: bytes.toString(), bytes };
}
