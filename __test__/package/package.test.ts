import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import test from 'ava';
import { FIRST_HALF, fileOfHalves, SECOND_HALF } from '../support/halves.js';
import { Installed, root } from './installed.js';

const installed = new Installed();

test.before('The package is packed and installed', () => installed.install());

test.after.always('The project is removed', () => {
  installed.remove();
});

test('The package has what it needs to run and to be understood, and nothing else', (t) => {
  const sources = readdirSync(join(root, 'lib')).filter((name) => !name.endsWith('.d.ts'));
  const compiled = sources.map((name) => `dist/lib/${name.replace(/\.ts$/, '.js')}`);
  const binaries = readdirSync(root).filter((name) => name.endsWith('.node'));
  t.is(binaries.length, 1);
  const documents = ['CHANGELOG.md', 'LICENSE', 'README.md', 'index.d.ts', 'package.json'];
  const wanted = [...documents, ...binaries, 'dist/index.js', ...compiled];
  const missing = wanted.filter((name) => !installed.files.includes(name));
  const needless = installed.files.filter((name) => !wanted.includes(name));
  t.deepEqual({ missing, needless }, { missing: [], needless: [] });
});

test('It brings no other package along, and runs nothing when it is installed', (t) => {
  const { manifest } = installed;
  t.is(manifest.dependencies, undefined);
  t.is(manifest.gypfile, undefined);
  const scripts = Object.keys(manifest.scripts ?? {});
  const running = ['preinstall', 'install', 'postinstall', 'prepare', 'preprepare', 'postprepare'];
  t.deepEqual(
    scripts.filter((name) => running.includes(name)),
    [],
  );
  const { packages } = JSON.parse(installed.read('package-lock.json'));
  t.deepEqual(Object.keys(packages), ['', 'node_modules/fd-conduit']);
});

for (const source of ['esm.mjs', 'commonjs.cjs', 'typescript.mts']) {
  test(`Installed, it moves a file from one process to another: ${source}`, async (t) => {
    const program = source.replace('.mts', '.mjs');
    if (program !== source) {
      await installed.compile();
    }
    const output = await installed.node(program, fileOfHalves(t));
    t.deepEqual(output.trim().split('\n').sort(), [
      `receiver: ${FIRST_HALF}${SECOND_HALF}`,
      'sender: NoFD',
    ]);
  });
}

test('`import` and `require` in one process give the same of everything', async (t) => {
  const { names, different, isKnown } = JSON.parse(await installed.node('both.mjs'));
  t.true(names.includes('Conduit') && names.includes('isConduitError'));
  t.deepEqual(different, []);
  t.true(isKnown);
});
