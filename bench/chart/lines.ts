import type { Scale } from './scale.js';
import { element, picture, stroke, text, width } from './svg.js';

/** One line of a chart. */
export interface Series {
  readonly name: string;
  readonly points: readonly (readonly [x: number, y: number])[];
  /** 0 to 5, as svg.ts has them. */
  readonly colour: number;
  /** For what the others are compared with. */
  readonly isReference: boolean;
}

/** What is along one side. */
export interface Axis {
  /** With its unit. */
  readonly title: string;
  readonly scale: Scale;
  format(value: number): string;
}

/** What a chart of lines says. */
export interface Lines {
  readonly title: string;
  readonly x: Axis;
  readonly y: Axis;
  readonly series: readonly Series[];
}

const LEFT = 70;
const RIGHT = width - 30;
const TOP = 44;
const LEGEND_ROW = 20;
const HEIGHT = 300;

/** Draws lines, and above them what each is. */
export function drawLines({ title, x, y, series }: Lines): string {
  const top = TOP + Math.ceil(series.length / 2) * LEGEND_ROW + 6;
  const bottom = top + HEIGHT;
  const across = (value: number) => LEFT + x.scale.place(value) * (RIGHT - LEFT);
  const up = (value: number) => bottom - y.scale.place(value) * HEIGHT;
  const grid = [
    ...y.scale.ticks.flatMap((tick) => [
      stroke(LEFT, up(tick), RIGHT, up(tick), 'grid'),
      text(LEFT - 8, up(tick) + 4, y.format(tick), 'end'),
    ]),
    ...x.scale.ticks.flatMap((tick) => [
      stroke(across(tick), top, across(tick), bottom, 'grid'),
      text(across(tick), bottom + 18, x.format(tick), 'middle'),
    ]),
  ];
  const drawn = series.flatMap((each, index) => {
    const places = each.points.map(([px, py]) => [across(px), up(py)] as const);
    const look = `line c${each.colour}${each.isReference ? ' dashed' : ''}`;
    const [legendX, legendY] = [LEFT + (index % 2) * 340, TOP + Math.floor(index / 2) * LEGEND_ROW];
    return [
      stroke(legendX, legendY + 4, legendX + 28, legendY + 4, look),
      text(legendX + 36, legendY + 8, each.name),
      element('polyline', {
        points: places.map((place) => place.map((at) => at.toFixed(1)).join(',')).join(' '),
        class: look,
      }),
      ...places.map(([cx, cy]) => element('circle', { cx, cy, r: 3, class: `c${each.colour}` })),
    ];
  });
  return picture(bottom + 48, title, [
    ...grid,
    ...drawn,
    text((LEFT + RIGHT) / 2, bottom + 38, x.title, 'middle'),
    element(
      'g',
      { transform: `rotate(-90 18 ${(top + bottom) / 2})` },
      text(18, (top + bottom) / 2, y.title, 'middle'),
    ),
  ]);
}
