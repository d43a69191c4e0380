// npm run fuzz [-- --seconds N]: libFuzzer with AddressSanitizer, for so long at each target. Shows
// libFuzzer's own progress. Needs the nightly toolchain, and installs cargo-fuzz below target/.
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { numberOption } from './options.mjs';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const tools = join(root, 'target', 'tools');
const seconds = numberOption('seconds', 60);

function cargo(...args) {
  const { status, error } = spawnSync('cargo', args, { cwd: root, stdio: 'inherit' });
  if (error !== undefined || status !== 0) {
    process.stderr.write(`cargo ${args.join(' ')} failed ${error?.message ?? ''}\n`);
    process.exit(1);
  }
}

if (!existsSync(join(tools, 'bin', 'cargo-fuzz'))) {
  cargo('install', 'cargo-fuzz', '--locked', '--root', tools);
}
process.env.PATH = `${join(tools, 'bin')}:${process.env.PATH}`;
const targets = readdirSync(join(root, 'fuzz', 'fuzz_targets')).map((name) => name.slice(0, -3));
for (const target of targets) {
  process.stdout.write(`\n== ${target}, ${seconds} s\n`);
  // What it finds on the way stays out of the tree: only the small corpus is kept there.
  const found = join(root, 'target', 'fuzz-corpus', target);
  mkdirSync(found, { recursive: true });
  cargo(
    ...['+nightly', 'fuzz', 'run', '--target-dir', join('target', 'fuzz'), target],
    ...[found, join('fuzz', 'corpus', target)],
    ...['--', `-max_total_time=${seconds}`, '-print_final_stats=1', '-max_len=2048'],
  );
}
