/** Where values lie on an axis. */
export interface Scale {
  /** From 0 at its beginning to 1 at its end. */
  place(value: number): number;
  readonly ticks: readonly number[];
}

const MOST_TICKS = 6;

/** From 0 to a round number that is not below `max`. */
export function linear(max: number, ticks?: readonly number[]): Scale {
  const magnitude = 10 ** Math.floor(Math.log10(max / MOST_TICKS));
  const step =
    [1, 2, 5, 10].map((factor) => factor * magnitude).find((each) => max / each <= MOST_TICKS) ??
    max;
  const count = Math.ceil(max / step);
  const end = ticks === undefined ? count * step : max;
  const even = Array.from({ length: count + 1 }, (_, index) => index * step);
  return { place: (value) => value / end, ticks: ticks ?? even };
}

/** Each step is a multiplication; from `min` to `max`, or to the powers of ten around them. */
export function logarithmic(min: number, max: number, ticks?: readonly number[]): Scale {
  const round = ticks === undefined;
  const low = round ? Math.floor(Math.log10(min)) : Math.log10(min);
  const high = round ? Math.ceil(Math.log10(max)) : Math.log10(max);
  const powers = Array.from(
    { length: Math.round(high - low) + 1 },
    (_, index) => 10 ** (low + index),
  );
  return {
    place: (value) => (Math.log10(value) - low) / (high - low),
    ticks: ticks ?? powers,
  };
}
