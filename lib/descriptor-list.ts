import { type Descriptor, keepDescriptor } from './descriptor.js';
import { Forgotten } from './forgotten.js';
import { closeHeld, give } from './native.js';

const NOTHING: readonly number[] = [];

let outlived: (list: DescriptorList) => void;

// Few, as those that live on for long grow the heap.
const MOST_YOUNG = 32;

const forgotten = new Forgotten<DescriptorList>(MOST_YOUNG, (list) => outlived(list));

/**
 * The descriptors that came together: as bare numbers, closed all at once, without an object for
 * each; or each as an owner of its own.
 *
 * Ownership: it owns the descriptors, until they are taken by `descriptors`, iteration or
 * `extract()`. What is neither taken nor closed is closed when the list is garbage collected, and
 * when its worker ends.
 *
 * Source: unet's `ControlMessage`; cmsg(3).
 *
 * @example
 * const [here, there] = Conduit.pair();
 * await putEach(here, [0, 1, 2]);
 * const list = await there.receiveBatch();
 * console.log(list.count, list.fds.map((fd) => fs.fstatSync(fd).ino));
 * list.close(); // or: using list = …
 * here.close();
 * there.close();
 */
export class DescriptorList implements Iterable<Descriptor> {
  #held: readonly number[];
  #descriptors: readonly Descriptor[] | undefined;
  #isGuarded = false;

  static {
    outlived = (list) => list.#guard();
  }

  /** @internal */
  constructor(held: readonly number[]) {
    this.#held = held;
    if (held.length > 0) {
      forgotten.watchOver(this);
    }
  }

  /** How many descriptors wait to be taken. */
  get count(): number {
    return this.#held.length;
  }

  /**
   * The numbers of those that wait to be taken, in the order in which they were sent. They stay the
   * list's: look at them (`fs.fstatSync`), and do not close them by hand.
   */
  get fds(): readonly number[] {
    return this.#held;
  }

  /** The descriptors that came, each an owner of its own from the first look on. */
  get descriptors(): readonly Descriptor[] {
    this.#descriptors ??= this.#take().map(keepDescriptor);
    return this.#descriptors;
  }

  /** Goes through {@link DescriptorList.descriptors}. */
  [Symbol.iterator](): IterableIterator<Descriptor> {
    return this.descriptors[Symbol.iterator]();
  }

  /**
   * Gives the descriptors away as bare numbers.
   *
   * Ownership: the caller's from then on, who closes them (`fs.closeSync`).
   *
   * @returns the numbers, in the order in which they were sent; none at the second call, and none
   * that were taken by `descriptors`.
   * Source: unet's `ControlMessage.ExtractFDs`.
   */
  extract(): number[] {
    const numbers = [...this.#take()];
    for (const fd of numbers) {
      give(fd);
    }
    return numbers;
  }

  /**
   * Closes the descriptors that were not taken, consecutive numbers by one system call. Twice is
   * fine.
   *
   * Source: unet's `ControlMessage.CloseFDs`.
   */
  close(): void {
    closeHeld(this.#take());
  }

  /** The same as {@link DescriptorList.close}. */
  [Symbol.dispose](): void {
    this.close();
  }

  #take(): readonly number[] {
    const held = this.#held;
    this.#held = NOTHING;
    if (this.#isGuarded) {
      this.#isGuarded = false;
      forgotten.unguard(this);
    }
    return held;
  }

  /** Has the garbage collector close what nobody has taken yet. */
  #guard(): void {
    if (this.#held.length > 0) {
      this.#isGuarded = true;
      forgotten.guard(this, this.#held);
    }
  }
}
