import cluster from 'node:cluster';
import { type FileHandle, open } from 'node:fs/promises';
import { Server, Socket } from 'node:net';
import { type BadCloneError, conduitError, systemFields, systemMessage } from './errors.js';
import { environment } from './native.js';

/** EINVAL, as the native side counts. */
const EINVAL = -22;

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
      return new Placeholder(await open('/dev/null', 'r'));
    } catch (error) {
      throw badClone('No FileHandle could be opened to take the descriptor', error, 'open');
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
  if (environment().isListening(fd) === 1) {
    throw badCloneOf(fd, 'a net.Socket: it is a listening socket', EINVAL, 'getsockopt');
  }
  let socket: Socket;
  try {
    socket = new Socket({ fd, readable: true, writable: true });
  } catch (error) {
    throw badClone(`Descriptor ${fd} cannot become a net.Socket`, error, 'uv_tcp_open');
  }
  environment().cede(fd);
  return socket;
}

/** A `net.Server` that owns the held `fd`, listening; where it rejects, `fd` is still held. */
export async function netServerFrom(fd: number): Promise<Server> {
  if (cluster.isWorker) {
    throw conduitError(
      'Unsupported',
      "In a cluster's worker Node would ask the primary for its own descriptor of that number: use a worker thread or a plain child process",
      { code: 'ERR_UNSUPPORTED' },
    );
  }
  const listening = environment().isListening(fd);
  if (listening !== 1) {
    const code = listening < 0 ? listening : EINVAL;
    throw badCloneOf(fd, 'a net.Server: it does not listen', code, 'getsockopt');
  }
  // Node closes the number in some of its failures and not in others: it gets a duplicate.
  const duplicate = environment().duplicate(fd);
  if (duplicate < 0) {
    throw badCloneOf(fd, 'a net.Server', duplicate, 'fcntl');
  }
  environment().cede(duplicate);
  const server = new Server();
  try {
    await listenOn(server, duplicate);
  } catch (error) {
    if (environment().sameOpenFile(fd, duplicate)) {
      environment().adopt(duplicate);
      environment().close(duplicate);
    }
    throw badClone(`Descriptor ${fd} cannot become a net.Server`, error, 'listen');
  }
  environment().close(fd);
  return server;
}

function listenOn(server: Server, fd: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen({ fd }, () => {
      server.off('error', reject);
      resolve();
    });
  });
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
