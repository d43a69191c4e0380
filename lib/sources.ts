import { checkFd, isFd } from './argument.js';
import { badClone } from './errors.js';
import { duplicateRegisters, registers } from './native.js';
import { type Descriptive, type Sender, senderOf } from './source.js';

/** What is sent: a bare number, or what has one and is told. */
type Source = number | Sender;

/** The descriptors of one message, or of several with one each, in their order. */
export class Sources {
  readonly #list: readonly Source[];
  /** The same, where all are bare numbers: nobody has to be asked or told. */
  readonly #numbers: readonly number[] | undefined;

  private constructor(list: readonly Source[], numbers?: readonly number[]) {
    this.#list = list;
    this.#numbers = numbers;
  }

  /** Of whatever has a descriptor. Throws where one has none, now. */
  static of(values: readonly Descriptive[]): Sources {
    // A copy, as the caller may change the list while it waits.
    const list = values.slice();
    return areNumbers(list) ? new Sources(list, list) : new Sources(Array.from(list, sourceOf));
  }

  /** Of what knows itself what it sends. */
  static from(senders: readonly Sender[]): Sources {
    return new Sources(senders);
  }

  get length(): number {
    return this.#list.length;
  }

  /**
   * Puts the numbers from `first` on into the registers: that of the duplicate, where there is
   * one. Answers how many.
   */
  load(first: number, duplicates: readonly number[]): number {
    const count = this.#list.length - first;
    if (this.#numbers?.length === 1 && duplicates.length === 0) {
      registers[0] = this.#numbers[0] as number;
    } else if (this.#numbers !== undefined && duplicates.length === 0) {
      registers.set(first === 0 ? this.#numbers : this.#numbers.slice(first));
    } else {
      // Looked up first: a getter of the caller's may make calls that use the registers too.
      const list = this.#list.slice(first);
      registers.set(list.map((source, index) => numberOf(source, duplicates[index])));
    }
    return count;
  }

  /** Duplicates of those from `first` on, held; none where one fails, and that is thrown. */
  duplicate(first: number): number[] {
    const list = this.#list.slice(first);
    registers.set(list.map((source) => (typeof source === 'number' ? source : source.fd())));
    const code = duplicateRegisters(list.length);
    if (code < 0) {
      throw badClone(
        `Descriptor ${registers[0]} has to wait for its turn, and could not be duplicated for that`,
        code,
        'fcntl',
      );
    }
    return Array.from(registers.subarray(0, list.length));
  }

  /**
   * Tells those from `first` on to `end` that they have left; `closings` gets what goes on after
   * this instant.
   */
  tell(first: number, end: number, sent: readonly number[], closings: Promise<void>[]): void {
    if (this.#numbers !== undefined) {
      return;
    }
    const failures: unknown[] = [];
    this.#list.slice(first, end).forEach((source, index) => {
      if (typeof source === 'object') {
        tell(source, sent[index], closings, failures);
      }
    });
    // All are told before the first failure is.
    if (failures.length > 0) {
      throw failures[0];
    }
  }
}

function areNumbers(values: readonly Descriptive[]): values is readonly number[] {
  for (let index = 0; index < values.length; index += 1) {
    if (!isFd(values[index])) {
      return false;
    }
  }
  return true;
}

function sourceOf(value: Descriptive): Source {
  if (typeof value === 'number') {
    checkFd(value, 'fd');
    return value;
  }
  return senderOf(value);
}

function numberOf(source: Source, duplicate: number | undefined): number {
  if (typeof source === 'number') {
    return duplicate ?? source;
  }
  source.check?.();
  return duplicate ?? source.fd();
}

function tell(
  source: Sender,
  duplicate: number | undefined,
  closings: Promise<void>[],
  failures: unknown[],
): void {
  try {
    const closing = source.sent?.(duplicate);
    if (closing !== undefined) {
      // Others of a list may wait for their turn before anybody looks at it.
      closing.catch(() => undefined);
      closings.push(closing);
    }
  } catch (error) {
    failures.push(error);
  }
}
