import { readdirSync } from 'node:fs';
import test from 'ava';
import { converse } from '../support/conversations.js';
import { EXAMPLES } from '../support/examples.js';
import { FIRST_HALF, fileOfHalves, SECOND_HALF } from '../support/halves.js';
import { Installed, root } from './installed.js';
import { programs } from './programs.js';

const installed = new Installed();

test.before('The package is packed and installed', () => installed.install());

test.after.always('The project is removed', () => {
  installed.remove();
});

test('The package has what it needs to run and to be understood, and nothing else', (t) => {
  const binaries = readdirSync(root).filter((name) => name.endsWith('.node'));
  t.is(binaries.length, 1);
  const documents = ['CHANGELOG.md', 'LICENSE', 'README.md', 'index.d.ts', 'package.json'];
  const wanted = [...documents, ...binaries, 'dist/imported.js', 'dist/index.js'];
  const missing = wanted.filter((name) => !installed.files.includes(name));
  const needless = installed.files.filter((name) => !wanted.includes(name));
  t.deepEqual({ missing, needless }, { missing: [], needless: [] });
});

test('Packed, it is small', (t) => {
  t.true(installed.packedBytes > 0 && installed.packedBytes <= 500_000, `${installed.packedBytes}`);
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

for (const [name, lines] of Object.entries(EXAMPLES)) {
  test(`Installed, it runs examples/${name}`, async (t) => {
    const output = await installed.node(`examples/${name}.js`);
    t.deepEqual(output.trimEnd().split('\n'), lines);
  });
}

test('Installed, it upgrades a server under a hundred conversations', (t) =>
  converse(t, installed.path('examples/graceful-upgrade/server.js')));

for (const document of ['docs/conduit.md', 'docs/unet.md', 'docs/fd.md']) {
  test(`Installed, it runs the programs of ${document}`, async (t) => {
    const all = programs(document);
    t.true(all.length > 0);
    for (const program of all) {
      installed.write('program.mjs', program);
      await t.notThrowsAsync(installed.node('program.mjs'), program);
    }
  });
}
