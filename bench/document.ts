import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { figures } from './figures.js';
import { report } from './report.js';
import type { Results } from './results.js';

/** Renews what was measured in `performance.md` of a folder, and the files that it shows. */
export function renew(folder: string, results: Results): void {
  const document = join(folder, 'performance.md');
  let text = readFileSync(document, 'utf8');
  for (const [section, content] of report(results)) {
    text = replaceSection(text, section, content);
  }
  writeFileSync(document, text);
  const files = join(folder, 'performance');
  mkdirSync(files, { recursive: true });
  for (const [name, svg] of figures(results)) {
    writeFileSync(join(files, name), svg);
  }
  writeFileSync(join(files, 'results.json'), `${JSON.stringify(results, undefined, 1)}\n`);
}

/** What stands between the two comments of that name is replaced. */
function replaceSection(text: string, name: string, content: string): string {
  const [begin, end] = [`<!-- measured: ${name} -->`, '<!-- end of what was measured -->'];
  const start = text.indexOf(begin);
  const stop = text.indexOf(end, start);
  if (start < 0 || stop < 0) {
    throw new Error(`performance.md has no place for ${name}`);
  }
  return `${text.slice(0, start)}${begin}\n\n${content}\n\n${text.slice(stop)}`;
}
