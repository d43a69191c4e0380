import { wrongType, wrongValue } from './argument.js';

/** `sun_path` less its closing NUL byte. */
const MAX_PATH_BYTES = process.platform === 'linux' ? 107 : 103;

/** A socket's name, in the form that the native side takes. */
export interface Address {
  /** As it is written in messages. */
  readonly text: string;
  /** A path's bytes, or NUL and an abstract name. */
  readonly bytes: Uint8Array;
  /** The file's path; none for an abstract name. */
  readonly path: string | undefined;
}

/**
 * Checks a path, or (on Linux) an abstract name, which begins with a NUL byte as in Node.
 */
export function parseAddress(path: unknown): Address {
  if (typeof path !== 'string') {
    throw wrongType('path', 'a string', path);
  }
  const bytes = Buffer.from(path);
  const isAbstract = path.startsWith('\0');
  const text = isAbstract ? `@${path.slice(1)}` : path;
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
  if (!isAbstract && path.includes('\0')) {
    throw wrongValue('path', 'A path cannot hold a NUL byte; only an abstract name can');
  }
  return { text, bytes, path: isAbstract ? undefined : path };
}
