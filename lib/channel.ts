import {
  Call,
  type Caller,
  type CallOptions,
  checkCallOptions,
  type Waiting,
  WOULD_BLOCK,
  type Work,
} from './call.js';
import { EPIPE } from './errno.js';
import {
  type ClosedError,
  conduitError,
  type FailedTransferError,
  failedTransfer,
  NOTHING_LEFT,
  systemFields,
  systemMessage,
} from './errors.js';
import {
  type NativeSocket,
  openSocket,
  READABLE,
  rest,
  SERVED,
  type Sleeper,
  sleep,
  transport,
  WRITABLE,
} from './native.js';
import { framingOf, type SocketType } from './socket-type.js';
import { MOST_AT_ONCE, WaitQueue } from './wait-queue.js';

/** Which of a channel's two queues a call waits in. */
export type Direction = 'incoming' | 'outgoing';

/**
 * An unconnected datagram socket counts as writable while the queue of whom it sends to is full:
 * readiness says nothing of it, only time helps.
 */
export const PACE_MS = 2;

/**
 * A descriptor with the calls that wait for it. What `UnixSocket` and `UnixServer` share: the
 * queues, deadlines, abort, closing, and whether the program stays alive.
 */
export class Channel implements Sleeper {
  /** The number; it stays readable after closing, for messages. */
  readonly fd: number;
  readonly type: SocketType;
  /** What it is called in messages. */
  noun = 'socket';
  readonly #native: NativeSocket;
  readonly #slot: number;
  readonly #incoming = new WaitQueue();
  readonly #outgoing = new WaitQueue();
  readonly #callers = { incoming: this.#caller('incoming'), outgoing: this.#caller('outgoing') };
  #closed: (() => ClosedError) | undefined;
  #broken = false;
  #keepsAlive = true;
  #pacing: NodeJS.Timeout | undefined;
  #refusal: number | undefined;

  /** Takes over the held descriptor `fd`, a socket of that type. */
  constructor(fd: number, type: SocketType) {
    const native = openSocket(fd, framingOf(type));
    this.fd = fd;
    this.type = type;
    this.#native = native;
    this.#slot = native.slot;
  }

  /** The native owner. Throws once it is closed or released. */
  get native(): NativeSocket {
    if (this.#closed !== undefined) {
      throw this.#closed();
    }
    return this.#native;
  }

  /** What the native side's calls name it by. Throws once it is closed or released. */
  get slot(): number {
    if (this.#closed !== undefined) {
      throw this.#closed();
    }
    return this.#slot;
  }

  get isClosed(): boolean {
    return this.#closed !== undefined;
  }

  /**
   * Does `work` now, or in its turn as soon as the descriptor lets it. What has a gate is not tried
   * before that has resolved, though in the order of the calls; a gate that rejects ends the call.
   */
  perform<T>(direction: Direction, work: Work<T>, options: CallOptions): Promise<T> {
    try {
      checkCallOptions(options);
      const value = work.gate === undefined ? this.attempt(direction, work) : WOULD_BLOCK;
      if (value !== WOULD_BLOCK) {
        return Promise.resolve(value);
      }
      this.#check(direction);
      return this.#wait(direction, work, options);
    } catch (error) {
      return Promise.reject(error);
    }
  }

  /** Whether something can be sent at once: nothing is in the way, as far as it is known here. */
  get isReadyToSend(): boolean {
    return (
      this.#closed === undefined &&
      this.#refusal === undefined &&
      !this.#broken &&
      this.#outgoing.isEmpty
    );
  }

  /** Does `work` now, unless it would wait or others wait before it. */
  attempt<T>(direction: Direction, work: Work<T>): T | Promise<T> | typeof WOULD_BLOCK {
    this.#check(direction);
    return this.#queue(direction).isEmpty ? work.attempt() : WOULD_BLOCK;
  }

  /** Whether no call waits in that direction. */
  isFree(direction: Direction): boolean {
    return this.#queue(direction).isEmpty;
  }

  wake(events: number): number {
    const received = (events & READABLE) !== 0 ? this.#run('incoming') : 0;
    if ((events & WRITABLE) !== 0 && this.#outgoing.run() === 0 && this.type === 'dgram') {
      this.#pace();
    }
    const wanted = this.#wanted();
    this.#keepWhileWaiting();
    return received > 0 ? wanted | SERVED : wanted;
  }

