import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { root } from './root.js';

const SOURCES = join(root, 'bench', 'programs');
const FILES = 16;

/** The compiled programs. */
interface Compiled {
  readonly pair: string;
  readonly alone: string;
  readonly client: string;
}

/** What a comparison needs of this machine; what is missing is left out, and said. */
export interface Kit {
  /** The folder of the files that are sent. */
  readonly files: string;
  readonly compiled: Compiled | undefined;
  /** The command of the Python program. */
  readonly python: readonly string[] | undefined;
  /** A command that keeps what follows on one core. */
  readonly oneCore: readonly string[] | undefined;
  /** What is missing, in words. */
  readonly missing: readonly string[];
  remove(): void;
}

/** Compiles and writes what is needed, into a folder of its own. */
export function prepareKit(): Kit {
  const folder = mkdtempSync(join(tmpdir(), 'fd-conduit-bench-'));
  const files = join(folder, 'files');
  mkdirSync(files);
  for (let index = 0; index < FILES; index += 1) {
    writeFileSync(join(files, `${index}`), `file ${index}\n`);
  }
  const compiled = attempt(() => compile(folder));
  const python = attempt(() => findPython());
  const oneCore = attempt(() => findOneCore());
  const missing = [
    ...(compiled ? [] : ['There is no C compiler (`cc`) that works: nothing is compared with C.']),
    ...(python ? [] : ['There is no Python 3.9 (`python3`) or newer: it is left out.']),
    ...(oneCore ? [] : ['There is no `taskset`: what should share a core may use several.']),
  ];
  const remove = () => rmSync(folder, { recursive: true, force: true });
  process.once('exit', remove);
  return { files, compiled, python, oneCore, missing, remove };
}

function attempt<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch {
    return undefined;
  }
}

function output(command: string, ...args: string[]): string {
  return execFileSync(command, args, { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] });
}

function compile(folder: string): Compiled {
  output('cc', '--version');
  const [pair, alone, client] = ['pair', 'alone', 'client'].map((name) => {
    const program = join(folder, name);
    const source = join(SOURCES, 'c', `${name}.c`);
    execFileSync('cc', ['-O2', '-o', program, source], { stdio: ['ignore', 'ignore', 'inherit'] });
    return program;
  }) as [string, string, string];
  return { pair, alone, client };
}

function findPython(): readonly string[] {
  output('python3', '-c', 'import socket; socket.send_fds');
  return ['python3', join(SOURCES, 'python.py')];
}

function findOneCore(): readonly string[] {
  const [, list = ''] = output('taskset', '-cp', `${process.pid}`).split(':');
  const [first] = /\d+/.exec(list) ?? [];
  if (first === undefined) {
    throw new Error('taskset tells no core');
  }
  return ['taskset', '-c', first];
}
