import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { availableParallelism, cpus, loadavg, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import type { Kit } from './kit.js';
import { root } from './root.js';

/** What was measured on, and when. */
export interface Machine {
  readonly processor: string;
  readonly cores: number;
  readonly memoryGiB: number;
  readonly system: string;
  readonly node: string;
  readonly compiler: string | undefined;
  readonly python: string | undefined;
  readonly library: string;
  readonly date: string;
  /** How many processes wanted to run in the last minute before, on average. */
  readonly load: number;
}

/** Describes this machine, before anything is measured. */
export function describeMachine({ compiled, python }: Kit): Machine {
  const manifest = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    readonly version: string;
  };
  return {
    processor: cpus()[0]?.model.trim() ?? process.arch,
    cores: availableParallelism(),
    memoryGiB: Math.round(totalmem() / 2 ** 30),
    system: `${type()} ${release()}, ${process.arch}`,
    node: process.version,
    compiler: compiled && firstLine('cc'),
    python: python && firstLine('python3'),
    library: manifest.version,
    date: new Date().toISOString().slice(0, 10),
    load: Math.round((loadavg()[0] as number) * 10) / 10,
  };
}

function firstLine(command: string): string {
  const [line = ''] = execFileSync(command, ['--version'], { encoding: 'utf8' }).split('\n');
  return line;
}
