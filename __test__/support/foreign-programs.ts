import { execFileSync, spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, renameSync, statSync } from 'node:fs';
import { join } from 'node:path';
import test, { type TestFn } from 'ava';

const root = join(__dirname, '..', '..', '..');
const peers = join(root, '__test__', 'peers');
const built = join(root, 'build', 'peers');

/** The programs in `__test__/peers`, what each needs, and where it can run. */
const PROGRAMS = {
  python: { tool: 'python3', asked: '--version', platforms: ['linux', 'darwin', 'freebsd'] },
  // It waits by an eventfd.
  unet: { tool: 'go', asked: 'version', platforms: ['linux'] },
  gofd: { tool: 'go', asked: 'version', platforms: ['linux', 'darwin', 'freebsd'] },
} as const;

export type ProgramName = keyof typeof PROGRAMS;

/**
 * `test`, for what needs a program. Where its tool is missing, such a test is skipped, with a
 * message; but in CI, which has to have it, it runs and fails.
 */
export function testWith(name: ProgramName): TestFn | TestFn['skip'] {
  const { tool, asked, platforms } = PROGRAMS[name];
  const { CI } = process.env;
  if (!platforms.some((platform) => platform === process.platform)) {
    return skipped(name, `it does not run on ${process.platform}`);
  }
  if (spawnSync(tool, [asked]).status !== 0 && CI !== 'true') {
    return skipped(name, `${tool} is not installed`);
  }
  return test;
}

function skipped(name: ProgramName, why: string): TestFn['skip'] {
  process.stderr.write(`Skipped: the tests against ${name}, as ${why}\n`);
  return test.skip;
}

/** The command line of a program, which is built if it is not. */
export function programOf(name: ProgramName): [command: string, ...args: string[]] {
  return name === 'python' ? ['python3', join(peers, 'python', 'peer.py')] : [builtByGo(name)];
}

function builtByGo(name: string): string {
  const program = join(built, name);
  if (changedAt(program) < newestSource()) {
    // Several test files may build it at once, and run it: each puts a whole one in its place.
    const own = `${program}.${process.pid}`;
    mkdirSync(built, { recursive: true });
    const args = ['build', '-mod=readonly', '-trimpath', '-buildvcs=false', '-o', own, `./${name}`];
    execFileSync('go', args, { cwd: peers, stdio: ['ignore', 'inherit', 'inherit'] });
    renameSync(own, program);
  }
  return program;
}

function newestSource(): number {
  const names = readdirSync(peers, { recursive: true, encoding: 'utf8' });
  const sources = names.filter((path) => path.endsWith('.go') || /^go\.(mod|sum)$/.test(path));
  return Math.max(...sources.map((path) => changedAt(join(peers, path))));
}

function changedAt(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
}
