// Publishes to a registry of its own on this machine, and installs from there with npm, pnpm and
// yarn, as a user would: `npm run install-check`.
import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { npmPrograms } from './lib/cache.mjs';
import { root, run } from './lib/run.mjs';
import { firstLine, table } from './lib/table.mjs';

const work = mkdtempSync(join(tmpdir(), 'fd-conduit-registry-'));
const read = (path) => JSON.parse(readFileSync(path, 'utf8'));
const consumer = join(root, '__test__', 'package', 'consumer');
const programs = async (name, packages, overrides) =>
  join(await npmPrograms(name, packages, overrides), 'node_modules', '.bin');

/** Starts the registry, which knows no other; answers its address and how to end it. */
async function startRegistry() {
  const bin = await programs('verdaccio', ['verdaccio@6'], { 'node-fetch': '2.7.0' });
  const config = join(work, 'config.yaml');
  const lines = [
    `storage: ${join(work, 'storage')}`,
    'packages:',
    "  '**': { access: $all, publish: $all }",
    'log: { type: stdout, level: warn }',
    'max_body_size: 20mb',
  ];
  writeFileSync(config, `${lines.join('\n')}\n`);
  const port = await freePort();
  const child = spawn(
    join(bin, 'verdaccio'),
    ['--config', config, '--listen', `127.0.0.1:${port}`],
    {
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const address = `http://127.0.0.1:${port}/`;
  for (let turn = 0; turn < 300; turn += 1) {
    if (
      await fetch(`${address}-/ping`).then(
        ({ ok }) => ok,
        () => false,
      )
    ) {
      return { address, end: () => child.kill() };
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  child.kill();
  throw new Error('the registry did not start');
}

function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

/** Publishes as a release does: each binary package, then the root with them as optional. */
async function publish(address) {
  const stage = join(work, 'release');
  mkdirSync(stage);
  for (const name of [
    'package.json',
    'dist',
    'index.d.ts',
    'LICENSE',
    'README.md',
    'CHANGELOG.md',
    'npm',
  ]) {
    cpSync(join(root, name), join(stage, name), { recursive: true });
  }
  const built = join(root, 'build', 'platforms');
  const own = readdirSync(root).filter((name) => name.endsWith('.node'));
  const places = [
    ...(existsSync(built) ? readdirSync(built).map((name) => join(built, name)) : []),
  ];
  const binaries = new Map(
    [...places, ...own.map((name) => join(root, name))].map((path) => [
      path.split('/').at(-1),
      path,
    ]),
  );
  const napi = join(root, 'node_modules', '.bin', 'napi');
  const prepublish = ['pre-publish', '-t', 'npm', '--skip-optional-publish', '--no-gh-release'];
  const optional = [];
  for (const platform of readdirSync(join(stage, 'npm'))) {
    const folder = join(stage, 'npm', platform);
    const { main, name } = read(join(folder, 'package.json'));
    const binary = binaries.get(main);
    // One that was not built here is published empty: it must not be fetched.
    binary === undefined
      ? writeFileSync(join(folder, main), '')
      : cpSync(binary, join(folder, main));
    optional.push(name);
  }
  await run(napi, prepublish, { cwd: stage });
  const manifest = read(join(stage, 'package.json'));
  const missing = optional.filter((name) => !(name in (manifest.optionalDependencies ?? {})));
  if (missing.length > 0) {
    throw new Error(`the root does not name ${missing.join(', ')}`);
  }
  writeFileSync(join(work, 'npmrc'), `//${new URL(address).host}/:_authToken=none\n`);
  const options = ['--registry', address, '--userconfig', join(work, 'npmrc'), '--ignore-scripts'];
  for (const folder of [
    ...optional.map((name) => join(stage, 'npm', name.slice('fd-conduit-'.length))),
    stage,
  ]) {
    await run('npm', ['publish', '--provenance=false', ...options], { cwd: folder });
  }
}

/** An empty project with the programs of the package tests. */
function project(name) {
  const folder = join(work, name);
  cpSync(consumer, folder, { recursive: true });
  writeFileSync(
    join(folder, 'package.json'),
    '{ "name": "consumer", "private": true, "version": "1.0.0" }',
  );
  writeFileSync(join(folder, 'halves.txt'), 'first half, second half');
  return folder;
}

const works = async (folder, ...program) => {
  const { stdout } = await run(process.execPath, [...program, 'halves.txt'], {
    cwd: folder,
    timeoutMs: 30_000,
  });
  if (!stdout.includes('receiver: first half, second half')) {
    throw new Error(`it moved no file: ${stdout}`);
  }
};

async function npm(address) {
  const folder = project('npm');
  await run('npm', ['install', '--registry', address, '--no-audit', '--no-fund', 'fd-conduit'], {
    cwd: folder,
  });
  const { packages } = read(join(folder, 'node_modules', '.package-lock.json'));
  const names = Object.keys(packages);
  if (names.length !== 2 || Object.values(packages).some((each) => each.hasInstallScript)) {
    throw new Error(`it brought ${names.join(', ')}`);
  }
  await works(folder, 'esm.mjs');
  await works(folder, 'commonjs.cjs');
  return `${names.map((name) => name.split('/').at(-1)).join(' + ')}; ESM, CommonJS`;
}

async function other(name, specifier, args, address) {
  const bin = await programs(name, [specifier]);
  const folder = project(name);
  const env = {
    npm_config_registry: address,
    YARN_REGISTRY: address,
    npm_config_store_dir: join(work, 'store'),
  };
  await run(join(bin, name), args, { cwd: folder, env });
  await works(folder, 'esm.mjs');
  return 'ESM';
}

async function foreign(address) {
  const folder = project('foreign');
  const args = [
    'install',
    '--registry',
    address,
    '--no-audit',
    '--no-fund',
    '--os=darwin',
    '--cpu=arm64',
    'fd-conduit',
  ];
  await run('npm', args, { cwd: folder });
  const fetched = readdirSync(join(folder, 'node_modules')).filter((name) =>
    name.startsWith('fd-'),
  );
  if (fetched.join() !== 'fd-conduit,fd-conduit-darwin-arm64') {
    throw new Error(`it fetched ${fetched}`);
  }
  return fetched.at(-1);
}

async function typescript(resolution, module) {
  const folder = join(work, 'npm');
  const tsc = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const types = ['--typeRoots', join(root, 'node_modules', '@types'), '--types', 'node'];
  const strict = [
    '--strict',
    '--target',
    'es2022',
    '--lib',
    'es2023,esnext.disposable',
    '--outDir',
    `ts-${resolution}`,
  ];
  await run(
    process.execPath,
    [
      tsc,
      'typescript.mts',
      '--moduleResolution',
      resolution,
      '--module',
      module,
      ...types,
      ...strict,
    ],
    { cwd: folder },
  );
  await works(folder, `ts-${resolution}/typescript.mjs`);
  return `--module ${module}`;
}

async function esbuild(format, external) {
  const bin = await programs('esbuild', ['esbuild@0.25']);
  const folder = join(work, 'npm');
  const [source, out] = format === 'esm' ? ['esm.mjs', 'mjs'] : ['commonjs.cjs', 'cjs'];
  const name = `esbuild-${external}.${out}`;
  const more = external ? ['--external:fd-conduit'] : [];
  await run(
    join(bin, 'esbuild'),
    [source, '--bundle', '--platform=node', `--format=${format}`, `--outfile=${name}`, ...more],
    { cwd: folder },
  );
  await works(folder, name);
  return external ? 'with fd-conduit external' : 'bundled, the binary from node_modules';
}

async function webpack(external) {
  const bin = await programs('webpack', ['webpack@5', 'webpack-cli@6']);
  const folder = join(work, 'npm');
  const name = `webpack-${external}.cjs`;
  const more = external ? { externals: { 'fd-conduit': 'commonjs fd-conduit' } } : {};
  const config = {
    mode: 'production',
    target: 'node',
    entry: './commonjs.cjs',
    output: { path: folder, filename: name },
    ...more,
  };
  writeFileSync(join(folder, 'webpack.config.cjs'), `module.exports = ${JSON.stringify(config)};`);
  await run(join(bin, 'webpack'), ['--config', 'webpack.config.cjs'], { cwd: folder });
  await works(folder, name);
  return external ? 'with fd-conduit external' : 'bundled';
}

const registry = await startRegistry();
const rows = [];
try {
  await publish(registry.address);
  const { address } = registry;
  for (const [name, body] of [
    ['npm install', () => npm(address)],
    ['pnpm add', () => other('pnpm', 'pnpm@9', ['add', 'fd-conduit'], address)],
    ['yarn add', () => other('yarn', 'yarn@1', ['add', 'fd-conduit', '--no-lockfile'], address)],
    ['npm install for another system', () => foreign(address)],
    ['TypeScript, nodenext', () => typescript('nodenext', 'nodenext')],
    ['TypeScript, bundler', () => typescript('bundler', 'preserve')],
    ['esbuild, CommonJS', () => esbuild('cjs', true)],
    ['esbuild, ESM', () => esbuild('esm', true)],
    ['esbuild, CommonJS, all in one', () => esbuild('cjs', false)],
    ['webpack', () => webpack(true)],
  ]) {
    process.stderr.write(`${name} …\n`);
    try {
      rows.push([name, 'works', await body()]);
    } catch (error) {
      process.stderr.write(`\n${error.output ?? error.stack}\n\n`);
      rows.push([name, 'FAILED', firstLine(error)]);
      process.exitCode = 1;
    }
  }
} finally {
  registry.end();
  rmSync(work, { recursive: true });
}
process.stdout.write(`\n${table(['how', 'outcome', 'what'], rows)}\n`);
