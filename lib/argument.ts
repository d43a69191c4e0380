import { conduitError, type InvalidArgumentError } from './errors.js';

const MAX_FD = 2 ** 31 - 1;

/** How much of a string a message shows. */
const MAX_SHOWN = 32;

/** The error of an argument with the wrong type. */
export function wrongType(argument: string, wanted: string, got: unknown): InvalidArgumentError {
  return conduitError(
    'InvalidArgument',
    `${argument} must be ${wanted}, but it is ${kindOf(got)}`,
    { code: 'ERR_INVALID_ARG_TYPE', argument },
  );
}

/** The error of an argument with the right type and an impossible value. */
export function outOfRange(argument: string, wanted: string, got: unknown): InvalidArgumentError {
  return conduitError('InvalidArgument', `${argument} must be ${wanted}, but it is ${got}`, {
    code: 'ERR_OUT_OF_RANGE',
    argument,
  });
}

/** The error of an argument that cannot be used, and why. */
export function wrongValue(argument: string, why: string): InvalidArgumentError {
  return conduitError('InvalidArgument', why, { code: 'ERR_INVALID_ARG_VALUE', argument });
}

/** Whether `value` can be the number of a descriptor. */
export function isFd(value: unknown): value is number {
  return typeof value === 'number' && value >= 0 && value <= MAX_FD && Number.isInteger(value);
}

/** Throws unless `value` can be the number of a descriptor. */
export function checkFd(value: unknown, argument: string): asserts value is number {
  checkInteger(value, argument, 0, MAX_FD);
}

/** Throws unless `value` is a whole number from `least` to `most`. */
export function checkInteger(
  value: unknown,
  argument: string,
  least: number,
  most: number,
): asserts value is number {
  if (typeof value !== 'number') {
    throw wrongType(argument, 'a number', value);
  }
  if (!Number.isInteger(value) || value < least || value > most) {
    throw outOfRange(argument, `a whole number from ${least} to ${most}`, value);
  }
}

/** Throws unless `value` is an object of options. */
export function checkOptions(value: unknown, argument = 'options'): asserts value is object {
  if (typeof value !== 'object' || value === null) {
    throw wrongType(argument, 'an object', value);
  }
}

/** What a value is, in a few words: a whole payload may be passed as text by mistake. */
export function kindOf(value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value.length <= MAX_SHOWN
        ? `the string ${JSON.stringify(value)}`
        : `the string ${JSON.stringify(value.slice(0, MAX_SHOWN))} of ${value.length} characters`;
    case 'bigint':
      return `${value}n`;
    case 'function':
      return 'a function';
    case 'object':
      return value === null ? 'null' : kindOfObject(value);
    default:
      return String(value);
  }
}

function kindOfObject(value: object): string {
  let name: unknown;
  try {
    name = value.constructor?.name;
  } catch {
    // A getter of the caller's, or a proxy that was revoked.
  }
  if (typeof name !== 'string' || name === '') {
    return 'an object';
  }
  return /^[AEIO]/.test(name) ? `an ${name}` : `a ${name}`;
}
