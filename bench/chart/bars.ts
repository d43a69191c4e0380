import { linear } from './scale.js';
import { element, picture, stroke, text, width } from './svg.js';

/** A bar, and the number at its end. */
interface Bar {
  readonly name: string;
  readonly value: number;
  /** 0 to 5, as svg.ts has them. */
  readonly colour: number;
}

/** Bars that belong together. */
export interface Group {
  readonly title: string;
  readonly bars: readonly Bar[];
}

/** What a chart of bars says. */
export interface Bars {
  readonly title: string;
  /** What is along the axis, with its unit. */
  readonly axis: string;
  readonly groups: readonly Group[];
  /** What all are to be compared with. */
  readonly reference: number | undefined;
  format(value: number): string;
}

const LEFT = 230;
const RIGHT = width - 70;
const TOP = 44;
const ROW = 20;

/** Draws bars from the left to the right, group under group. */
export function drawBars({ title, axis, groups, reference, format }: Bars): string {
  const all = groups.flatMap(({ bars }) => bars.map(({ value }) => value));
  const scale = linear(Math.max(...all, reference ?? 0));
  const at = (value: number) => LEFT + scale.place(value) * (RIGHT - LEFT);
  const parts: string[] = [];
  let y = TOP;
  for (const group of groups) {
    if (group.title !== '') {
      parts.push(text(16, y + 14, group.title));
      y += ROW;
    }
    for (const { name, value, colour } of group.bars) {
      const bar = { x: LEFT, y: y + 2, width: Math.max(at(value) - LEFT, 1), height: ROW - 5 };
      parts.push(text(LEFT - 8, y + 14, name, 'end'));
      parts.push(element('rect', { ...bar, class: `c${colour}` }));
      parts.push(text(at(value) + 6, y + 14, format(value)));
      y += ROW;
    }
    y += 8;
  }
  const ticks = scale.ticks.flatMap((tick) => [
    stroke(at(tick), TOP - 4, at(tick), y, 'grid'),
    text(at(tick), y + 16, format(tick), 'middle'),
  ]);
  const line =
    reference === undefined ? [] : [stroke(at(reference), TOP - 8, at(reference), y, 'reference')];
  const foot = text((LEFT + RIGHT) / 2, y + 36, axis, 'middle');
  return picture(y + 48, title, [...ticks, ...parts, ...line, foot]);
}
