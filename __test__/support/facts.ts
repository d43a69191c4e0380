import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import test, { type TestFn } from 'ava';
import { testWith } from './foreign-programs.js';

/** `test`, for what Python shows of Linux. */
export const testWithFacts: TestFn | TestFn['skip'] =
  process.platform === 'linux' ? testWith('python') : test.skip;

const PROGRAM = join('__test__', 'peers', 'python', 'facts.py');

/** What the kernel does, as a program without this library sees it. */
export function factOf(name: string): Record<string, number | boolean> {
  return JSON.parse(execFileSync('python3', [PROGRAM, name], { encoding: 'utf8' }));
}
