import { closeSync, readFileSync } from 'node:fs';
import test, { type TestFn } from 'ava';

/** `test`, for what only Linux has. */
export const testOnLinux: TestFn | TestFn['skip'] = process.platform === 'linux' ? test : test.skip;

const CLOSE_ON_EXEC = 0o2000000;
const NON_BLOCKING = 0o4000;

/** The number that `open` answers, for as long as `body` takes. */
export async function lending<T>(fds: number[], body: (fds: number[]) => Promise<T>): Promise<T> {
  try {
    return await body(fds);
  } finally {
    for (const fd of fds) {
      closeSync(fd);
    }
  }
}

/** Whether a program that is started would inherit the descriptor. Linux. */
export function isInherited(fd: number): boolean {
  return (flagsOf(fd) & CLOSE_ON_EXEC) === 0;
}

/** Whether the open file description is non-blocking, for all who share it. Linux. */
export function isNonBlocking(fd: number): boolean {
  return (flagsOf(fd) & NON_BLOCKING) !== 0;
}

function flagsOf(fd: number): number {
  const flags = /^flags:\s*(\d+)$/m.exec(readFileSync(`/proc/self/fdinfo/${fd}`, 'utf8'))?.[1];
  return Number.parseInt(flags ?? '', 8);
}
