import type { Server, Socket } from 'node:net';
import { loadCluster } from './built-ins.js';
import { conduitError, type NoFDError } from './errors.js';

/** Where a handle keeps its hold: garbage is collected faster without a WeakMap of all connections. */
const HOLD = Symbol('fd-conduit.hold');

/** What Node keeps behind a `net.Socket` or `net.Server`; this file alone reaches for it. */
interface Handle {
  readonly fd?: number;
  reading: boolean;
  readStart(): number;
  readStop(): number;
  [HOLD]?: Hold | undefined;
}

/** The descriptor of a `net.Socket` or `net.Server`; it stays Node's. Throws `NoFD`. */
export function descriptorOf(owner: Socket | Server): number {
  const { fd } = handleOf(owner);
  if (fd === undefined || fd < 0) {
    throw noFD(`The ${nameOf(owner)}`, reason(owner));
  }
  return fd;
}

/** How many hold a handle's reads, and whether it was reading before the first of them. */
interface Hold {
  holders: number;
  readonly wasReading: boolean;
}

/** What is called in the place of `readStart` while reads are held. */
const readNothing = (): number => 0;

/**
 * Stops a socket's reads for good: what is called on it, nothing is read. Answers how to undo it,
 * once; it reads again when the last that stopped it has undone that.
 */
export function stopReading(socket: Socket): () => void {
  const handle = handleOf(socket);
  if (!socket.connecting) {
    return holdReads(handle);
  }
  // Until it is connected it reads nothing, and may change its handle with the address it tries.
  let undo: (() => void) | undefined;
  const onConnect = () => {
    undo = holdReads(handleOf(socket));
  };
  socket.prependOnceListener('connect', onConnect);
  return () => {
    socket.off('connect', onConnect);
    undo?.();
  };
}

function holdReads(handle: Handle): () => void {
  if (typeof handle.readStop !== 'function') {
    throw noFD('The net.Socket', 'this runtime (Bun) reads from it, and nothing stops that');
  }
  const hold = handle[HOLD] ?? newHold(handle);
  hold.holders += 1;
  return () => {
    hold.holders -= 1;
    if (hold.holders === 0) {
      handle[HOLD] = undefined;
      startReading(handle, hold);
    }
  };
}

function newHold(handle: Handle): Hold {
  const hold = { holders: 0, wasReading: handle.reading };
  handle[HOLD] = hold;
  handle.readStop();
  handle.reading = false;
  // pause() and readStop() alone do not last: resume(), read() and a listener start again, all
  // of them through this method.
  handle.readStart = readNothing;
  return hold;
}

function startReading(handle: Handle, { wasReading }: Hold): void {
  delete (handle as Partial<Handle>).readStart;
  if (wasReading || handle.reading) {
    handle.reading = true;
    handle.readStart();
  }
}

function handleOf(owner: Socket | Server): Handle {
  if ('encrypted' in owner && owner.encrypted === true) {
    throw noFD('A TLS socket', 'its key lives in this process only: pass the socket under it');
  }
  const handle = (owner as unknown as { _handle?: Handle | null })._handle;
  if (handle === undefined || handle === null) {
    throw noFD(`The ${nameOf(owner)}`, 'it is not open, or was destroyed');
  }
  return handle;
}

function nameOf(owner: Socket | Server): string {
  return 'listening' in owner ? 'net.Server' : 'net.Socket';
}

function reason(owner: Socket | Server): string {
  if ('connecting' in owner && owner.connecting) {
    return "it is still connecting: wait for 'connect'";
  }
  return loadCluster().isWorker
    ? "it belongs to the cluster's primary process"
    : 'this runtime does not tell it';
}

function noFD(what: string, why: string): NoFDError {
  return conduitError('NoFD', `${what} has no descriptor to be had: ${why}`, { code: 'ERR_NO_FD' });
}
