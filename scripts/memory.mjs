// npm run memory: the Rust tests under valgrind, then the addon in Node under valgrind. Fails on an
// invalid access, a use of uninitialised memory or a definite leak with a frame of ours in its
// stack. What Node and V8 do by themselves is told by the number only: theirs to mend.
import { spawnSync } from 'node:child_process';
import { copyFileSync, cpSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const work = join(root, 'target', 'memory');
/** What libraries below us are known to do. */
const SUPPRESSIONS = join(root, '__test__', 'valgrind.supp');
const OURS = /fd[-_]conduit/;

function run(command, args, options = {}) {
  const result = spawnSync(command, args, {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'inherit'],
    ...options,
  });
  if (result.error !== undefined) {
    process.stderr.write(`${command}: ${result.error.message}\n`);
    process.exit(1);
  }
  return result;
}

function must(command, args, options) {
  const result = run(command, args, options);
  if (result.status !== 0) {
    process.stderr.write(`${command} ${args.join(' ')} failed\n${result.stdout}`);
    process.exit(1);
  }
  return result.stdout;
}

/** Runs a program under valgrind; answers what it found, each with its kind and its stack. */
function underValgrind(name, program, env = {}) {
  const xml = join(work, `${name}.xml`);
  process.stdout.write(`\n== ${name}\n`);
  const started = Date.now();
  const { stdout, status } = run(
    'valgrind',
    [
      ...['--quiet', '--xml=yes', `--xml-file=${xml}`, '--child-silent-after-fork=yes'],
      ...['--leak-check=full', '--show-leak-kinds=definite', '--keep-debuginfo=yes'],
      ...[
        '--num-callers=60',
        '--fair-sched=yes',
        '--error-limit=no',
        `--suppressions=${SUPPRESSIONS}`,
      ],
      ...program,
    ],
    { env: { ...process.env, ...env } },
  );
  const errors = readFileSync(xml, 'utf8').split('<error>').slice(1);
  const ours = errors.filter((error) => OURS.test(error.split('</error>')[0]));
  const seconds = Math.round((Date.now() - started) / 1000);
  process.stdout.write(stdout);
  process.stdout.write(
    `${name}: exit ${status}, ${ours.length} errors of ours, ${errors.length - ours.length} of others, ${seconds} s\n`,
  );
  for (const error of ours) {
    const kind = /<kind>(.*?)<\/kind>/.exec(error)?.[1];
    const frames = [...error.matchAll(/<fn>(.*?)<\/fn>/g)].map(([, fn]) => fn);
    process.stdout.write(`${kind}\n  ${frames.join('\n  ')}\n`);
  }
  return status === 0 && ours.length === 0;
}

rmSync(work, { recursive: true, force: true });
mkdirSync(work, { recursive: true });

const built = must('cargo', ['test', '--no-run', '--features', 'testing', '--message-format=json']);
const test = built
  .split('\n')
  .filter((line) => line.startsWith('{'))
  .map((line) => JSON.parse(line))
  .find(({ executable, profile }) => executable && profile?.test)?.executable;
const rust = underValgrind('rust-tests', [test, '--test-threads=1']);

// The addon with its symbols, in a copy of the package.
must('cargo', ['build', '--features', 'default']);
cpSync(join(root, 'build'), join(work, 'build'), { recursive: true });
cpSync(join(root, 'dist'), join(work, 'dist'), { recursive: true });
copyFileSync(join(root, 'package.json'), join(work, 'package.json'));
const addon = `fd-conduit.linux-${process.arch}-gnu.node`;
copyFileSync(join(root, 'target', 'debug', 'libfd_conduit.so'), join(work, addon));
const program = join(work, 'build', '__test__', 'peers', 'memory.js');
// V8's own compilers trip valgrind up; the addon does not care how its caller runs.
const node = underValgrind('addon-in-node', [
  process.execPath,
  ...['--jitless', '--single-threaded', '--expose-gc', program],
]);
process.exitCode = rust && node ? 0 : 1;
