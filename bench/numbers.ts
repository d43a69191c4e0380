const digits = new Intl.NumberFormat('en', { maximumSignificantDigits: 3 });
const UNITS = ['B', 'KiB', 'MiB'];

/** A number as a reader wants it: three digits that count. */
export function readable(value: number): string {
  return Number.isNaN(value) ? '' : digits.format(value);
}

/** Nanoseconds, in microseconds. */
export function microseconds(ns: number): string {
  return readable(ns / 1_000);
}

/** Bytes, in the unit in which they are a small number. */
export function bytes(value: number): string {
  const unit = Math.min(Math.floor(Math.log2(value) / 10), UNITS.length - 1);
  return `${readable(value / 1024 ** unit)} ${UNITS[unit]}`;
}
