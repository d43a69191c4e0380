// Installs and builds what is missing or older than its source, so that `npm run demo` and
// `npm test` work right after `git clone`.
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');

function newest(...paths) {
  let latest = 0;
  for (const path of paths.map((path) => join(root, path)).filter(existsSync)) {
    const stat = statSync(path);
    const times = stat.isDirectory()
      ? readdirSync(path, { recursive: true }).map((name) => statSync(join(path, name)).mtimeMs)
      : [stat.mtimeMs];
    latest = Math.max(latest, ...times);
  }
  return latest;
}

function run(what, ...args) {
  process.stderr.write(`${what} …\n`);
  execFileSync('npm', args, { cwd: root, stdio: ['ignore', 'ignore', 'inherit'] });
}

if (newest('node_modules/.package-lock.json') < newest('package-lock.json')) {
  // Not `npm ci`: a mirror that lacks the tools of other systems leaves them out of the lock file.
  run('Installing the tools', 'install', '--no-save', '--no-audit', '--no-fund');
}
const binary = readdirSync(root).find((name) => name.endsWith('.node'));
if (
  binary === undefined ||
  newest(binary) < newest('src', 'build.rs', 'Cargo.toml', 'Cargo.lock', 'lib/binding.d.ts')
) {
  run('Building the native side (Rust)', 'run', 'build:native');
}
if (
  newest('dist/index.js') < newest('index.ts', 'lib', 'tsconfig.json', 'rolldown.config.mjs') ||
  newest('build/tsconfig.dev.tsbuildinfo', 'build/__test__') <
    newest('__test__', 'examples', 'bench')
) {
  run('Building the TypeScript side', 'run', 'build:ts');
}
