/** The straight line that is nearest to some points, in proportion to their height. */
export interface StraightLine {
  readonly start: number;
  readonly slope: number;
  /** How far the furthest point is from it, as a part of its height. */
  readonly furthest: number;
}

/** Fits a line by least squares; each point weighs by its relative error. */
export function straightLine(points: readonly (readonly [x: number, y: number])[]): StraightLine {
  let [weight, wx, wy, wxx, wxy] = [0, 0, 0, 0, 0];
  for (const [x, y] of points) {
    const w = 1 / (y * y);
    weight += w;
    wx += w * x;
    wy += w * y;
    wxx += w * x * x;
    wxy += w * x * y;
  }
  const slope = (weight * wxy - wx * wy) / (weight * wxx - wx * wx);
  const start = (wy - slope * wx) / weight;
  const distances = points.map(([x, y]) => Math.abs(start + slope * x - y) / y);
  return { start, slope, furthest: Math.max(...distances) };
}
