import type { Socket as DgramSocket } from 'node:dgram';
import { type EventEmitter, once } from 'node:events';
import type { FileHandle } from 'node:fs/promises';
import type { Server, Socket } from 'node:net';
import { loadCluster, loadDgram, loadFiles, loadNet } from './built-ins.js';
import { EINVAL } from './errno.js';
import { type BadCloneError, conduitError, systemFields, systemMessage } from './errors.js';
import { closeHeld, closeOne, duplicateHeld, environment, give, isStreamServer } from './native.js';

/**
 * A `FileHandle` that waits for its file. Node has no public way to make one from a number, so
 * one is opened on /dev/null, and the received file is put behind its number by `dup2`.
 */
export class Placeholder {
  readonly #handle: FileHandle;

  private constructor(handle: FileHandle) {
    this.#handle = handle;
  }

  /** Opens one; before a receive, so that a missing slot leaves the message in the socket. */
  static async open(): Promise<Placeholder> {
    try {
      return new Placeholder(await loadFiles().open('/dev/null', 'r'));
    } catch (error) {
      throw badClone('No FileHandle could be opened to take the descriptor', error, 'open');
    }
  }

  /** Throws unless there are free slots for so many descriptors, now. */
  checkSlots(count: number): void {
    const taken: number[] = [];
    let code = 0;
    while (taken.length < count && code >= 0) {
      code = duplicateHeld(this.#handle.fd);
      if (code >= 0) {
        taken.push(code);
      }
    }
    closeHeld(taken);
    if (code < 0) {
      throw conduitError(
        'BadClone',
        `There is no free slot for the descriptors of the next message, which stays where it is: ${systemMessage(code)}`,
        systemFields(code, 'fcntl'),
      );
    }
  }

  /** Moves the file of the held `fd` behind the handle; where that throws, `fd` is still held. */
  fill(fd: number): FileHandle {
    const code = environment().replace(fd, this.#handle.fd);
    if (code < 0) {
      throw badCloneOf(fd, 'a FileHandle', code, 'dup2');
    }
    return this.#handle;
  }

  /** Closes it unfilled. */
  async discard(): Promise<void> {
    await this.#handle.close();
  }
}

/** A `net.Socket` that owns the held `fd`; where it throws, `fd` is still held. */
export function netSocketFrom(fd: number): Socket {
  refuseBun('a net.Socket', 'toFileHandle() or, of a Unix socket, toUnixSocket()');
  if (isStreamServer(fd) === 1) {
    throw badCloneOf(fd, 'a net.Socket: it is a listening socket', EINVAL, 'getsockopt');
  }
  let socket: Socket;
  try {
    const net = loadNet();
    socket = new net.Socket({ fd, readable: true, writable: true });
  } catch (error) {
    throw badClone(`Descriptor ${fd} cannot become a net.Socket`, error, 'uv_tcp_open');
  }
  give(fd);
  return socket;
}

/** A `net.Server` that owns the held `fd`, listening; where it rejects, `fd` is still held. */
export async function netServerFrom(fd: number): Promise<Server> {
  refuseClusterWorker();
  const listening = environment().isListening(fd);
  if (listening !== 1) {
    const code = listening < 0 ? listening : EINVAL;
    throw badCloneOf(fd, 'a net.Server: it does not listen', code, 'getsockopt');
  }
  const net = loadNet();
  const server = new net.Server();
  await opened(fd, 'a net.Server', server, (duplicate) => server.listen({ fd: duplicate }));
  return server;
}

/** A `dgram.Socket` that owns the held `fd`, bound; where it rejects, `fd` is still held. */
export async function dgramSocketFrom(fd: number, kind: string): Promise<DgramSocket> {
  refuseClusterWorker();
  if (kind !== 'udp') {
    throw badCloneOf(fd, `a dgram.Socket: it is '${kind}'`, EINVAL, 'getsockopt');
  }
  const socket = loadDgram().createSocket(environment().isIpv6(fd) ? 'udp6' : 'udp4');
  await opened(fd, 'a dgram.Socket', socket, (duplicate) => socket.bind({ fd: duplicate }));
  return socket;
}

/**
 * Has Node take over a descriptor, until `owner` says that it listens. Node closes the number in
 * some of its failures and not in others, so it gets a duplicate.
 */
async function opened(
  fd: number,
  wanted: string,
  owner: EventEmitter,
  open: (duplicate: number) => void,
): Promise<void> {
  const duplicate = duplicateHeld(fd);
  if (duplicate < 0) {
    throw badCloneOf(fd, wanted, duplicate, 'fcntl');
  }
  give(duplicate);
  try {
    const listening = once(owner, 'listening');
    open(duplicate);
    await listening;
  } catch (error) {
    if (environment().sameOpenFile(fd, duplicate)) {
      environment().adopt(duplicate);
      closeOne(duplicate);
    }
    throw badClone(`Descriptor ${fd} cannot become ${wanted}`, error, 'listen');
  }
  closeOne(fd);
}

function refuseBun(wanted: string, instead: string): void {
  if ('bun' in process.versions) {
    throw conduitError('Unsupported', `Bun cannot make ${wanted} of a descriptor: use ${instead}`, {
      code: 'ERR_UNSUPPORTED',
    });
  }
}

function refuseClusterWorker(): void {
  if (loadCluster().isWorker) {
    throw conduitError(
      'Unsupported',
      "In a cluster's worker Node would ask the primary for its own descriptor of that number: use a worker thread or a plain child process",
      { code: 'ERR_UNSUPPORTED' },
    );
  }
}

function badClone(what: string, cause: unknown, syscall: string): BadCloneError {
  const { errno, message } = cause as NodeJS.ErrnoException;
  return conduitError(
    'BadClone',
    `${what}: ${message}`,
    systemFields(errno ?? EINVAL, syscall),
    cause,
  );
}

function badCloneOf(fd: number, wanted: string, code: number, syscall: string): BadCloneError {
  return conduitError(
    'BadClone',
    `Descriptor ${fd} cannot become ${wanted} (${systemMessage(code)})`,
    systemFields(code, syscall),
  );
}
