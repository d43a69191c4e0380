import { conduitError, type UnsupportedError } from './errors.js';
import { systems } from './system.js';

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

/** The error of a system that no binary loads on: why, and the way out. */
export function unsupported(failures: unknown[]): UnsupportedError {
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
