// Lays the package out as an installation does, with one binary, and the core suite beside it.
import { cpSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './run.mjs';

/** Makes such a folder anew; answers the path of the core suite's program. */
export function stageCore(name, binary, platform) {
  const folder = join(root, 'build', 'stage', name);
  const modules = join(folder, 'node_modules');
  rmSync(folder, { recursive: true, force: true });
  const main = join(modules, 'fd-conduit');
  mkdirSync(main, { recursive: true });
  cpSync(join(root, 'dist'), join(main, 'dist'), { recursive: true });
  cpSync(join(root, 'package.json'), join(main, 'package.json'));
  const native = join(modules, `fd-conduit-${platform}`);
  const file = `fd-conduit.${platform}.node`;
  mkdirSync(native);
  cpSync(binary, join(native, file));
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
  const manifest = { name: `fd-conduit-${platform}`, version, main: file };
  writeFileSync(join(native, 'package.json'), JSON.stringify(manifest));
  writeFileSync(join(folder, 'package.json'), '{ "name": "core", "type": "commonjs" }');
  cpSync(join(root, 'build', '__test__', 'core'), join(folder, 'core'), { recursive: true });
  return join(folder, 'core', 'main.js');
}

/**
 * Runs the core suite by `runtime` (a command that takes a program). Its closing line must come:
 * a program that ends by itself too early fails nothing.
 */
export async function runCore(program, runtime, { timeoutMs = 180_000, env = {} } = {}) {
  const [command, ...before] = runtime;
  const { output } = await run(command, [...before, program], {
    env: { ...env, CORE_RUNTIME: JSON.stringify(runtime) },
    timeoutMs,
  });
  const closing = /^(\d+) passed, (\d+) failed, (\d+) unsupported$/m.exec(output);
  if (closing === null || Number(closing[1]) === 0) {
    throw new Error(`the core suite ended in its middle\n${output}`);
  }
  const lacking = [...output.matchAll(/^unsupported - (.*)$/gm)].map(([, name]) => name);
  return { passed: Number(closing[1]), lacking };
}
