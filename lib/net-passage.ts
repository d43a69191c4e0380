import { accessSync, constants, linkSync, lstatSync, renameSync } from 'node:fs';
import { type Server, Socket } from 'node:net';
import { constants as systemConstants } from 'node:os';
import { dirname } from 'node:path';
import { wrongType } from './argument.js';
import { conduitError, failedClose, failedTransfer, type UnreadDataError } from './errors.js';
import type { Passage } from './passage.js';
import { descriptorOf, stopReading } from './socket-handle.js';
import { type Source, sourceOf } from './source.js';

const EBUSY = -systemConstants.errno.EBUSY;
const EACCES = -systemConstants.errno.EACCES;

/** A `net.Socket`: written out before, not read any more, closed here without `shutdown`. */
export function passageOfSocket(socket: Socket): Passage {
  if (!(socket instanceof Socket)) {
    throw wrongType('socket', 'a net.Socket', socket);
  }
  const source: Source = { fd: () => descriptorOf(socket) };
  if (!socket.connecting) {
    source.fd();
  }
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
      if (socket.readableLength > 0) {
        throw unreadData(socket.readableLength);
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

/** A `net.Server`: closed here, while its path, which the other process listens on, stays. */
export function passageOfServer(server: Server): Passage {
  const address = server.address();
  if (typeof address !== 'string' || address.startsWith('\0')) {
    return {
      ...sourceOf(server),
      sent() {
        server.close();
      },
    };
  }
  return {
    ...sourceOf(server),
    check() {
      checkWritable(address);
    },
    sent() {
      closeButKeep(address, server);
    },
  };
}

/** Closing unlinks the path; a second name keeps the socket file, and takes its place again. */
function closeButKeep(path: string, server: Server): void {
  const second = `${path}.${process.pid}`;
  try {
    const isThere = lstatSync(path, { throwIfNoEntry: false }) !== undefined;
    if (isThere) {
      linkSync(path, second);
    }
    server.close();
    if (isThere) {
      renameSync(second, path);
    }
  } catch (error) {
    throw failedClose('net.Server', error);
  }
}

/** Before anything leaves: where the path cannot be kept, the server stays here. */
function checkWritable(path: string): void {
  try {
    accessSync(dirname(path), constants.W_OK);
  } catch (error) {
    const { errno = EACCES } = error as NodeJS.ErrnoException;
    throw failedTransfer(`The socket file ${path} could not be kept in its place`, errno, 'access');
  }
}

function destroyed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.closed) {
      resolve();
      return;
    }
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
  const gate = new Promise<void>((resolve, reject) => {
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
  // Where the call is refused at once, nobody waits for it.
  gate.catch(() => undefined);
  return gate;
}

function unreadData(bytes: number): UnreadDataError {
  return conduitError(
    'UnreadData',
    `The net.Socket holds ${bytes} bytes that Node has read already and the other process would miss: take them with socket.read() first, and send them along`,
    { code: 'ERR_UNREAD_DATA', bytes },
  );
}
