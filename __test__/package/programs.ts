import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root } from './installed.js';

/** The whole programs of a document: its `js` blocks with an `import`. */
export function programs(document: string): string[] {
  const text = readFileSync(join(root, document), 'utf8');
  return [...text.matchAll(/^```js\n(.*?)^```$/gms)]
    .map(([, program]) => program as string)
    .filter((program) => /^import /m.test(program));
}
