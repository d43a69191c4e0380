import type { Cluster } from 'node:cluster';
import type { Server, Socket } from 'node:net';

// Node's own modules that its start leaves out. Most cost 0.5 to 2 ms, so the call that needs one
// loads it, from here, and not everybody who imports this library.

export const loadCluster = (): Cluster => require('node:cluster');
export const loadCrypto = (): typeof import('node:crypto') => require('node:crypto');
export const loadDgram = (): typeof import('node:dgram') => require('node:dgram');
export const loadFiles = (): typeof import('node:fs/promises') => require('node:fs/promises');
export const loadNet = (): typeof import('node:net') => require('node:net');
export const loadTimers = (): typeof import('node:timers/promises') =>
  require('node:timers/promises');
export const loadWorkers = (): typeof import('node:worker_threads') =>
  require('node:worker_threads');

/** Whether it is a `net.Socket`; what is no stream can be told without loading `node:net`. */
export function isNetSocket(value: unknown): value is Socket {
  return has(value, 'pipe') && value instanceof loadNet().Socket;
}

/** Whether it is a `net.Server`; what cannot listen can be told without loading `node:net`. */
export function isNetServer(value: unknown): value is Server {
  return has(value, 'listen') && value instanceof loadNet().Server;
}

function has(value: unknown, name: string): boolean {
  return typeof value === 'object' && value !== null && name in value;
}
