import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import test from 'ava';
import { EXAMPLES } from '../support/examples.js';

for (const [name, lines] of Object.entries(EXAMPLES)) {
  test(`examples/${name} does what it says`, async (t) => {
    const program = join(__dirname, '..', '..', 'examples', `${name}.js`);
    const { stdout, stderr } = await promisify(execFile)(process.execPath, [program]);
    t.is(stderr, '');
    t.deepEqual(stdout.trimEnd().split('\n'), lines);
  });
}
