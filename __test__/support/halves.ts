import { fstatSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';

export const FIRST_HALF = 'what this side has read, ';
export const SECOND_HALF = 'and what is left to read';

/** A directory that lives as long as the test. */
export function ownDirectory(t: ExecutionContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'fd-conduit-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** The path of a file of two halves. */
export function fileOfHalves(t: ExecutionContext): string {
  const path = join(ownDirectory(t), 'halves');
  writeFileSync(path, FIRST_HALF + SECOND_HALF);
  return path;
}

/** A file whose first half is read, so that who goes on with it proves to have its offset. */
export async function openHalfRead(
  t: ExecutionContext,
): Promise<{ file: FileHandle; fd: number; inode: number }> {
  const file = await open(fileOfHalves(t), 'r+');
  await file.read(Buffer.alloc(FIRST_HALF.length));
  return { file, fd: file.fd, inode: fstatSync(file.fd).ino };
}

/** Whether this process holds that file under that number. */
export function holds(fd: number, inode: number): boolean {
  try {
    return fstatSync(fd).ino === inode;
  } catch {
    return false;
  }
}
