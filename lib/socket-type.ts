import { wrongType, wrongValue } from './argument.js';
import { badClone, conduitError, systemFields, systemMessage } from './errors.js';
import { environment, registers } from './native.js';

/**
 * How a Unix socket frames its messages: `'stream'` is bytes without borders, `'seqpacket'` whole
 * packets in order over a connection, `'dgram'` packets with an address each. macOS has no
 * `'seqpacket'`. Source: unix(7), `SOCK_STREAM` and its like.
 */
export type SocketType = 'stream' | 'seqpacket' | 'dgram';

// What socket(2) counts, alike on Linux, macOS and the BSDs, and the native side's framings.
const KINDS = { stream: 1, seqpacket: 5, dgram: 2 } as const;
const FRAMINGS = ['stream', 'seqpacket', 'dgram'] as const;

/** Throws unless `value` is a type that this system has. */
export function checkType(value: unknown): asserts value is SocketType {
  if (typeof value !== 'string') {
    throw wrongType('options.type', 'a string', value);
  }
  if (!(value in KINDS)) {
    throw wrongValue(
      'options.type',
      `options.type must be 'stream', 'seqpacket' or 'dgram', but it is '${value}'`,
    );
  }
}

/** The native side's number of a type. */
export function framingOf(type: SocketType): number {
  return FRAMINGS.indexOf(type);
}

/** The type of an open Unix socket; its negative errno where it is none. */
export function typeOf(fd: number): SocketType | number {
  const framing = environment().framing(fd);
  return FRAMINGS[framing] ?? framing;
}

/** The type of an open Unix socket. Throws `BadClone` where it is none. */
export function unixTypeOf(fd: number, wanted: string): SocketType {
  const type = typeOf(fd);
  if (typeof type === 'number') {
    throw badClone(`Descriptor ${fd} cannot become a ${wanted}`, type, 'getsockopt');
  }
  return type;
}

/** A new socket, held. */
export function openHeld(type: SocketType): number {
  return made(type, environment().openSocket(KINDS[type]), 'socket');
}

/** Two connected sockets, held. */
export function openHeldPair(type: SocketType): [number, number] {
  made(type, environment().openPair(KINDS[type], registers), 'socketpair');
  const [one, other] = registers as unknown as [number, number];
  return [one, other];
}

function made(type: SocketType, code: number, syscall: string): number {
  if (code >= 0) {
    return code;
  }
  const fields = systemFields(code, syscall);
  if (fields.code === 'EPROTONOSUPPORT') {
    throw conduitError(
      'Unsupported',
      `This system has no Unix sockets of type '${type}': use 'stream'`,
      { code: 'ERR_UNSUPPORTED' },
    );
  }
  throw conduitError(
    'FailedCall',
    `No socket of type '${type}' could be made: ${systemMessage(code)}`,
    fields,
  );
}
