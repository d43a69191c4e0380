import type { Waiting } from './call.js';

/** How many calls behind the first hold what they need for waiting (duplicates) at a time. */
const MOST_STAGED = 63;

/** How many calls one wake-up serves, so that no other socket starves. */
export const MOST_AT_ONCE = 64;

/** The calls that wait in one direction of a descriptor, first come, first served. */
export class WaitQueue {
  // Mostly one call waits, and a set costs more than that call.
  #first: Waiting | undefined;
  readonly #staged = new Set<Waiting>();
  // Past the bound a call waits before it duplicates: ten thousand would starve the process.
  readonly #unstaged = new Set<Waiting>();

  /** Whether nothing waits. */
  get isEmpty(): boolean {
    return this.#first === undefined;
  }

  /** Whether the first call waits for readiness, and not for something else. */
  get wantsReadiness(): boolean {
    return this.#first?.ready === true;
  }

  /** Puts `call` at the end. False where it could not take what it needs, and is over. */
  add(call: Waiting): boolean {
    if (this.#staged.size >= MOST_STAGED) {
      this.#unstaged.add(call);
      return true;
    }
    if (!call.stage()) {
      return false;
    }
    this.#place(call);
    return true;
  }

  /** The gate of `call` is open: it may hold what it needs, if it is not done yet. */
  stage(call: Waiting): void {
    if ((call === this.#first || this.#staged.has(call)) && !call.stage()) {
      this.remove(call);
    }
  }

  /** Takes `call` out of its place. */
  remove(call: Waiting): void {
    if (call === this.#first) {
      this.#first = undefined;
      this.#advance();
      this.#stageNext();
    } else if (!this.#unstaged.delete(call) && this.#staged.delete(call)) {
      this.#stageNext();
    }
  }

  /** Tries calls in their order until one has to wait. Answers how many are over. */
  run(): number {
    let served = 0;
    while (served < MOST_AT_ONCE) {
      const first = this.#first;
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
    const first = this.#first;
    const calls = [...this.#staged, ...this.#unstaged];
    this.#first = undefined;
    this.#staged.clear();
    this.#unstaged.clear();
    first?.fail(error());
    for (const call of calls) {
      call.fail(error());
    }
  }

  #place(call: Waiting): void {
    if (this.#first === undefined) {
      this.#first = call;
    } else {
      this.#staged.add(call);
    }
  }

  #advance(): void {
    if (this.#staged.size > 0) {
      const [next] = this.#staged;
      this.#staged.delete(next as Waiting);
      this.#first = next;
    }
  }

  #stageNext(): void {
    if (this.#unstaged.size === 0) {
      return;
    }
    for (const call of this.#unstaged) {
      this.#unstaged.delete(call);
      if (call.stage()) {
        this.#place(call);
        return;
      }
    }
  }
}
