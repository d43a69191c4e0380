import type { Socket } from 'node:net';
import { wrongType, wrongValue } from './argument.js';
import { isNetSocket } from './built-ins.js';
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
