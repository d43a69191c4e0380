import { execFileSync, spawnSync } from 'node:child_process';
import { copyFileSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import test from 'ava';
import { testWith } from '../support/foreign-programs.js';
import { root } from './installed.js';

// `npm run bench`, with a hundredth of the work. How fast anything was is no matter here.

const PROGRAM = join(root, 'build', 'bench', 'main.js');
const DOCUMENT = join(root, 'docs', 'performance.md');
const CHARTS = ['comparison', 'layers', 'sockets', 'descriptors', 'payload'];

/** Of results.json, what is looked at. */
interface Results {
  readonly comparisons: readonly {
    readonly workload: string;
    readonly standings: readonly {
      readonly contender: string;
      readonly runs: readonly {
        readonly expected: number;
        readonly received: number;
        readonly wrong: number;
        readonly left?: number;
      }[];
    }[];
  }[];
  readonly costs: Readonly<Record<string, readonly { readonly by: string; readonly ns: number }[]>>;
}

const folder = mkdtempSync(join(tmpdir(), 'fd-conduit-bench-test-'));
let output = '';

function bench(...args: string[]): string {
  return execFileSync(process.execPath, [PROGRAM, ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

function results(): Results {
  return JSON.parse(readFileSync(join(folder, 'performance', 'results.json'), 'utf8')) as Results;
}

test.before(() => {
  copyFileSync(DOCUMENT, join(folder, 'performance.md'));
  output = bench('--quick', '--write', folder);
});

test.after.always(() => {
  rmSync(folder, { recursive: true });
});

test('every descriptor comes, is the right one, and none is left open', (t) => {
  const left = process.platform === 'linux' ? { left: 0 } : {};
  for (const { workload, standings } of results().comparisons) {
    for (const { contender, runs } of standings) {
      const [run] = runs;
      const expected = run?.expected ?? 0;
      t.true(expected > 0, `${workload}, ${contender}`);
      t.like(run, { received: expected, wrong: 0, ...left }, `${workload}, ${contender}`);
    }
  }
});

test('this library and its rivals take part in what they can do', (t) => {
  const names = results().comparisons.map(({ workload, standings }) => [
    workload,
    standings.map(({ contender }) => contender).filter((name) => !/^C$|Python/.test(name)),
  ]);
  const packets = process.platform === 'darwin' ? {} : { packets: ['fd-conduit'] };
  t.deepEqual(Object.fromEntries(names), {
    single: ['fd-conduit', 'fd-conduit, in batches', "Node's IPC"],
    full: ['fd-conduit'],
    'round-trip': ['fd-conduit', "Node's IPC"],
    connections: ['fd-conduit', 'fd-conduit, streams', "Node's IPC", "Node's cluster"],
    ...packets,
  });
});

test('every cost is measured', (t) => {
  const { costs } = results();
  t.deepEqual(Object.keys(costs).sort(), ['descriptors', 'layers', 'payload', 'sockets']);
  for (const points of Object.values(costs)) {
    t.true(points.some(({ by }) => by === 'fd-conduit'));
    t.true(points.every(({ ns }) => ns > 0));
  }
});

test('every section of the document is renewed, and nothing around them', (t) => {
  const document = readFileSync(join(folder, 'performance.md'), 'utf8');
  const measured = /(<!-- measured: \w+ -->)(.*?)(<!-- end of what was measured -->)/gs;
  const contents = [...document.matchAll(measured)].map(([, , content = '']) => content.trim());
  t.is(contents.length, 6);
  t.is(output, `${contents.join('\n\n')}\n`);
  const around = (text: string) => text.replace(measured, '$1$3');
  t.is(around(document), around(readFileSync(DOCUMENT, 'utf8')));
});

testWith('python')('every chart is well-formed, and is shown', (t) => {
  const paths = CHARTS.map((name) => join(folder, 'performance', `${name}.svg`));
  const program = 'import sys, xml.dom.minidom as dom\nfor path in sys.argv[1:]: dom.parse(path)';
  const { status, stderr } = spawnSync('python3', ['-c', program, ...paths], { encoding: 'utf8' });
  t.is(status, 0, stderr);
  const document = readFileSync(DOCUMENT, 'utf8');
  for (const name of CHARTS) {
    t.true(document.includes(`](performance/${name}.svg)`));
  }
});

test('without a compiler, Python or taskset it says so, and does the rest; nothing is written', (t) => {
  const documents = () =>
    readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' }).sort();
  const before = [documents(), readFileSync(DOCUMENT, 'utf8')];
  const stdout = execFileSync(
    process.execPath,
    [PROGRAM, '--quick', '--only', 'connections,round-trip', '--only', 'layers'],
    { encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: folder } },
  );
  t.deepEqual(stdout.match(/^- There is no .*$/gm)?.length, 3);
  t.regex(stdout, /^In every run all descriptors came/m);
  t.deepEqual([documents(), readFileSync(DOCUMENT, 'utf8')], before);
});

for (const args of [['--only', 'nothing'], ['--rounds', '0'], ['--fast'], ['docs']]) {
  test(`${args.join(' ')} is named, and answered with the usage`, (t) => {
    const { status, stderr } = spawnSync(process.execPath, [PROGRAM, ...args], {
      encoding: 'utf8',
    });
    t.is(status, 2);
    t.true(stderr.split('\n', 1)[0]?.includes(args.at(-1) ?? ''));
    t.regex(stderr, /^npm run bench -- /m);
  });
}
