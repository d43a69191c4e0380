// How long loading the package takes, laid out as its users have it, each time in a new process:
// `node bench/loading.mjs [SAMPLES]` prints medians in ms. Run it when nothing else does.
import { execFileSync } from 'node:child_process';
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const samples = Number(process.argv[2] ?? 31);
const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const project = mkdtempSync(join(tmpdir(), 'fd-conduit-loading-'));

/** Packs and installs the package; the binary goes to a package of its own, as in a release. */
function install() {
  const quiet = ['--ignore-scripts', '--silent'];
  const npm = (cwd, ...args) => execFileSync('npm', args, { cwd, encoding: 'utf8' }).trim();
  const archive = npm(root, 'pack', ...quiet, '--pack-destination', project);
  writeFileSync(join(project, 'package.json'), '{ "private": true }');
  npm(project, 'install', ...quiet, '--offline', '--no-audit', '--no-fund', `./${archive}`);
  const modules = join(project, 'node_modules');
  const empty = join(modules, 'empty');
  mkdirSync(empty);
  writeFileSync(join(empty, 'index.js'), '');
  writeFileSync(join(empty, 'package.json'), '{ "name": "empty", "exports": "./index.js" }');
  const binary = readdirSync(join(modules, 'fd-conduit')).find((name) => name.endsWith('.node'));
  const system = binary.split('.')[1];
  const folder = join(modules, `fd-conduit-${system}`);
  mkdirSync(folder);
  renameSync(join(modules, 'fd-conduit', binary), join(folder, binary));
  cpSync(join(root, 'npm', system, 'package.json'), join(folder, 'package.json'));
  return `fd-conduit-${system}`;
}

/** How long `load` takes after `before`, in a new process, in ms. */
function measure({ before = '', load }) {
  const program = `(async () => {
    ${before};
    const start = process.hrtime.bigint();
    ${load};
    console.log(Number(process.hrtime.bigint() - start) / 1e6);
  })()`;
  return Number(execFileSync(process.execPath, ['-e', program], { cwd: project }));
}

function median(values) {
  return values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
}

try {
  const native = install();
  const cases = [
    { name: 'require an empty module', load: "require('./node_modules/empty/index.js')" },
    { name: 'require an empty package', load: "require('empty')" },
    { name: 'require node:net', load: "require('node:net')" },
    { name: 'require fd-conduit', load: "require('fd-conduit')" },
    { name: 'require it by its path', load: "require('./node_modules/fd-conduit')" },
    // What the first package of a program costs is left out of the parts.
    {
      name: '- its JavaScript only',
      before: `require('empty'); require('${native}')`,
      load: "require('fd-conduit')",
    },
    { name: '- its binary only', before: "require('empty')", load: `require('${native}')` },
    { name: 'import an empty package', load: "await import('empty')" },
    { name: 'import fd-conduit', load: "await import('fd-conduit')" },
  ].map((each) => ({ ...each, times: [] }));
  // In turns, so that what else happens on the machine falls on all alike.
  for (let turn = 0; turn < samples; turn += 1) {
    for (const each of cases) {
      each.times.push(measure(each));
    }
  }
  for (const { name, times } of cases) {
    console.log(`${name.padEnd(26)}${median(times).toFixed(2).padStart(7)}`);
  }
} finally {
  rmSync(project, { recursive: true });
}
