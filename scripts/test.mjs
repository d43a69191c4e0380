// Runs every test suite and adds up what they counted, in one closing line.
import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const total = { passed: 0, failed: 0, skipped: 0 };

function run(name, command, args, count) {
  process.stdout.write(`\n== ${name}\n`);
  const { stdout, stderr, status } = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  process.stdout.write(stdout ?? '');
  process.stderr.write(stderr ?? '');
  const counted = count(stdout ?? '');
  total.passed += counted.passed;
  total.skipped += counted.skipped;
  // A suite that fails without naming a test has failed all the same.
  total.failed += status === 0 ? counted.failed : Math.max(counted.failed, 1);
}

function number(pattern, output) {
  return Number(pattern.exec(output)?.[1] ?? 0);
}

const check = (command, ...args) =>
  run([command, ...args].join(' '), command, args, () => ({ passed: 1, failed: 0, skipped: 0 }));

check('npx', 'biome', 'ci', '.');
check('node', 'scripts/dependencies.mjs');
check('cargo', 'fmt', '--check');
// That the fuzzers still fit what they fuzz. They are not linked, so that no C++ compiler is needed.
process.env.CUSTOM_LIBFUZZER_PATH = '/dev/null';
const fuzzers = ['--manifest-path', 'fuzz/Cargo.toml', '--target-dir', 'target/fuzz-check'];
check('cargo', 'check', '-q', ...fuzzers);
check('cargo', 'clippy', '-q', '--all-targets', '--features', 'testing', '--', '-D', 'warnings');
run(
  'cargo test',
  'cargo',
  ['test', '-q', '--features', 'testing', '--', '--test-threads=1'],
  (output) => ({
    passed: number(/(\d+) passed/, output),
    failed: number(/(\d+) failed/, output),
    skipped: number(/(\d+) ignored/, output),
  }),
);
run('ava', 'npx', ['ava', ...process.argv.slice(2)], (output) => ({
  passed: number(/(\d+) tests? passed/, output),
  failed: number(/(\d+) tests? failed/, output) + number(/(\d+) uncaught/, output),
  skipped: number(/(\d+) tests? (?:skipped|todo)/, output),
}));

const skipped = total.skipped > 0 ? `, ${total.skipped} skipped` : '';
process.stdout.write(`\n${total.passed} passed, ${total.failed} failed${skipped}\n`);
process.exitCode = total.failed > 0 || total.passed === 0 ? 1 : 0;
