import type { Socket } from 'node:net';
import { wrongType } from './argument.js';
import { isNetSocket } from './built-ins.js';
import type { Channel } from './channel.js';
import { Conduit, socketOfConduit } from './conduit.js';
import { channelOf } from './socket-base.js';
import { takeOver } from './takeover.js';
import { UnixSocket } from './unix-socket.js';

/** What descriptors are put into and got out of. A `net.Socket` is taken over, as by `Conduit.fromSocket`. */
export type Via = UnixSocket | Conduit | Socket;

const takenOver = new WeakMap<Socket, UnixSocket>();

/** Where its messages go and come. Throws `InvalidArgument`. */
export function channelOfVia(via: Via): Channel {
  if (via instanceof UnixSocket) {
    return channelOf(via);
  }
  if (via instanceof Conduit) {
    return channelOf(socketOfConduit(via));
  }
  if (!isNetSocket(via)) {
    throw wrongType('via', 'a UnixSocket, a Conduit or a net.Socket', via);
  }
  let clone = takenOver.get(via);
  if (clone === undefined) {
    clone = takeOver(via);
    takenOver.set(via, clone);
    // The clone lives as long as what it was taken from.
    via.once('close', () => takenOver.get(via)?.close());
  }
  return channelOf(clone);
}
