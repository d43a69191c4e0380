import { type Comparison, rateOf, ratio } from './comparison.js';
import type { Point } from './costs.js';
import { LAYERS } from './layer-names.js';
import { bytes, microseconds, readable } from './numbers.js';
import { faults, type Results } from './results.js';
import { straightLine } from './straight-line.js';
import { table } from './table.js';
import { WORKLOADS } from './workloads.js';

/** What was measured, in Markdown, by the names of the sections of docs/performance.md. */
export function report(results: Results): Map<string, string> {
  const { costs } = results;
  const sections = new Map([['machine', machine(results)]]);
  if (results.comparisons.length > 0) {
    sections.set('comparison', comparison(results));
  }
  const tables = { layers, sockets, descriptors, payload };
  for (const [name, draw] of Object.entries(tables)) {
    const points = costs[name];
    if (points !== undefined) {
      sections.set(name, draw(points));
    }
  }
  return sections;
}

function machine({ machine, rounds, isQuick, missing }: Results): string {
  const { processor, cores, memoryGiB, system, node, compiler, python, library, date, load } =
    machine;
  const lines = [
    `- ${processor}, ${cores} cores, ${memoryGiB} GiB; ${system}`,
    `- Node ${node}; ${[compiler, python].filter(Boolean).join('; ') || 'neither C nor Python'}`,
    `- fd-conduit ${library}, ${date}, the middle of ${rounds} ${rounds === 1 ? 'round' : 'rounds'}; load before: ${load}`,
    ...missing.map((what) => `- ${what}`),
    ...(isQuick ? ['- A quick run, too short to be a measurement.'] : []),
  ];
  return lines.join('\n');
}

function comparison(results: Results): string {
  const problems = faults(results);
  const verdict =
    problems.length === 0
      ? 'In every run all descriptors came, those that were looked at were the right ones, and none was left open.'
      : problems.map((problem) => `- ${problem}`).join('\n');
  return [...results.comparisons.map(workloadTable), verdict].join('\n\n');
}

function workloadTable({ workload, standings }: Comparison): string {
  const { title, unit } = WORKLOADS.find(({ name }) => name === workload) ?? {
    title: workload,
    unit: '',
  };
  const c = standings.find(({ family }) => family === 'c');
  const [node] = standings
    .filter(({ family }) => family === 'node')
    .sort((one, other) => rateOf(other) - rateOf(one));
  const heads = [title, `${unit}/s`, 'lowest', 'highest', 'µs each', 'of C', 'of Node'];
  const ranked = [...standings].sort((one, other) => rateOf(other) - rateOf(one));
  const rows = ranked.map((standing) => {
    const rates = standing.runs.flatMap((run) => run?.perSecond ?? []);
    return [
      standing.contender,
      readable(rateOf(standing)),
      readable(Math.min(...rates)),
      readable(Math.max(...rates)),
      readable(1e6 / rateOf(standing)),
      readable(ratio(standing, c)),
      readable(ratio(standing, node)),
    ];
  });
  return table(heads, rows);
}

function find(points: readonly Point[], by: Point['by'], series: string, x: number): number {
  return (
    points.find((point) => point.by === by && point.series === series && point.x === x)?.ns ??
    Number.NaN
  );
}

function layers(points: readonly Point[]): string {
  const c = find(points, 'C', 'system-calls', 1);
  const rows = LAYERS.flatMap(([series, words]) => {
    const ns = points.find((point) => point.series === series)?.ns;
    return ns === undefined ? [] : [[words, readable(ns), readable(ns / c)]];
  });
  return table(['layer', 'ns a message', 'times C'], rows);
}

function positions(points: readonly Point[]): number[] {
  return [...new Set(points.map(({ x }) => x))].sort((one, other) => one - other);
}

/** A table with a row for each position and a column for each series of each program, in µs. */
function growth(
  points: readonly Point[],
  head: string,
  series: Readonly<Record<string, string>>,
  format: (x: number) => string,
): string {
  const columns = Object.entries(series).flatMap(([name, words]) =>
    (['fd-conduit', 'C'] as const).map((by) => ({ by, name, head: [words, by].join(' ').trim() })),
  );
  const rows = positions(points).map((x) => [
    format(x),
    ...columns.map(({ by, name }) => microseconds(find(points, by, name, x))),
  ]);
  return table([head, ...columns.map(({ head }) => head)], rows);
}

function sockets(points: readonly Point[]): string {
  const series = { 'one-busy': 'one busy:', 'in-turn': 'in turn:', 'all-at-once': 'all at once:' };
  return growth(points, 'sockets (µs a message)', series, readable);
}

function descriptors(points: readonly Point[]): string {
  const heads = ['descriptors', 'µs a message', 'C', 'µs a descriptor', 'C'];
  const rows = positions(points).map((x) => {
    const [ours, c] = (['fd-conduit', 'C'] as const).map((by) =>
      find(points, by, 'descriptors', x),
    ) as [number, number];
    return [x, ours / 1_000, c / 1_000, ours / x / 1_000, c / x / 1_000].map(readable);
  });
  return `${table(heads, rows)}\n\n- ${lineOf(points, 'descriptors', 'descriptor', 1)}`;
}

function payload(points: readonly Point[]): string {
  const series = { stream: 'stream:', packets: 'packets:' };
  const lines = Object.keys(series).map(
    (name) => `- ${name}: ${lineOf(points, name, 'KiB', 1024)}`,
  );
  return `${growth(points, 'payload (µs a message)', series, bytes)}\n\n${lines.join('\n')}`;
}

/** The nearest straight line of each program, in words; `size` is how much of x is one `what`. */
function lineOf(points: readonly Point[], series: string, what: string, size: number): string {
  const programs = ['fd-conduit', 'C'] as const;
  const words = programs.flatMap((by) => {
    const own = points.filter((point) => point.by === by && point.series === series);
    if (own.length === 0) {
      return [];
    }
    const { start, slope, furthest } = straightLine(own.map(({ x, ns }) => [x / size, ns]));
    return `${by} ${microseconds(start)} µs and ${microseconds(slope)} µs a ${what}, within ${readable(furthest * 100)} %`;
  });
  return `nearest straight line ${words.join('; ')}.`;
}
