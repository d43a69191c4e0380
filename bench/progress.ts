/** Tells on standard error how far it has come: on a terminal each step, else each chapter. */
export class Progress {
  readonly #steps: number;
  #step = 0;
  #chapter = '';

  constructor(steps: number) {
    this.#steps = steps;
  }

  /** A step begins. */
  begin(chapter: string, detail: string): void {
    this.#step += 1;
    const line = `[${this.#step}/${this.#steps}] ${chapter}`;
    if (process.stderr.isTTY) {
      process.stderr.write(`\r\x1b[K${line}: ${detail}`);
    } else if (chapter !== this.#chapter) {
      process.stderr.write(`${line}\n`);
    }
    this.#chapter = chapter;
  }

  /** Clears its line. */
  end(): void {
    if (process.stderr.isTTY) {
      process.stderr.write('\r\x1b[K');
    }
  }
}
