import { renameSync } from 'node:fs';
import type { Server, Socket } from 'node:net';
import { dirname } from 'node:path';
import { wrongType } from './argument.js';
import { isNetSocket, loadCrypto } from './built-ins.js';
import { EBUSY } from './errno.js';
import { conduitError, failedClose, failedTransfer, type UnreadDataError } from './errors.js';
import type { Passage } from './passage.js';
import { lock } from './socket-file.js';
import { descriptorOf, stopReading } from './socket-handle.js';
import { senderOf } from './source.js';

/** A `net.Socket`: written out before, not read any more, closed here without `shutdown`. */
export function passageOfSocket(socket: Socket): Passage {
  if (!isNetSocket(socket)) {
    throw wrongType('socket', 'a net.Socket', socket);
  }
  return new SocketPassage(socket);
}

// A class, as closures for each connection cost more than the message that takes it along.
class SocketPassage implements Passage {
  readonly gate: Promise<void> | undefined;
  readonly #socket: Socket;
  readonly #startReading: () => void;
  readonly #draining: Draining | undefined;

  constructor(socket: Socket) {
    this.#socket = socket;
    if (!socket.connecting) {
      this.fd();
    }
    this.#startReading = stopReading(socket);
    if (socket.readableLength > 0) {
      this.#startReading();
      throw unreadData(socket.readableLength);
    }
    this.#draining = drained(socket);
    this.gate = this.#draining?.gate;
  }

  fd(): number {
    return descriptorOf(this.#socket);
  }

  check(): void {
    const socket = this.#socket;
    // It may have been destroyed meanwhile.
    this.fd();
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
  }

  sent(): Promise<void> {
    return destroyed(this.#socket);
  }

  kept(): void {
    this.#draining?.stop();
    if (!this.#socket.destroyed) {
      this.#startReading();
    }
  }
}

/** A `net.Server`: closed here, while its path, which the other process listens on, stays. */
export function passageOfServer(server: Server): Passage {
  const address = server.address();
  return {
    ...senderOf(server),
    sent() {
      try {
        closeServer(server, address);
      } catch (error) {
        throw failedClose('net.Server', error);
      }
    },
  };
}

/** Closes a `net.Server` whose socket goes on, so that a path it listens on stays. */
export function closeServer(server: Server, address: ReturnType<Server['address']>): void {
  if (typeof address !== 'string' || address.startsWith('\0')) {
    server.close();
  } else {
    closeButKeep(address, server);
  }
}

/**
 * Closing unlinks the path, so the socket file is moved aside for that moment. Where it cannot be
 * moved, closing cannot unlink it either.
 */
function closeButKeep(path: string, server: Server): void {
  const aside = `${path}.${loadCrypto().randomUUID()}`;
  const unlock = lock(dirname(path));
  try {
    const isMoved = moves(path, aside);
    server.close();
    if (isMoved) {
      renameSync(aside, path);
    }
  } finally {
    unlock?.();
  }
}

function moves(path: string, aside: string): boolean {
  try {
    renameSync(path, aside);
    return true;
  } catch {
    return false;
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

/** A wait until all that was written has left. */
interface Draining {
  readonly gate: Promise<void>;
  /** Nobody waits for it any more. */
  stop(): void;
}

/** Waits until all that was written has left; nothing where it has. */
function drained(socket: Socket): Draining | undefined {
  const isEnding = socket.writableEnded && !socket.writableFinished;
  if (!socket.connecting && !isEnding && socket.writableLength === 0) {
    return undefined;
  }
  let stop = (): void => undefined;
  const gate = new Promise<void>((resolve, reject) => {
    const settle = (): void => {
      stop();
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
    stop = () => socket.off('error', settle).off('close', settle).off('finish', settle);
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
  return { gate, stop: () => stop() };
}

function unreadData(bytes: number): UnreadDataError {
  return conduitError(
    'UnreadData',
    `The net.Socket holds ${bytes} bytes that Node has read already and the other process would miss: take them with socket.read() first, and send them along`,
    { code: 'ERR_UNREAD_DATA', bytes },
  );
}
