import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type * as Binding from './binding';
import { systems } from './system.js';
import { unsupported } from './unsupported.js';

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
