import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type * as Binding from './binding';
import { conduitError, type UnsupportedError } from './errors.js';

/** The systems that a package with a binary is published for. */
const PUBLISHED: readonly string[] = [
  'darwin-arm64',
  'darwin-x64',
  'freebsd-x64',
  'linux-arm-gnueabihf',
  'linux-arm64-gnu',
  'linux-arm64-musl',
  'linux-riscv64-gnu',
  'linux-x64-gnu',
  'linux-x64-musl',
];

const loaded = load();

/**
 * Whether this library works here: true where a binary for this system was found and loads. Where
 * it is false (Windows, a system without a binary, an installation that left it out) the package
 * still imports, and every call throws or rejects with `Unsupported`, whose message names the way
 * out.
 *
 * @example
 * if (!supported) console.error('connections cannot be handed over here');
 */
export const supported: boolean = 'binding' in loaded;

/** The native side; throws `Unsupported` where there is none. */
export function binding(): typeof Binding {
  if ('binding' in loaded) {
    return loaded.binding;
  }
  throw unsupported(loaded.failures);
}

function load(): { binding: typeof Binding } | { failures: unknown[] } {
  const failures: unknown[] = [];
  for (const system of systems()) {
    // Beside dist/ in a checkout, in a package of its own where it was installed. Looking first is
    // quicker than the error of a module that is not there.
    const name = `fd-conduit-${system}`;
    const beside = join(__dirname, '..', `fd-conduit.${system}.node`);
    for (const path of existsSync(beside) ? [beside, name] : [name]) {
      try {
        return { binding: require(path) as typeof Binding };
      } catch (error) {
        failures.push(error);
      }
    }
  }
  return { failures };
}

/** What this system may be, as the packages are named. */
function systems(): string[] {
  const { platform, arch } = process;
  if (platform !== 'linux') {
    return [`${platform}-${arch}`];
  }
  // npm installs the one that fits; where both are there, the wrong one does not load.
  const suffix = arch === 'arm' ? 'eabihf' : '';
  return [`linux-${arch}-gnu${suffix}`, `linux-${arch}-musl${suffix}`];
}

function unsupported(failures: unknown[]): UnsupportedError {
  // One that is not there says less than one that does not load.
  const found = failures.filter((failure) => !isMissing(failure));
  const message = `fd-conduit does not run here (${process.platform} ${process.arch}): ${reason(found)}`;
  return conduitError(
    'Unsupported',
    message,
    { code: 'ERR_UNSUPPORTED' },
    new AggregateError(failures, 'No binary could be loaded'),
  );
}

function reason(found: unknown[]): string {
  if (process.platform === 'win32') {
    return 'Windows passes no descriptors over Unix sockets. Look at `supported` before you call it, or run the program in WSL';
  }
  const published = systems().filter((system) => PUBLISHED.includes(system));
  if (published.length === 0) {
    return 'there is no binary for this system. Build it with Rust in a clone of the project: "npm run build", then "npm pack", and install what that makes';
  }
  const names = published.map((system) => `fd-conduit-${system}`);
  // With two C libraries to choose from, only the user knows which one it is.
  const which = names.length > 1 ? ' (musl is the C library of Alpine)' : '';
  const way = `"npm install ${names.join('" or "npm install ')}"${which}`;
  if (found.length === 0) {
    return `its binary is not installed, as happens where optional dependencies are left out or the program was installed for another system. Install it by name: ${way}`;
  }
  const why = found.map((failure) => firstLine(failure)).join('; ');
  return `its binary does not load: ${why}. Install the one for this system by name: ${way}`;
}

function isMissing(failure: unknown): boolean {
  return failure instanceof Error && 'code' in failure && failure.code === 'MODULE_NOT_FOUND';
}

function firstLine(failure: unknown): string {
  return String(failure instanceof Error ? failure.message : failure).split('\n', 1)[0] ?? '';
}
