import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionContext } from 'ava';

/** What the files of these tests hold. */
export const TEXT = 'first half, second half';

/** A directory that lives as long as the test. */
export function temporaryDirectory(t: ExecutionContext): string {
  const directory = mkdtempSync(join(tmpdir(), 'fdc-'));
  t.teardown(() => rmSync(directory, { recursive: true, force: true }));
  return directory;
}

/** A file that lives as long as the test. */
export function temporaryFile(t: ExecutionContext, text = TEXT): string {
  const path = join(temporaryDirectory(t), 'file');
  writeFileSync(path, text);
  return path;
}
