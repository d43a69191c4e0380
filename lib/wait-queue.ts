import type { Waiting } from './call.js';

/** How many calls of one queue hold what they need for waiting (duplicates) at a time. */
const MOST_STAGED = 64;

/** How many calls one wake-up serves, so that no other socket starves. */
const MOST_AT_ONCE = 64;

/** The calls that wait in one direction of a descriptor, first come, first served. */
export class WaitQueue {
  readonly #staged = new Set<Waiting>();
  // Past the bound a call waits before it duplicates: ten thousand would starve the process.
  readonly #unstaged = new Set<Waiting>();

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.#staged.size === 0;
  }

  /** Whether the first call waits for readiness, and not for something else. */
  get wantsReadiness(): boolean {
    return this.#first()?.ready === true;
  }

  /** Puts `call` at the end. False where it could not take what it needs, and is over. */
  add(call: Waiting): boolean {
    if (this.#staged.size < MOST_STAGED) {
      if (!call.stage()) {
        return false;
      }
      this.#staged.add(call);
    } else {
      this.#unstaged.add(call);
    }
    return true;
  }

  /** The gate of `call` is open: it may hold what it needs, if it is not done yet. */
  stage(call: Waiting): void {
    if (this.#staged.has(call) && !call.stage()) {
      this.remove(call);
    }
  }

  /** Takes `call` out of its place. */
  remove(call: Waiting): void {
    if (!this.#unstaged.delete(call) && this.#staged.delete(call)) {
      this.#stageNext();
    }
  }

  /** Tries calls in their order until one has to wait. Answers how many are over. */
  run(): number {
    let served = 0;
    while (served < MOST_AT_ONCE) {
      const first = this.#first();
      if (first === undefined || !first.ready || !first.run()) {
        break;
      }
      this.remove(first);
      served += 1;
    }
    return served;
  }

  /** Ends all that waits with one error each. */
  failAll(error: () => unknown): void {
    const calls = [...this.#staged, ...this.#unstaged];
    this.#staged.clear();
    this.#unstaged.clear();
    for (const call of calls) {
      call.fail(error());
    }
  }

  #first(): Waiting | undefined {
    const { value } = this.#staged.values().next();
    return value;
  }

  #stageNext(): void {
    for (const call of this.#unstaged) {
      this.#unstaged.delete(call);
      if (call.stage()) {
        this.#staged.add(call);
        return;
      }
    }
  }
}
