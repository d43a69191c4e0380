// npm run bench: how fast this library is beside C, Python and what Node has itself, what each of
// its layers costs, and how that grows. docs/performance.md tells more.
import { compare, entries } from './comparison.js';
import { COSTS, measureCost, measurers, type Point } from './costs.js';
import { renew } from './document.js';
import { type Kit, prepareKit } from './kit.js';
import { describeMachine } from './machine.js';
import { type Options, readOptions } from './options.js';
import { Progress } from './progress.js';
import { report } from './report.js';
import { faults, type Results } from './results.js';

async function measureAll(kit: Kit, options: Options): Promise<Results> {
  const machine = describeMachine(kit);
  const workloads = entries(kit, options);
  const wanted = COSTS.filter(({ name }) => options.wants(name));
  const runs = workloads.reduce((sum, [, rivals]) => sum + rivals.length, 0);
  const progress = new Progress((runs + wanted.length * measurers(kit).length) * options.rounds);
  const comparisons = [];
  for (const entry of workloads) {
    comparisons.push(await compare(entry, kit, options, progress));
  }
  const costs: Record<string, Point[]> = {};
  for (const cost of wanted) {
    costs[cost.name] = await measureCost(cost, kit, options, progress);
  }
  progress.end();
  const { rounds, share } = options;
  return { machine, rounds, isQuick: share < 1, missing: kit.missing, comparisons, costs };
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2));
  process.once('SIGINT', () => process.exit(130));
  const kit = prepareKit();
  try {
    const results = await measureAll(kit, options);
    process.stdout.write(`${[...report(results).values()].join('\n\n')}\n`);
    if (options.folder !== undefined) {
      renew(options.folder, results);
    }
    process.exitCode = faults(results).length === 0 ? 0 : 1;
  } finally {
    kit.remove();
  }
}

main().catch((error: Error) => {
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 2;
});
