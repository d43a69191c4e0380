import { constants } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { type Address, parseAddress } from './address.js';
import { checkInteger, wrongType, wrongValue } from './argument.js';
import { type CallOptions, checkCallOptions } from './call.js';
import { Channel } from './channel.js';
import { conduitError, failedTransfer, systemFields, systemMessage } from './errors.js';
import { environment, MAX_DESCRIPTORS, registers } from './native.js';
import { type Message, Receiving } from './receiving.js';
import { EAGAIN, Sending, type Source } from './sending.js';

/** `SOCK_STREAM`, which has one number on all systems. */
const SOCK_STREAM = 1;

/** How long a full backlog is left alone before the next try, at first and at most. */
const BACK_OFF_MS = { first: 1, most: 50 };

/** What a read understands. */
export interface ReadOptions extends CallOptions {
  /** The most descriptors that are accepted; more are all closed, with `BadCtrlMesg`. 0 by default. */
  readonly maxDescriptors?: number;
}

/** What a write understands. */
export interface WriteOptions extends CallOptions {
  /** What is sent beside the payload. */
  readonly descriptors?: readonly Source[];
  /** The message is not sent before this has resolved, though it keeps its place among the others. */
  readonly gate?: Promise<unknown>;
}

/** A connected Unix socket. It owns its descriptor. */
export class UnixSocket {
  readonly #channel: Channel;

  private constructor(held: number) {
    this.#channel = new Channel(held);
  }

  /** Two connected sockets. */
  static pair(): [UnixSocket, UnixSocket] {
    const code = environment().openPair(SOCK_STREAM, registers);
    if (code < 0) {
      throw failedTransfer('No pair of sockets could be made', code, 'socketpair');
    }
    const [one, other] = registers as unknown as [number, number];
    return [new UnixSocket(one), new UnixSocket(other)];
  }

  /** A socket on a duplicate of `fd`, which stays the caller's. Throws `BadClone`. */
  static duplicate(fd: number): UnixSocket {
    const held = environment().duplicate(fd);
    if (held < 0) {
      throw conduitError(
        'BadClone',
        `Descriptor ${fd} could not be duplicated: ${systemMessage(held)}`,
        systemFields(held, 'fcntl'),
      );
    }
    return new UnixSocket(held);
  }

  /** A socket that takes over a number that is held. */
  static fromHeld(held: number): UnixSocket {
    return new UnixSocket(held);
  }

  /** Connects to a path or an abstract name; waits while the server's backlog is full. */
  static async connect(path: string, options: CallOptions = {}): Promise<UnixSocket> {
    checkCallOptions(options);
    const address = parseAddress(path);
    const made = environment().openSocket(SOCK_STREAM);
    if (made < 0) {
      throw failedConnect(address, made, 'socket');
    }
    const socket = new UnixSocket(made);
    try {
      await connectInTurn(socket.#channel, address, options);
      return socket;
    } catch (error) {
      socket.close();
      throw error;
    }
  }

  /** The number. It stays this socket's: do not close it by hand. */
  get fd(): number {
    return this.#channel.fd;
  }

  get isClosed(): boolean {
    return this.#channel.isClosed;
  }

  /** Receives one message into `buffer`, by one `recvmsg`. */
  read(buffer: Uint8Array, options: ReadOptions = {}): Promise<Message> {
    return this.#guarded(() => {
      const { maxDescriptors = 0 } = options;
      checkBytes(buffer, 'buffer');
      checkInteger(maxDescriptors, 'options.maxDescriptors', 0, MAX_DESCRIPTORS);
      const receiving = new Receiving(this.#channel, buffer, maxDescriptors);
      return this.#channel.perform('incoming', receiving, options);
    });
  }

  /** The same, but not before `gate` has resolved, though in the order of the calls. */
  readAfter(gate: Promise<unknown>, buffer: Uint8Array, options: ReadOptions): Promise<Message> {
    const { maxDescriptors = 0 } = options;
    const receiving = new Receiving(this.#channel, buffer, maxDescriptors);
    return this.#channel.perform('incoming', receiving, options, gate);
  }

  /** Sends one message: all of `payload`, and the descriptors with its first byte. */
  write(payload: Uint8Array, options: WriteOptions = {}): Promise<void> {
    return this.#guarded(() => {
      const { descriptors = [], gate } = options;
      checkBytes(payload, 'payload');
      if (descriptors.length > MAX_DESCRIPTORS) {
        throw wrongValue(
          'options.descriptors',
          `A message carries at most ${MAX_DESCRIPTORS} descriptors, and these are ${descriptors.length}: send several messages`,
        );
      }
      if (payload.length === 0 && descriptors.length > 0) {
        throw wrongValue(
          'payload',
          'On a stream, descriptors without a byte never arrive: send one byte with them',
        );
      }
      const sending = new Sending(this.#channel, payload, descriptors);
      return this.#channel.perform('outgoing', sending, options, gate);
    });
  }

  /** Closes the socket; pending calls reject with `Closed`. Twice is fine. */
  close(): void {
    this.#channel.close('socket');
  }

  /** Pending calls keep the program alive again, as they do at first. */
  ref(): this {
    this.#channel.keepAlive(true);
    return this;
  }

  /** Pending calls do not keep the program alive. */
  unref(): this {
    this.#channel.keepAlive(false);
    return this;
  }

  // What a promise is awaited for never throws at the call.
  #guarded<T>(work: () => Promise<T>): Promise<T> {
    try {
      return work();
    } catch (error) {
      return Promise.reject(error);
    }
  }
}

function checkBytes(value: unknown, argument: string): asserts value is Uint8Array {
  if (!(value instanceof Uint8Array)) {
    throw wrongType(argument, 'a Uint8Array', value);
  }
}

async function connectInTurn(
  channel: Channel,
  address: Address,
  { signal, timeoutMs }: CallOptions,
): Promise<void> {
  const deadline = timeoutMs === undefined ? Number.POSITIVE_INFINITY : Date.now() + timeoutMs;
  for (let wait = BACK_OFF_MS.first; ; wait = Math.min(wait * 2, BACK_OFF_MS.most)) {
    const code = channel.native.connect(address.bytes);
    if (code >= 0) {
      return;
    }
    // A full backlog is EAGAIN, and readiness says nothing of it: only time helps.
    if (code !== EAGAIN) {
      throw failedConnect(address, code, 'connect');
    }
    if (Date.now() >= deadline) {
      throw conduitError(
        'Timeout',
        `No place in the backlog of ${address.text} came free within ${timeoutMs} ms`,
        { code: 'ETIMEDOUT', timeoutMs: timeoutMs as number, bytesWritten: 0, descriptorsSent: 0 },
      );
    }
    await delay(Math.min(wait, deadline - Date.now()), undefined, signal ? { signal } : {}).catch(
      () => checkCallOptions({ signal }),
    );
  }
}

function failedConnect(address: Address, code: number, syscall: string) {
  const hint =
    code === -constants.errno.ECONNREFUSED
      ? ' (nobody listens there)'
      : code === -constants.errno.ENOENT
        ? ' (no such path)'
        : '';
  return conduitError(
    'FailedConnect',
    `No connection to ${address.text}: ${systemMessage(code)}${hint}`,
    { ...systemFields(code, syscall), address: address.text },
  );
}
