import { checkOptions, outOfRange, wrongType } from './argument.js';
import { type ConduitError, conduitError, NOTHING_LEFT, type Progress } from './errors.js';

/**
 * What every call that may wait understands.
 *
 * Ownership: a call that is given up leaves everything as it was. What was to be sent is the
 * caller's, and what the peer has sent waits in the socket for the next call.
 *
 * @example
 * const [here, there] = Conduit.pair();
 * const descriptor = await here.receive({ timeoutMs: 100 }).catch((error) => error.type);
 * console.log(descriptor); // Timeout
 * here.close();
 * there.close();
 */
export interface CallOptions {
  /**
   * Gives the call up: it rejects with an `AbortError` of type `Aborted`, whose `cause` is the
   * signal's reason. A call that is over already is not changed by it.
   */
  readonly signal?: AbortSignal | undefined;
  /**
   * Gives the call up after so many milliseconds, with type `Timeout`; zero or more. Without it,
   * the call waits for as long as it takes.
   */
  readonly timeoutMs?: number | undefined;
}

/** What `setTimeout` can count. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;

/** An attempt answers this when it has to be made again later. */
export const WOULD_BLOCK = Symbol('would block');

/** What one call does. */
export interface Work<T> {
  /** What has to be over before the first try; it is begun when the call's turn is near. */
  readonly gate?: (() => Promise<unknown>) | undefined;
  /** Tries once and does not wait; throws what the call rejects with. */
  attempt(): T | Promise<T> | typeof WOULD_BLOCK;
  /** The call has to wait: takes what it needs for that (a duplicate). */
  stage?(): void;
  /** The call is over: gives back what `stage` took. */
  settle?(): void;
  /** How much of a message had left when the call was given up. */
  progress?(): Progress;
}

/** Throws unless the options are such; an aborted signal throws its `AbortError`. */
export function checkCallOptions(options: CallOptions): void {
  checkOptions(options);
  const { signal, timeoutMs } = options;
  if (timeoutMs !== undefined) {
    if (typeof timeoutMs !== 'number') {
      throw wrongType('options.timeoutMs', 'a number of milliseconds', timeoutMs);
    }
    if (!(timeoutMs >= 0)) {
      throw outOfRange('options.timeoutMs', 'zero or more milliseconds', timeoutMs);
    }
  }
  if (signal !== undefined) {
    if (!isSignal(signal)) {
      throw wrongType('options.signal', 'an AbortSignal', signal);
    }
    if (signal.aborted) {
      throw aborted(signal, NOTHING_LEFT);
    }
  }
}

/** By what it can do: signals of other realms and of polyfills are such too. */
function isSignal(value: unknown): value is AbortSignal {
  const { aborted, addEventListener } = (value ?? {}) as Partial<AbortSignal>;
  return typeof aborted === 'boolean' && typeof addEventListener === 'function';
}

/** What a promise is awaited for never throws at the call. */
export function promised<T>(work: () => Promise<T>): Promise<T> {
  try {
    return work();
  } catch (error) {
    return Promise.reject(error);
  }
}

/** What a queue knows of a call. */
export interface Waiting {
  /** False while the call waits for something else than its turn. */
  readonly ready: boolean;
  /** Whether a part of its message is on its way. */
  readonly begun: boolean;
  /** Takes what it needs for waiting, once. False where that failed, and the call is over. */
  stage(): boolean;
  /** Tries again. False where it still has to wait. */
  run(): boolean;
  /** Ends the call with an error from outside. */
  fail(error: unknown): void;
}

/** Whoever made a call. */
export interface Caller {
  /** The call's gate is open. */
  onReady(call: Waiting): void;
  /** The call was given up: it leaves its queue. */
  onGivenUp(call: Waiting): void;
}

/** A call that waits in a queue, with its deadline and its signal. */
export class Call<T> implements Waiting {
  readonly promise: Promise<T>;
  ready: boolean;
  readonly #work: Work<T>;
  readonly #caller: Caller;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort: (() => void) | undefined;
  readonly #timer: NodeJS.Timeout | undefined;
  #opening = false;
  #staged = false;
  #resolve!: (value: T | Promise<T>) => void;
  #reject!: (error: unknown) => void;

  constructor(work: Work<T>, caller: Caller, { signal, timeoutMs }: CallOptions) {
    this.#work = work;
    this.#caller = caller;
    this.ready = work.gate === undefined;
    this.promise = new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
    });
    if (signal !== undefined) {
      this.#signal = signal;
      this.#onAbort = () => this.#giveUp(aborted(signal, this.#progress()));
      signal.addEventListener('abort', this.#onAbort, { once: true });
    }
    if (timeoutMs !== undefined && timeoutMs <= MAX_TIMEOUT_MS) {
      const onTimeout = () => this.#giveUp(timedOut(timeoutMs, this.#progress()));
      // What it bounds keeps the program alive, where it should.
      this.#timer = setTimeout(onTimeout, timeoutMs).unref();
    }
  }

  stage(): boolean {
    if (!this.ready) {
      this.#openGate();
      return true;
    }
    if (this.#staged) {
      return true;
    }
    try {
      this.#work.stage?.();
      this.#staged = true;
      return true;
    } catch (error) {
      this.fail(error);
      return false;
    }
  }

  run(): boolean {
    try {
      const value = this.#work.attempt();
      if (value === WOULD_BLOCK) {
        return false;
      }
      this.#end();
      this.#resolve(value);
    } catch (error) {
      this.fail(error);
    }
    return true;
  }

  fail(error: unknown): void {
    this.#end();
    this.#reject(error);
  }

  get begun(): boolean {
    return this.#progress().bytesWritten > 0;
  }

  #progress(): Progress {
    return this.#work.progress?.() ?? NOTHING_LEFT;
  }

  #openGate(): void {
    if (!this.#opening) {
      this.#opening = true;
      this.#work.gate?.().then(
        () => {
          this.ready = true;
          this.#caller.onReady(this);
        },
        (error: unknown) => this.#giveUp(error),
      );
    }
  }

  #giveUp(error: unknown): void {
    this.#caller.onGivenUp(this);
    this.fail(error);
  }

  #end(): void {
    if (this.#signal !== undefined && this.#onAbort !== undefined) {
      this.#signal.removeEventListener('abort', this.#onAbort);
    }
    clearTimeout(this.#timer);
    if (this.#staged) {
      this.#work.settle?.();
    }
  }
}

function aborted(signal: AbortSignal, progress: Progress): ConduitError {
  const message = `The call was aborted by its signal${partly(progress)}`;
  return conduitError('Aborted', message, { code: 'ABORT_ERR', ...progress }, signal.reason);
}

/** The error of a call whose time is over. */
export function timedOut(timeoutMs: number, progress: Progress): ConduitError {
  return conduitError(
    'Timeout',
    `The call was not done within ${timeoutMs} ms${partly(progress)}`,
    { code: 'ETIMEDOUT', timeoutMs, ...progress },
  );
}

function partly({ bytesWritten }: Progress): string {
  return bytesWritten === 0
    ? ''
    : ` after ${bytesWritten} bytes had left; the stream cannot be used any more`;
}
