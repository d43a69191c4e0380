// How each target is compiled here, as scripts: stable Rust where it has the target's library,
// otherwise the nightly compiler with the standard library built along from its source.
import { existsSync, mkdirSync, readdirSync, symlinkSync } from 'node:fs';
import { join } from 'node:path';
import { cached, debianPackages, pythonPrograms } from '../lib/cache.mjs';
import { run } from '../lib/run.mjs';

/** Older C libraries than this are not promised. */
const GLIBC_FLOOR = '2.17';

/** What cannot be done here, with its reason; not a failure. */
export class Unavailable extends Error {}

/** The environment, program and arguments that build `target`, and a word for the table. */
export async function toolchainFor(target) {
  const zig = await unless('the linker (zig, through pip)', () =>
    pythonPrograms('ziglang', 'cargo-zigbuild'),
  );
  const stable = await unless('a Rust compiler', () => installed('stable'));
  const wanted = target.endsWith('-gnu') ? `${target}.${GLIBC_FLOOR}` : target;
  const base = ['zigbuild', '--release', '--lib', '--target', glibcTarget(target) ?? wanted];
  const flags = target.endsWith('-musl') ? { RUSTFLAGS: '-C target-feature=-crt-static' } : {};
  if (hasLibrary(stable, target)) {
    return { ...command(zig, stable, flags), args: base, how: 'stable Rust' };
  }
  const sysroot = await nightlyWithSource();
  // The linker is told this folder and warns where it is not there.
  mkdirSync(join(sysroot, 'lib', 'rustlib', target, 'lib'), { recursive: true });
  const args = [...base, '-Zbuild-std=std,panic_unwind'];
  return { ...command(zig, sysroot, flags), args, how: 'nightly Rust, build-std' };
}

function glibcTarget(target) {
  // riscv64 came to glibc later than the floor.
  if (target.startsWith('riscv64')) {
    return `${target}.2.27`;
  }
  return /-gnu(eabihf)?$/.test(target) ? `${target}.${GLIBC_FLOOR}` : undefined;
}

function command(zig, sysroot, flags) {
  const path = `${join(sysroot, 'bin')}:${zig}:${process.env.PATH}`;
  return { program: join(zig, 'cargo-zigbuild'), env: { ...flags, PATH: path } };
}

/** The folder of an installed toolchain. */
async function installed(name) {
  const { stdout } = await run('rustup', ['run', name, 'rustc', '--print', 'sysroot']);
  return stdout.trim();
}

function hasLibrary(sysroot, target) {
  const folder = join(sysroot, 'lib', 'rustlib', target, 'lib');
  return existsSync(folder) && readdirSync(folder).some((name) => name.endsWith('.rlib'));
}

async function nightlyWithSource() {
  const nightly = await unless('a nightly Rust compiler', () => installed('nightly'));
  if (existsSync(join(nightly, 'lib', 'rustlib', 'src', 'rust', 'library'))) {
    return nightly;
  }
  const { stdout } = await run(join(nightly, 'bin', 'rustc'), ['--version']);
  const version = /(\d+\.\d+)\./.exec(stdout)[1];
  const source = await unless("the standard library's source (Debian's rust-src)", async () =>
    join(await debianPackages('rust-src', ['rust-src/sid']), 'usr', 'src'),
  );
  const folder = readdirSync(source).find((name) => name.startsWith('rustc-'));
  if (!folder.startsWith(`rustc-${version}.`)) {
    throw new Unavailable(
      `the standard library's source is ${folder}, the nightly compiler ${version}: they must match`,
    );
  }
  return cached(`nightly-${version}`, async (copy) => {
    // Links to the files where the file system can, as the toolchain has a gigabyte.
    await run('cp', ['-al', `${nightly}/.`, copy]).catch(() =>
      run('cp', ['-a', `${nightly}/.`, copy]),
    );
    mkdirSync(join(copy, 'lib', 'rustlib', 'src'), { recursive: true });
    symlinkSync(join(source, folder), join(copy, 'lib', 'rustlib', 'src', 'rust'));
  });
}

/** What `get` answers; where it cannot be had, that is a reason and not a failure. */
export async function unless(what, get) {
  try {
    return await get();
  } catch (error) {
    if (error instanceof Unavailable) {
      throw error;
    }
    throw new Unavailable(`${what} cannot be had here: ${error.message}`);
  }
}
