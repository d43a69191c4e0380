import { closeSync } from 'node:fs';
import type { FileHandle } from 'node:fs/promises';
import type { Server, Socket } from 'node:net';
import { checkFd, wrongType, wrongValue } from './argument.js';
import { isNetServer, isNetSocket } from './built-ins.js';
import { Descriptor } from './descriptor.js';
import { conduitError, failedClose } from './errors.js';
import { environment, ownerOf } from './native.js';
import { passageOfServer, passageOfSocket } from './net-passage.js';
import { OWNED, WATCHED } from './owning.js';
import { channelOf, leaveFile, SocketBase } from './socket-base.js';
import { fdOf, type Sender, senderOf } from './source.js';
import { StreamBase } from './stream-base.js';
import type { StreamServer } from './stream-server.js';
import type { StreamSocket } from './stream-socket.js';
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
  | UnixServer
  | StreamSocket
  | StreamServer;

/** The passing of one descriptor, from whatever owned it. */
export interface Passage extends Sender {
  /** What has to be over before it can leave, if anything. */
  readonly gate?: Promise<void> | undefined;
  /** It did not leave: the owner can be used as before. */
  kept?(): void;
}

const ANYTHING =
  'a number, a FileHandle, a net.Socket, a net.Server, a Descriptor or a socket of this library';

/** The passage of anything that can be transferred. */
export function passageOf(value: Transferable): Passage {
  if (typeof value === 'number') {
    return passageOfFd(value);
  }
  if (value instanceof Descriptor) {
    return new OwnerPassage(value);
  }
  if (value instanceof SocketBase) {
    return passageOfOwnSocket(value);
  }
  if (isNetSocket(value)) {
    return passageOfSocket(value);
  }
  if (isNetServer(value)) {
    return passageOfServer(value);
  }
  if (isFileHandle(value)) {
    return passageOfFile(value);
  }
  if (value instanceof StreamBase) {
    return new OwnerPassage(value);
  }
  throw wrongType('what', ANYTHING, value);
}

/** A bare number, which the caller owns. */
export function passageOfFd(value: number): Passage {
  checkFd(value, 'fd');
  const owner = ownerOf(value);
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
      const isStill =
        duplicate === undefined ||
        (ownerOf(value) !== OWNED && environment().sameOpenFile(duplicate, value));
      if (isStill) {
        closeFd(value);
      }
    },
  };
}

/** A `FileHandle`. */
export function passageOfFile(value: FileHandle): Passage {
  if (!isFileHandle(value)) {
    throw wrongType('file', 'a FileHandle', value);
  }
  return {
    ...senderOf(value),
    async sent() {
      try {
        await value.close();
      } catch (error) {
        throw failedClose('FileHandle', error);
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
  return {
    ...senderOf(socket),
    check() {
      const kept = channelOf(socket).native.kept();
      if (kept > 0) {
        throw conduitError(
          'UnreadData',
          `${kept} messages were received with a batch and wait for the next calls, and the other process would miss them: receive them first`,
          { code: 'ERR_UNREAD_DATA', bytes: kept },
        );
      }
    },
    sent: () => leaveFile(socket),
  };
}

/** The passage of an owner of this library that only has to be closed. */
class OwnerPassage implements Passage {
  readonly #owner: Descriptor | StreamBase;

  constructor(owner: Descriptor | StreamBase) {
    this.#owner = owner;
    this.fd();
  }

  fd(): number {
    return fdOf(this.#owner);
  }

  sent(): void {
    this.#owner.close();
  }
}

function closeFd(fd: number): void {
  try {
    // By Node, because worker threads keep account of what they opened.
    closeSync(fd);
  } catch (error) {
    throw failedClose(`descriptor ${fd}`, error);
  }
}
