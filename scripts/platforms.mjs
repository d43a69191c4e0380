// Builds every target of package.json that this machine can, and runs the core suite where it can.
// `npm run platforms [-- TARGET…]` for some of them.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { root, run } from './lib/run.mjs';
import { runCore, stageCore } from './lib/stage.mjs';
import { firstLine, table } from './lib/table.mjs';
import { build, platformOf } from './platforms/binaries.mjs';
import { runtimeOf } from './platforms/runs.mjs';
import { Unavailable } from './platforms/toolchains.mjs';

/** The most that a binary may have; the least that users must have. */
const MOST_BYTES = 700_000;

let failures = 0;

async function attempt(target, part, work) {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof Unavailable)) {
      failures += 1;
      process.stderr.write(`\n${target}, ${part}: ${error.output ?? error.stack}\n\n`);
      return { failed: `FAILED: ${firstLine(error)}` };
    }
    return { failed: `not done: ${firstLine(error)}` };
  }
}

async function row(target) {
  const platform = platformOf(target);
  process.stderr.write(`${target} …\n`);
  const built = await attempt(target, 'build', () => build(target));
  if (built.failed !== undefined) {
    return [platform, built.failed, '', '', ''];
  }
  const size = `${Math.round(built.bytes / 1000)} kB`;
  if (built.bytes > MOST_BYTES) {
    failures += 1;
  }
  const core = await attempt(target, 'core suite', async () => {
    const runtime = await runtimeOf(platform);
    if (runtime === undefined) {
      throw new Unavailable('nothing here runs a Node of this system; compiled and linked only');
    }
    return runCore(stageCore(platform, built.binary, platform), runtime);
  });
  const ran = core.failed ?? [`${core.passed} passed`, ...core.lacking].join('; ');
  const tooLarge = built.bytes > MOST_BYTES ? ` FAILED: more than ${MOST_BYTES / 1000} kB` : '';
  return [platform, `built (${built.how})`, size + tooLarge, built.glibc ?? '-', ran];
}

if (!existsSync(join(root, 'dist', 'index.js'))) {
  await run('npm', ['run', 'build:ts']);
}
const { napi } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const wanted = process.argv.slice(2);
const targets = wanted.length > 0 ? wanted : napi.targets;
const rows = [];
for (const target of targets) {
  rows.push(await row(target));
}
process.stdout.write(
  `\n${table(['platform', 'binary', 'size', 'glibc at least', 'core suite'], rows)}\n`,
);
process.exitCode = failures > 0 ? 1 : 0;