  /** Closes the descriptor; what waits rejects with `Closed`. Twice is fine. */
  close(): void {
    if (this.#closed !== undefined) {
      return;
    }
    const code = this.#end(
      () => closed(`The ${this.noun} was closed`),
      () => this.#native.close(),
    );
    if (code < 0) {
      throw conduitError(
        'FailedClose',
        `The ${this.noun} could not be closed: ${systemMessage(code)}. It is closed all the same`,
        systemFields(code, 'close'),
      );
    }
  }

  /** Gives the descriptor away; what waits rejects with `Closed`. */
  release(): number {
    this.native;
    return this.#end(
      () => closed(`The ${this.noun} was released`),
      () => this.#native.release(),
    );
  }

  /** Whether pending calls keep the program alive. */
  keepAlive(keep: boolean): void {
    this.#keepsAlive = keep;
    this.#native.keepAlive(keep);
  }

  /** From now on every call says that this cannot carry messages: a TCP socket drops descriptors. */
  refuse(errno: number): void {
    this.#refusal = errno;
  }

  /** A message has left in part and will not be completed: nothing can follow it on a stream. */
  breakOff(): void {
    this.#broken = true;
  }

  /** Throws where nothing can be sent any more. */
  checkWhole(): void {
    if (this.#broken) {
      throw broken();
    }
  }

  #check(direction: Direction): void {
    if (this.#closed !== undefined) {
      throw this.#closed();
    }
    if (this.#refusal !== undefined) {
      const syscall = direction === 'incoming' ? 'recvmsg' : 'sendmsg';
      throw failedTransfer('It is no Unix socket', this.#refusal, syscall);
    }
    if (direction === 'outgoing') {
      this.checkWhole();
    }
  }

  /** Leaves what waits to be sent alone for a while. */
  #pace(): void {
    this.#pacing ??= setTimeout(() => {
      this.#pacing = undefined;
      this.#outgoing.run();
      this.#arm();
    }, PACE_MS);
    if (!this.#keepsAlive) {
      this.#pacing.unref();
    }
  }

  /** Tries what waits, and answers how many calls are over. */
  #run(direction: Direction): number {
    const queue = this.#queue(direction);
    const served = queue.run();
    if (served === MOST_AT_ONCE && !queue.isEmpty && this.#native.kept() > 0) {
      // No readiness tells of what was received with a batch and waits on this side.
      setImmediate(() => this.#runKept());
    }
    return served;
  }

  #runKept(): void {
    if (this.#closed === undefined) {
      this.#run('incoming');
      this.#arm();
    }
  }

  #queue(direction: Direction): WaitQueue {
    return direction === 'incoming' ? this.#incoming : this.#outgoing;
  }

  #wait<T>(direction: Direction, work: Work<T>, options: CallOptions): Promise<T> {
    const queue = this.#queue(direction);
    const call = new Call(work, this.#callers[direction], options);
    if (queue.add(call)) {
      this.#arm();
    }
    return call.promise;
  }

  #caller(direction: Direction): Caller {
    return {
      onReady: (call) => this.#onReady(direction, call),
      onGivenUp: (call) => this.#onGivenUp(direction, call),
    };
  }

  #onReady(direction: Direction, call: Waiting): void {
    if (this.#closed !== undefined) {
      return;
    }
    const queue = this.#queue(direction);
    this.#run(direction);
    queue.stage(call);
    this.#arm();
  }

  #onGivenUp(direction: Direction, call: Waiting): void {
    if (direction === 'outgoing' && call.begun) {
      this.#broken = true;
    }
    this.#leave(direction, call);
  }

  /** Whoever stood behind a call that left may go ahead. */
  #leave(direction: Direction, call: Waiting): void {
    this.#queue(direction).remove(call);
    if (this.#closed !== undefined) {
      return;
    }
    if (this.#broken) {
      this.#outgoing.failAll(broken);
    }
    this.#run(direction);
    this.#arm();
  }

  #wanted(): number {
    return (
      (this.#incoming.wantsReadiness ? READABLE : 0) |
      (this.#outgoing.wantsReadiness && this.#pacing === undefined ? WRITABLE : 0)
    );
  }

  #arm(): void {
    const code = transport.want(this.#slot, this.#wanted());
    if (code < 0) {
      this.#failAll(() => failedTransfer('The descriptor cannot be waited for', code, 'poll'));
    }
    this.#keepWhileWaiting();
  }

  #keepWhileWaiting(): void {
    if (this.#incoming.isEmpty && this.#outgoing.isEmpty) {
      rest(this.#slot);
    } else {
      sleep(this.#slot, this);
    }
  }

  #end(error: () => ClosedError, part: () => number): number {
    this.#closed = error;
    clearTimeout(this.#pacing);
    rest(this.#slot);
    const answer = part();
    this.#failAll(error);
    return answer;
  }

  #failAll(error: () => unknown): void {
    this.#incoming.failAll(error);
    this.#outgoing.failAll(error);
  }
}

function broken(): FailedTransferError {
  return conduitError(
    'FailedTransfer',
    'An earlier message has left only in part, so nothing can follow it on this stream: close it',
    { ...systemFields(EPIPE, 'sendmsg'), ...NOTHING_LEFT },
  );
}

function closed(message: string): ClosedError {
  return conduitError('Closed', message, { code: 'EBADF' });
}
