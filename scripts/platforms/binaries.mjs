// Builds a target, and looks at what came out.
import { copyFileSync, mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from '../lib/run.mjs';
import { toolchainFor } from './toolchains.mjs';

const output = join(root, 'build', 'platforms');

/** The name that Node knows a target's system and processor by, as in `npm/`. */
export function platformOf(target) {
  const [machine, , system, library] = target.split('-');
  const arch = { x86_64: 'x64', aarch64: 'arm64', armv7: 'arm', riscv64gc: 'riscv64' }[machine];
  return [system === 'unknown' ? '' : system, arch, library].filter(Boolean).join('-');
}

/** Builds the binary of `target`; answers its path and what the table says of it. */
export async function build(target) {
  const { program, args, env, how } = await toolchainFor(target);
  const folder = join(root, 'target', 'platforms');
  const { output: said } = await run('nice', [program, ...args], {
    env: { ...env, CARGO_TARGET_DIR: folder, CARGO_TERM_COLOR: 'never' },
  });
  // Warnings about our code name a place in it; the others are of linkers and tools that are not
  // those of the system compiled for (no xcrun, an option that zig does not need).
  const warning = /^warning: .*\n +--> .*/m.exec(said);
  if (warning !== null) {
    throw new Error(`compiled with warnings: ${warning[0]}\n${said}`);
  }
  const library = `libfd_conduit.${target.includes('apple') ? 'dylib' : 'so'}`;
  const binary = join(output, `fd-conduit.${platformOf(target)}.node`);
  mkdirSync(output, { recursive: true });
  // Beside it first: a process that has the old one mapped keeps it.
  copyFileSync(join(folder, target, 'release', library), `${binary}.new`);
  renameSync(`${binary}.new`, binary);
  const bytes = readFileSync(binary);
  return { binary, how, bytes: bytes.length, glibc: glibcOf(bytes.toString('latin1')) };
}

/** The newest version of the GNU C library that a binary asks for. */
export function glibcOf(content) {
  const versions = [...content.matchAll(/GLIBC_(\d+)\.(\d+)/g)].map(([, a, b]) => [+a, +b]);
  versions.sort(([a, b], [c, d]) => a - c || b - d);
  return versions.at(-1)?.join('.');
}
