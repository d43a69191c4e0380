import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { root } from './installed.js';

const name = readdirSync(root).find((file) => file.endsWith('.node')) ?? 'no binary';
const binary = join(root, name);

/** The lines of a list, without its comments. */
function listed(file: string): string[] {
  const lines = readFileSync(join(root, '__test__', 'package', file), 'utf8').split('\n');
  return lines.filter((line) => line !== '' && !line.startsWith('#'));
}

test('The binary is small', (t) => {
  t.true(statSync(binary).size <= 700_000, `${statSync(binary).size} bytes`);
});

const onLinux = process.platform === 'linux' ? test : test.skip;

onLinux(
  'The binary asks for listed functions of Node-API and for the C library, and no more',
  (t) => {
    const symbols = execFileSync('nm', ['-D', '--undefined-only', binary], { encoding: 'utf8' });
    const names = symbols.split('\n').flatMap((line) => /^\s+[Uw] (\S+)/.exec(line)?.[1] ?? []);
    const napi = names.filter((symbol) => symbol.startsWith('napi_'));
    const allowed = new Set(listed('node-api.txt'));
    t.deepEqual(
      napi.filter((symbol) => !allowed.has(symbol)),
      [],
    );
    // What comes from the C library and the unwinder has a version; the rest is weak and absent.
    const other = names.filter(
      (symbol) =>
        !symbol.startsWith('napi_') &&
        !/@(GLIBC|GCC)_/.test(symbol) &&
        !/^(_ITM_|__gmon_start__)/.test(symbol),
    );
    t.deepEqual(other, []);
    t.true(napi.length > 20);
  },
);
