// What the Node programs of a pair have in common: their arguments, and what they say.
import { fstatSync, openSync, writeSync } from 'node:fs';
import { join } from 'node:path';

/** Where a program finds its end of the pair. */
export const SOCKET = 3;
/** Each descriptor whose place is a multiple of this is looked at before it is closed. */
const SAMPLE = 64;
const FILES = 16;
const LIMIT_MS = 60_000;

const [role = '', workload = '', count = '', size = '', folder = ''] = process.argv.slice(2);

/** What this process is to do. */
export const job = { role, workload, count: Number(count), size: Number(size) } as const;

/** The same arguments for another process, in the other role. */
export function argumentsAs(other: 'receiver'): string[] {
  return [other, workload, count, size, folder];
}

/** Opens the files that are sent in turn. */
export function openFiles(): number[] {
  return Array.from({ length: FILES }, (_, index) => openSync(join(folder, `${index}`), 'r'));
}

function say(...words: (string | number)[]): void {
  writeSync(1, `${words.join(' ')}\n`);
}

/** Says that everything is prepared, and waits until it may begin. */
export async function ready(): Promise<void> {
  const begun = new Promise((resolve) => process.stdin.once('data', resolve));
  stayUntilTheEnd();
  say('ready', process.pid);
  await begun;
}

/** The same for one that begins by itself: one that listens, or that talks to its parent only. */
export function readyAtOnce(port?: number): void {
  stayUntilTheEnd();
  say('ready', process.pid, ...(port === undefined ? [] : [port]));
}

/** Stays until whoever started this has counted what is open, and lets go. */
function stayUntilTheEnd(): void {
  if (process.send === undefined) {
    process.stdin.on('end', () => process.exit()).resume();
  } else {
    process.once('disconnect', () => process.exit());
  }
  setTimeout(() => process.exit(1), LIMIT_MS).unref();
}

/** Counts and checks what comes. The first tenth is not timed: compilers warm up. */
export class Tally {
  readonly #inodes: readonly number[];
  readonly #untimed = Math.floor(job.count / 10);
  #start: bigint | undefined;
  #first = 0;
  received = 0;
  wrong = 0;

  constructor(files: readonly number[]) {
    this.#inodes = files.map((file) => fstatSync(file).ino);
  }

  get isComplete(): boolean {
    return this.received >= job.count;
  }

  /** Whether the next descriptor but so many has to be looked at. */
  isSample(further = 0): boolean {
    return (this.received + further) % SAMPLE === 0;
  }

  /** Looks at the next descriptor but so many, if it belongs to the sample. */
  check(fd: number, further = 0): void {
    if (this.isSample(further)) {
      this.expect(
        fstatSync(fd).ino === this.#inodes[(this.received + further) % this.#inodes.length],
      );
    }
  }

  expect(right: boolean): void {
    this.wrong += right ? 0 : 1;
  }

  /** So many more have come, were looked at and are closed. */
  take(descriptors: number): void {
    this.received += descriptors;
    if (this.#start === undefined && this.received >= this.#untimed) {
      this.#first = this.received;
      this.#start = process.hrtime.bigint();
    }
  }

  /** Says how it went. */
  finish(): void {
    const nanoseconds = process.hrtime.bigint() - (this.#start ?? process.hrtime.bigint());
    say('result', this.received - this.#first, String(nanoseconds), this.received, this.wrong);
  }
}
