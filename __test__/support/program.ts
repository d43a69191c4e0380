import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { text } from 'node:stream/consumers';
import type { ExecutionContext } from 'ava';
import { temporaryDirectory } from './files.js';

/** Where the programs of the other processes are. */
const PEERS = join(__dirname, '..', 'peers');

/** How a program is started. */
export interface ProgramOptions {
  /** The program's arguments. */
  readonly args?: readonly string[];
  /** Its limit of open descriptors. */
  readonly slots?: number;
  /** What becomes its descriptor 3. */
  readonly inherited?: number;
  /** Options of Node itself. */
  readonly node?: readonly string[];
}

/** How a program ended. */
export interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

/** Starts one of `peers`; it is killed with the test, at the latest. */
export function startProgram(
  t: ExecutionContext,
  name: string,
  { args = [], slots, inherited, node = [] }: ProgramOptions = {},
): ChildProcess {
  const program = [process.execPath, ...node, join(PEERS, `${name}.js`), ...args];
  const limited = ['/bin/sh', '-c', `ulimit -n ${slots} && exec "$@"`, 'sh', ...program];
  const [command = '', ...rest] = slots === undefined ? program : limited;
  const child = spawn(command, rest, { stdio: ['pipe', 'pipe', 'inherit', inherited ?? 'ignore'] });
  t.teardown(() => endProgram(child));
  return child;
}

/** What the program prints, line by line. */
export function linesOf(child: ChildProcess): Interface {
  return createInterface({ input: child.stdout as NodeJS.ReadableStream });
}

/** Runs a program to its end; answers how it ended, and all it printed. */
export async function runProgram(
  t: ExecutionContext,
  name: string,
  options: ProgramOptions = {},
): Promise<Ending & { output: string }> {
  const child = startProgram(t, name, options);
  child.stdin?.end();
  const [output, [code, signal]] = await Promise.all([
    text(child.stdout as NodeJS.ReadableStream),
    once(child, 'exit') as Promise<[number | null, NodeJS.Signals | null]>,
  ]);
  return { code, signal, output };
}

/** What the program `unprivileged` says of a directory that it may not write to. */
export async function runUnprivileged(t: ExecutionContext, what: string): Promise<string> {
  const outer = temporaryDirectory(t);
  const directory = join(outer, 'inner');
  mkdirSync(directory);
  chmodSync(outer, 0o755);
  const { code, output } = await runProgram(t, 'unprivileged', { args: [what, directory] });
  t.is(code, 0);
  return output.trimEnd();
}

/** Ends a program, and waits until it is gone. */
export async function endProgram(child: ChildProcess): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) {
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }
}
