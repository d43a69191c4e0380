import { types } from 'node:util';
import { checkInteger, wrongType, wrongValue } from './argument.js';
import type { InvalidArgumentError } from './errors.js';

/** What one `sendmsg` or `recvmsg` takes (`IOV_MAX`). */
const MAX_BUFFERS = 1024;

/** What a vectored call works on: buffers, in their order, or an {@link IoVector}. */
export type Buffers = readonly Uint8Array[] | IoVector;

/**
 * Several buffers side by side in one `ArrayBuffer`, for vectored reads and writes that happen
 * often: the native side looks one piece of memory up instead of each buffer.
 *
 * Ownership: it has no descriptor; its memory is its own. Transferred away, it is refused.
 *
 * Source: unet's `ReadVec(bufs [][]byte)`, whose slices Go has in place; readv(2).
 *
 * @example
 * const [here, there] = socketPair();
 * const vector = new IoVector([4, 60]);
 * const [header, body] = vector.buffers;
 * await here.write(Buffer.from('headbody'));
 * const { bytesRead } = await there.readVec(vector);
 * console.log(Buffer.from(header).toString()); // head
 * console.log(Buffer.from(body.subarray(0, bytesRead - 4)).toString()); // body
 * here.close();
 * there.close();
 */
export class IoVector {
  /** The buffers. They may be read and written at any time between two calls. */
  readonly buffers: readonly Uint8Array[];
  /** All of them, as one. */
  readonly bytes: Uint8Array;
  /** How many bytes they have together. */
  readonly byteLength: number;

  /**
   * @param lengths the buffers' lengths in bytes, at most 1,024 of them.
   * @throws `InvalidArgument`
   */
  constructor(lengths: readonly number[]) {
    if (!Array.isArray(lengths)) {
      throw wrongType('lengths', 'an array of numbers', lengths);
    }
    checkInteger(lengths.length, 'lengths.length', 1, MAX_BUFFERS);
    let total = 0;
    for (const length of lengths) {
      checkInteger(length, 'lengths', 0, 2 ** 31 - 1);
      total += length;
    }
    checkInteger(total, 'the sum of lengths', 0, 2 ** 31 - 1);
    this.byteLength = total;
    this.bytes = new Uint8Array(total);
    let start = 0;
    this.buffers = lengths.map((length) => {
      const buffer = this.bytes.subarray(start, start + length);
      start += length;
      return buffer;
    });
  }
}

/** What the native side is handed: one piece of memory, or several. */
export type Memory = Uint8Array | readonly Uint8Array[];

/**
 * Whether the native side finds bytes there. By what it is, not by its class: a context of node:vm
 * has a `Uint8Array` of its own, and a proxy of one has no memory.
 */
export const isBytes: (value: unknown) => value is Uint8Array = types.isUint8Array;

/** Throws unless `value` is a `Uint8Array`. */
export function checkBytes(value: unknown, argument: string): asserts value is Uint8Array {
  if (!isBytes(value)) {
    throw wrongType(argument, 'a Uint8Array', value);
  }
}

/** Throws unless `value` is {@link Buffers}; answers what the native side is handed. */
export function memoryOf(value: Buffers): Memory {
  if (value instanceof IoVector) {
    if (value.bytes.length !== value.byteLength) {
      throw wrongValue('buffers', "The IoVector's memory was transferred away: make a new one");
    }
    return value.bytes;
  }
  if (!Array.isArray(value)) {
    throw wrongType('buffers', 'an array of Uint8Arrays or an IoVector', value);
  }
  checkInteger(value.length, 'buffers.length', 0, MAX_BUFFERS);
  // A copy, so that looking an element up never runs anything of the caller's later on.
  const buffers = Array.from(value);
  for (const buffer of buffers) {
    checkBytes(buffer, 'buffers');
  }
  return buffers;
}

/** How many bytes it has room for, or holds. */
export function bytesIn(memory: Memory): number {
  return isBytes(memory) ? memory.length : memory.reduce((sum, buffer) => sum + buffer.length, 0);
}

/**
 * The error of memory that is not as large as it was at the call: while a call waits, its buffer
 * may be transferred away, and nothing would be read or sent in its place.
 */
export function gone(): InvalidArgumentError {
  return wrongValue('buffer', 'The buffer was transferred away or resized while the call waited');
}
