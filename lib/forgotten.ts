import { closeHeld } from './native.js';

/** For how long an owner is young. */
const YOUTH_MS = 20;

/** Has the held numbers closed of owners that the program forgot. */
export class Forgotten<Owner extends object> {
  #registry: FinalizationRegistry<readonly number[]> | undefined;
  // Most owners are closed or emptied right after they came, and telling the garbage collector of
  // them costs as much as all the rest of a message. So the youngest are held here for a moment.
  readonly #young: (Owner | undefined)[] = [];
  readonly #mostYoung: number;
  readonly #outlived: (owner: Owner) => void;
  #count = 0;

  /**
   * @param mostYoung how many owners may be young at a time.
   * @param outlived is told of owners that are not young any more: it guards what they still own.
   */
  constructor(mostYoung: number, outlived: (owner: Owner) => void) {
    this.#mostYoung = mostYoung;
    this.#outlived = outlived;
  }

  /** Takes care of a new owner. */
  watchOver(owner: Owner): void {
    if (this.#count === 0) {
      setTimeout(() => this.#growUp(), YOUTH_MS).unref();
    } else if (this.#count === this.#mostYoung) {
      this.#growUp();
    }
    this.#young[this.#count] = owner;
    this.#count += 1;
  }

  /** Has `held` closed when `owner` is garbage collected. */
  guard(owner: Owner, held: readonly number[]): void {
    this.#registry ??= new FinalizationRegistry(closeHeld);
    this.#registry.register(owner, held, owner);
  }

  /** Ends what {@link Forgotten.guard} began. */
  unguard(owner: Owner): void {
    this.#registry?.unregister(owner);
  }

  #growUp(): void {
    const count = this.#count;
    this.#count = 0;
    for (let index = 0; index < count; index += 1) {
      const owner = this.#young[index];
      this.#young[index] = undefined;
      if (owner !== undefined) {
        this.#outlived(owner);
      }
    }
  }
}
