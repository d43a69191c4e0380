import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createInterface } from 'node:readline';

const LIMIT_MS = 60_000;

/** A running program that says what it does line by line. */
export class Program {
  readonly #name: string;
  readonly #child: ChildProcess;
  readonly #lines: AsyncIterator<string>;
  readonly #limit: NodeJS.Timeout;
  /** Its exit code; not 0 either where it was killed or could not be started. */
  readonly #ending: Promise<number>;

  /** Starts it; `socket` becomes its descriptor 3. */
  constructor([command = '', ...args]: readonly string[], socket?: number) {
    this.#name = [command, ...args].join(' ');
    this.#child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit', socket ?? 'ignore'] });
    // It may be gone already; its next line is then asked for in vain.
    this.#child.stdin?.on('error', () => {});
    this.#ending = new Promise((resolve) => {
      this.#child.once('exit', (code) => resolve(code ?? 1));
      this.#child.on('error', () => resolve(1));
    });
    const output = this.#child.stdout as NodeJS.ReadableStream;
    this.#lines = createInterface({ input: output })[Symbol.asyncIterator]();
    this.#limit = setTimeout(() => this.#child.kill('SIGKILL'), LIMIT_MS);
  }

  /** The words of its next line, which begins with `first`; without that word. */
  async words(first: string): Promise<number[]> {
    const line = await this.#lines.next();
    const [word, ...numbers] = line.done ? [] : line.value.split(' ');
    if (word !== first) {
      throw new Error(`${this.#name} said ${line.done ? 'nothing more' : line.value}`);
    }
    return numbers.map(Number);
  }

  /** All that it says until it ends. */
  async rest(): Promise<string[]> {
    const lines: string[] = [];
    for (let line = await this.#lines.next(); !line.done; line = await this.#lines.next()) {
      lines.push(line.value);
    }
    if ((await this.#ending) !== 0) {
      throw new Error(`${this.#name} failed`);
    }
    return lines;
  }

  /** Lets it begin. */
  go(): void {
    this.#child.stdin?.write('\n');
  }

  /** Ends it, and waits until it is gone. */
  async end(): Promise<void> {
    clearTimeout(this.#limit);
    this.#child.kill('SIGKILL');
    await this.#ending;
  }
}

/** How many descriptors a process has open; unknown where there is no /proc. */
export function openDescriptors(pid: number): number | undefined {
  return process.platform === 'linux' ? readdirSync(`/proc/${pid}/fd`).length : undefined;
}
