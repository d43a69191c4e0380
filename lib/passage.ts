import { closeSync, linkSync, lstatSync, renameSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import { Server, Socket } from 'node:net';
import { constants } from 'node:os';
import { checkFd, wrongType, wrongValue } from './argument.js';
import { Descriptor } from './descriptor.js';
import {
  conduitError,
  type FailedCloseError,
  failedTransfer,
  type UnreadDataError,
} from './errors.js';
import { environment } from './native.js';
import { SocketBase } from './socket-base.js';
import { stopReading } from './socket-handle.js';
import { type Source, sourceOf } from './source.js';
import type { UnixServer } from './unix-server.js';
import type { UnixSocket } from './unix-socket.js';

/**
 * What `Conduit.transfer` takes: a number that no object owns, or an object that owns a
 * descriptor. Once it is sent, a number is closed, a `FileHandle` and a `net.Server` are closed, a
 * `net.Socket` is destroyed, and a {@link Descriptor} is empty.
 */
export type Transferable =
  | number
  | FileHandle
  | Socket
  | Server
  | Descriptor
  | UnixSocket
  | UnixServer;

/** The passing of one descriptor, from whatever owned it. */
export interface Passage extends Source {
  /** What has to be over before it can leave, if anything. */
  readonly gate?: Promise<void>;
  /** It did not leave: the owner can be used as before. */
  kept?(): void;
}

const OWNED = 1;
const WATCHED = 2;

const EBUSY = -constants.errno.EBUSY;

/** The passage of anything that can be transferred. */
export function passageOf(value: Transferable): Passage {
  if (typeof value === 'number') {
    return passageOfFd(value);
  }
  if (value instanceof Descriptor) {
    return passageOfDescriptor(value);
  }
  if (value instanceof SocketBase) {
    return passageOfOwnSocket(value);
  }
  if (value instanceof Socket) {
    return passageOfSocket(value);
  }
  if (value instanceof Server) {
    return passageOfServer(value);
  }
  return passageOfFile(value);
}

/** A bare number, which the caller owns. */
export function passageOfFd(value: number): Passage {
  checkFd(value, 'fd');
  const owner = environment().owner(value);
  if (owner === OWNED) {
    throw wrongValue(
      'fd',
      `Descriptor ${value} is owned by an object of this library, which would close it too: pass the object`,
    );
  }
  if (owner === WATCHED) {
    throw wrongValue(
      'fd',
      `Descriptor ${value} is watched by Node's event loop for some object, which would go on with it: pass the object, a net.Socket with transferSocket`,
    );
  }
  return {
    fd: () => value,
    sent(duplicate) {
      // Whoever closed it meanwhile may have freed the number for a stranger.
      if (duplicate === undefined || environment().sameOpenFile(duplicate, value)) {
        closeFd(value);
      }
    },
  };
}

/** A `FileHandle`. */
export function passageOfFile(value: FileHandle): Passage {
  if (!isFileHandle(value)) {
    throw wrongType(
      'what is transferred',
      'a number, a FileHandle, a net.Socket, a net.Server, a Descriptor or a socket of this library',
      value,
    );
  }
  return {
    ...sourceOf(value),
    async sent() {
      try {
        await value.close();
      } catch (error) {
        throw failedClose('FileHandle', error);
      }
    },
  };
}

/** A `net.Socket`: written out before, not read any more, closed here without `shutdown`. */
export function passageOfSocket(socket: Socket): Passage {
  if (!(socket instanceof Socket)) {
    throw wrongType('socket', 'a net.Socket', socket);
  }
  const source = sourceOf(socket);
  const startReading = stopReading(socket);
  if (socket.readableLength > 0) {
    startReading();
    throw unreadData(socket.readableLength);
  }
  const gate = drained(socket);
  return {
    ...(gate === undefined ? {} : { gate }),
    ...source,
    check() {
      // It may have been destroyed meanwhile.
      source.fd();
      if (socket.writableLength > 0) {
        throw failedTransfer(
          'The net.Socket was written to while its transfer waited, and what was written has not left',
          EBUSY,
          'sendmsg',
        );
      }
    },
    sent: () => destroyed(socket),
    kept() {
      if (!socket.destroyed) {
        startReading();
      }
    },
  };
}

/** Node exports no class to ask; others, a conduit among them, have a number and can be closed too. */
function isFileHandle(value: unknown): value is FileHandle {
  const { fd, close, readFile } = (value ?? {}) as Partial<FileHandle>;
  return typeof fd === 'number' && typeof close === 'function' && typeof readFile === 'function';
}

/** A socket of this library: a socket file stays, which the other process listens on. */
function passageOfOwnSocket(socket: SocketBase): Passage {
  return { ...sourceOf(socket), sent: () => closeFd(socket.release()) };
}

function passageOfDescriptor(descriptor: Descriptor): Passage {
  return { ...sourceOf(descriptor), sent: () => descriptor.close() };
}

/** A `net.Server`: closed here, while its path, which the other process listens on, stays. */
function passageOfServer(server: Server): Passage {
  return {
    ...sourceOf(server),
    sent() {
      const address = server.address();
      if (typeof address !== 'string' || address.startsWith('\0')) {
        server.close();
        return;
      }
      // Closing unlinks the path; a second name keeps the socket file, and takes its place again.
      const second = `${address}.${process.pid}`;
      try {
        const isThere = lstatSync(address, { throwIfNoEntry: false }) !== undefined;
        if (isThere) {
          linkSync(address, second);
        }
        server.close();
        if (isThere) {
          renameSync(second, address);
        }
      } catch (error) {
        throw failedClose('net.Server', error);
      }
    },
  };
}

function closeFd(fd: number): void {
  if (environment().closeGiven(fd)) {
    return;
  }
  try {
    // By Node, because worker threads keep account of what they opened.
    closeSync(fd);
  } catch (error) {
    throw failedClose(`descriptor ${fd}`, error);
  }
}

function destroyed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.once('close', () => resolve());
    socket.destroy();
  });
}

/** Waits until all that was written has left; nothing where it has. */
function drained(socket: Socket): Promise<void> | undefined {
  const isEnding = socket.writableEnded && !socket.writableFinished;
  if (!socket.connecting && !isEnding && socket.writableLength === 0) {
    return undefined;
  }
  return new Promise((resolve, reject) => {
    const settle = (): void => {
      socket.off('error', settle).off('close', settle).off('finish', settle);
      if (socket.destroyed) {
        reject(
          conduitError('NoFD', 'The net.Socket was destroyed before what was written had left', {
            code: 'ERR_NO_FD',
          }),
        );
      } else {
        resolve();
      }
    };
    socket.once('error', settle).once('close', settle);
    if (socket.writableEnded) {
      socket.once('finish', settle);
    } else {
      // Called in its turn, after all that was written before.
      socket.write('', settle);
    }
  });
}

function unreadData(bytes: number): UnreadDataError {
  return conduitError(
    'UnreadData',
    `The net.Socket holds ${bytes} bytes that Node has read already and the other process would miss: take them with socket.read() first, and send them along`,
    { code: 'ERR_UNREAD_DATA', bytes },
  );
}

function failedClose(what: string, cause: unknown): FailedCloseError {
  const { code = 'EIO', errno = -5, message } = cause as NodeJS.ErrnoException;
  return conduitError(
    'FailedClose',
    `The message has left, but the sender's ${what} could not be closed: ${message}`,
    { code, errno, syscall: 'close' },
    cause,
  );
}
