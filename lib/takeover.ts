import type { Server, Socket } from 'node:net';
import { wrongType, wrongValue } from './argument.js';
import { isNetServer, isNetSocket } from './built-ins.js';
import { badClone, unclosed } from './errors.js';
import { closeOne, duplicateHeld } from './native.js';
import { closeServer } from './net-passage.js';
import { descriptorOf, stopReading } from './socket-handle.js';
import { duplicateSocket, type UnixSocket } from './unix-socket.js';

/**
 * A socket on a clone of the connection of a `net.Socket`, which reads nothing more from then on,
 * whatever is called on it. Throws where there is no descriptor, or where it has read already.
 */
export function takeOver(socket: Socket): UnixSocket {
  if (!isNetSocket(socket)) {
    throw wrongType('socket', 'a net.Socket', socket);
  }
  const fd = descriptorOf(socket);
  const bytes = Math.max(socket.bytesRead, socket.readableLength);
  if (bytes > 0) {
    throw wrongValue(
      'socket',
      `The net.Socket has read ${bytes} bytes already, and Node's reads throw away the descriptors that came with them: take it over before it reads`,
    );
  }
  const clone = duplicateSocket(fd);
  stopReading(socket);
  return clone;
}

/** A duplicate of a listening socket, held; its `net.Server` is closed. */
export function takeOverServer(server: Server): number {
  if (!isNetServer(server)) {
    throw wrongType('server', 'a net.Server', server);
  }
  const address = server.address();
  const held = duplicateHeld(descriptorOf(server));
  if (held < 0) {
    throw badClone('The socket of the net.Server cannot be duplicated', held, 'fcntl');
  }
  try {
    closeServer(server, address);
    return held;
  } catch (error) {
    closeOne(held);
    throw unclosed('The net.Server could not be closed with its socket file left in place', error);
  }
}
