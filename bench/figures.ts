import { drawBars, type Group } from './chart/bars.js';
import { type Axis, drawLines, type Series } from './chart/lines.js';
import { linear, logarithmic } from './chart/scale.js';
import { type Comparison, ratio } from './comparison.js';
import type { Point } from './costs.js';
import { LAYERS } from './layer-names.js';
import { bytes, microseconds, readable } from './numbers.js';
import type { Results } from './results.js';
import { WORKLOADS } from './workloads.js';

const COLOURS: Readonly<Record<string, number>> = {
  C: 0,
  'fd-conduit': 1,
  'fd-conduit, in batches': 2,
  'fd-conduit, streams': 2,
  Python: 3,
  "Node's IPC": 4,
  "Node's cluster": 5,
};

/** The charts of what was measured, by the names of their files. */
export function figures({ comparisons, costs }: Results): Map<string, string> {
  const drawn = new Map([['comparison.svg', comparisonChart(comparisons)]]);
  const charts = { layers, sockets, descriptors, payload };
  for (const [name, draw] of Object.entries(charts)) {
    drawn.set(`${name}.svg`, draw(costs[name] ?? []));
  }
  return drawn;
}

/** Every rate beside that of C; where there is no C, beside this library's own. */
function comparisonChart(comparisons: readonly Comparison[]): string {
  const hasC = comparisons.some(({ standings }) => standings.some(({ family }) => family === 'c'));
  const measure = hasC ? 'C' : 'fd-conduit';
  const groups: Group[] = comparisons.map(({ workload, standings }) => ({
    title: WORKLOADS.find(({ name }) => name === workload)?.title ?? workload,
    bars: standings
      .map((standing) => ({
        name: standing.contender,
        value: ratio(
          standing,
          standings.find(({ contender }) => contender === measure),
        ),
        colour: COLOURS[standing.contender] ?? 0,
      }))
      .filter(({ value }) => !Number.isNaN(value)),
  }));
  return drawBars({
    title: `How fast, beside ${measure}`,
    axis: `operations a second, ${measure} = 1; longer is faster`,
    groups,
    reference: 1,
    format: readable,
  });
}

function layers(points: readonly Point[]): string {
  const bars = LAYERS.flatMap(([series, name]) => {
    const point = points.find((each) => each.series === series);
    return point === undefined ? [] : [{ name, value: point.ns, colour: COLOURS[point.by] ?? 0 }];
  });
  return drawBars({
    title: 'What each layer costs',
    axis: 'nanoseconds for one message of one descriptor; shorter is faster',
    groups: [{ title: '', bars }],
    reference: points.find(({ by }) => by === 'C')?.ns,
    format: readable,
  });
}

/** A line for each series and program; C's are dashed, in the colour of what they belong to. */
function seriesOf(points: readonly Point[], names: Readonly<Record<string, string>>): Series[] {
  return Object.entries(names)
    .flatMap(([series, words], index) =>
      (['fd-conduit', 'C'] as const).map((by) => ({
        name: `${by}${words}`,
        colour: [1, 3, 5][index] ?? 0,
        isReference: by === 'C',
        points: points
          .filter((point) => point.by === by && point.series === series)
          .map(({ x, ns }) => [x, ns] as const),
      })),
    )
    .filter(({ points }) => points.length > 0);
}

function highest(points: readonly Point[]): number {
  return Math.max(...points.map(({ ns }) => ns));
}

function costAxis(points: readonly Point[]): Axis {
  return { title: 'µs a message', scale: linear(highest(points)), format: microseconds };
}

function sockets(points: readonly Point[]): string {
  const counts = [...new Set(points.map(({ x }) => x))];
  return drawLines({
    title: 'Sockets in one process',
    x: {
      title: 'sockets, each with a receive that waits (logarithmic)',
      scale: logarithmic(1, Math.max(...counts), counts),
      format: readable,
    },
    y: costAxis(points),
    series: seriesOf(points, {
      'one-busy': ', one busy',
      'in-turn': ', one after the other',
      'all-at-once': ', all at once',
    }),
  });
}

function descriptors(points: readonly Point[]): string {
  return drawLines({
    title: 'Descriptors in one message',
    x: {
      title: 'descriptors a message',
      scale: linear(253, [1, 32, 64, 128, 192, 253]),
      format: readable,
    },
    y: costAxis(points),
    series: seriesOf(points, { descriptors: '' }),
  });
}

function payload(points: readonly Point[]): string {
  const lowest = Math.min(...points.map(({ ns }) => ns));
  return drawLines({
    title: 'Payload of one message',
    x: {
      title: 'payload (logarithmic)',
      scale: logarithmic(
        1,
        2 ** 20,
        [0, 4, 8, 12, 16, 20].map((power) => 2 ** power),
      ),
      format: bytes,
    },
    y: {
      title: 'µs a message (logarithmic)',
      scale: logarithmic(lowest, highest(points)),
      format: microseconds,
    },
    series: seriesOf(points, { stream: ', stream', packets: ', SEQPACKET' }),
  });
}
