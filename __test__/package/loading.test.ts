import { statSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import test from 'ava';
import { Installed } from './installed.js';

const installed = new Installed();

test.before('The package is packed and installed', () => installed.install());

test.after.always('The project is removed', () => {
  installed.remove();
});

/** What came into a program with the package. */
interface Loaded {
  /** The files of packages. */
  readonly files: readonly string[];
  /** Node's public modules that were not there before. */
  readonly modules: readonly string[];
  /** What it exports, and as what that knows itself. */
  readonly names: Readonly<Record<string, string>>;
}

/** Loads the package in a process of its own, after an empty module in the same way. */
async function loaded(load: 'require' | 'import'): Promise<Loaded> {
  installed.write('empty.cjs', '');
  installed.write(
    'loading.cjs',
    `const load = { require: async (name) => require(name), import: (name) => import(name) }.${load};
    load('./empty.cjs').then(async () => {
      const before = new Set(process.moduleLoadList);
      const { default: _, ...exported } = await load('fd-conduit');
      const modules = process.moduleLoadList.filter((name) => !before.has(name));
      console.log(JSON.stringify({
        files: Object.keys(require.cache).filter((path) => path.includes('node_modules')),
        modules: modules.flatMap((name) => /^NativeModule (?!internal)(.*)/.exec(name)?.[1] ?? []),
        names: Object.fromEntries(Object.entries(exported).map(([name, { name: own }]) => [name, own])),
      }));
    });`,
  );
  return JSON.parse(await installed.node('loading.cjs'));
}

/** Each costs 0.5 to 2 ms, as each file costs a third of one. */
const SLOW = [
  'child_process',
  'cluster',
  'crypto',
  'dgram',
  'fs/promises',
  'net',
  'stream',
  'worker_threads',
];

for (const load of ['require', 'import'] as const) {
  test(`\`${load}\` of the package loads one file, the binary, and nothing of Node's that is slow`, async (t) => {
    const { files, modules } = await loaded(load);
    const names = files.map((path) => basename(path)).filter((name) => name !== 'imported.js');
    t.deepEqual(
      names.map((name) => name.replace(/\..*\./, '.')),
      ['index.js', 'fd-conduit.node'],
    );
    t.deepEqual(
      modules.filter((name) => SLOW.includes(name)),
      [],
    );
  });
}

test('`import` finds the names of the exports without reading through the library', async (t) => {
  const resolve = "console.log(import.meta.resolve('fd-conduit'))";
  const url = await installed.node('--input-type=module', '--eval', resolve);
  const path = fileURLToPath(url.trim());
  t.is(basename(path), 'imported.js');
  t.true(statSync(path).size < 1000);
});

test('In one file, classes and functions still have their names', async (t) => {
  const { names } = await loaded('require');
  const { Conduit, UnixSocket, put } = names;
  t.deepEqual(
    { Conduit, UnixSocket, put },
    { Conduit: 'Conduit', UnixSocket: 'UnixSocket', put: 'put' },
  );
  const renamed = Object.entries(names).filter(([name, own]) => own !== undefined && own !== name);
  t.deepEqual(renamed, []);
});
