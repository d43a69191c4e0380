// Looks at the package as others will: publint, are-the-types-wrong, knip. `npm run package-checks`.
import { join } from 'node:path';
import { npmPrograms } from './lib/cache.mjs';
import { root, run } from './lib/run.mjs';
import { firstLine, table } from './lib/table.mjs';

const checks = [
  { name: 'publint', packages: ['publint@0.3'], program: 'publint', args: ['--strict', root] },
  {
    name: 'are the types wrong',
    packages: ['@arethetypeswrong/cli@0.18'],
    program: 'attw',
    args: ['--pack', root, '--format', 'ascii', '--no-emoji'],
  },
  {
    name: 'knip',
    packages: ['knip@5', 'typescript@5', '@types/node@20'],
    program: 'knip',
    args: ['--directory', root],
  },
];

const rows = [];
for (const { name, packages, program, args } of checks) {
  try {
    const folder = await npmPrograms(program, packages);
    await run(join(folder, 'node_modules', '.bin', program), args);
    rows.push([name, 'clean']);
  } catch (error) {
    process.stderr.write(`\n${error.output ?? error.stack}\n\n`);
    rows.push([name, `FAILED: ${firstLine(error)}`]);
    process.exitCode = 1;
  }
}
process.stdout.write(`\n${table(['check', 'outcome'], rows)}\n`);
