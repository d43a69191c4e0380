import { checkInteger, wrongType } from './argument.js';
import type { Channel } from './channel.js';
import { conduitError, failedCall } from './errors.js';
import { checkBytes } from './io-vector.js';
import { environment } from './native.js';

/** The names of the option constants that every system has. */
export type OptionName =
  | 'SOL_SOCKET'
  | 'SO_ACCEPTCONN'
  | 'SO_ERROR'
  | 'SO_RCVBUF'
  | 'SO_RCVLOWAT'
  | 'SO_RCVTIMEO'
  | 'SO_SNDBUF'
  | 'SO_SNDTIMEO'
  | 'SO_TIMESTAMP'
  | 'SO_TYPE';

/** The names of Linux's own option constants. */
export type LinuxOptionName =
  | 'SO_DOMAIN'
  | 'SO_PASSCRED'
  | 'SO_PASSPIDFD'
  | 'SO_PASSRIGHTS'
  | 'SO_PASSSEC'
  | 'SO_PEEK_OFF'
  | 'SO_PEERCRED'
  | 'SO_PEERPIDFD'
  | 'SO_PEERSEC'
  | 'SO_PROTOCOL'
  | 'SO_RCVBUFFORCE'
  | 'SO_SNDBUFFORCE';

/** The usual levels and names of socket options, with this system's numbers. */
export type OptionConstants = { readonly [name in OptionName]: number } & {
  readonly [name in LinuxOptionName | 'LOCAL_PEERCRED' | 'SO_NOSIGPIPE']?: number;
};

/**
 * The usual levels and names of socket options, with this system's numbers. Source: socket(7),
 * unix(7).
 *
 * @example
 * const [here, there] = socketPair();
 * const { SOL_SOCKET, SO_RCVBUF } = optionConstants();
 * here.setOption(SOL_SOCKET, SO_RCVBUF, 1 << 16);
 * console.log(here.getOption(SOL_SOCKET, SO_RCVBUF) >= 1 << 16); // true
 * here.close();
 * there.close();
 */
export function optionConstants(): OptionConstants {
  constants ??= Object.freeze(environment().constants()) as OptionConstants;
  return constants;
}

let constants: OptionConstants | undefined;

/** What an option is read into, if nothing is said: more than any of the usual ones has. */
const OPTION_ROOM = 256;
const INT_BYTES = 4;
const MAX_INT = 2 ** 31 - 1;

/** The bytes of an option. */
export function getBytes(channel: Channel, level: number, name: number): Uint8Array {
  checkInteger(level, 'level', 0, MAX_INT);
  checkInteger(name, 'name', 0, MAX_INT);
  const value = new Uint8Array(OPTION_ROOM);
  const length = channel.native.getOption(level, name, value);
  if (length < 0) {
    throw failedOption(length, level, name, 'getsockopt');
  }
  return value.slice(0, length);
}

/** An option that is one number. */
export function getNumber(channel: Channel, level: number, name: number): number {
  const bytes = getBytes(channel, level, name);
  if (bytes.length < INT_BYTES) {
    return bytes[0] ?? 0;
  }
  return new DataView(bytes.buffer).getInt32(0, isLittleEndian);
}

/** Sets an option to a number, a truth or bytes. */
export function setOption(
  channel: Channel,
  level: number,
  name: number,
  value: number | boolean | Uint8Array,
): void {
  checkInteger(level, 'level', 0, MAX_INT);
  checkInteger(name, 'name', 0, MAX_INT);
  const code = channel.native.setOption(level, name, bytesOf(value));
  if (code < 0) {
    throw failedOption(code, level, name, 'setsockopt');
  }
}

/** An option of the socket level that is one number. */
export function getSocketNumber(channel: Channel, name: OptionName): number {
  return getNumber(channel, optionConstants().SOL_SOCKET, optionConstants()[name]);
}

/** Sets an option of the socket level that is one number. */
export function setSocketNumber(channel: Channel, name: OptionName, value: number): void {
  checkInteger(value, name, 0, MAX_INT);
  setOption(channel, optionConstants().SOL_SOCKET, optionConstants()[name], value);
}

/** A pidfd of the peer, held. */
export function peerPidfd(channel: Channel): number {
  const held = channel.native.peerPidfd();
  if (held >= 0) {
    return held;
  }
  const error = failedCall('The peer has no pidfd to be had', held, 'getsockopt');
  throw error.code === 'ENOPROTOOPT' ? unsupported('SO_PEERPIDFD') : error;
}

/** The number of an option that only some systems have. Throws `Unsupported`. */
export function linuxOption(name: LinuxOptionName): number {
  const number = optionConstants()[name];
  if (number === undefined) {
    throw unsupported(name);
  }
  return number;
}

/** Whether one of Linux's switches is on. */
export function getSwitch(channel: Channel, name: LinuxOptionName): boolean {
  return guard(
    name,
    () => getNumber(channel, optionConstants().SOL_SOCKET, linuxOption(name)) !== 0,
  );
}

/** Turns one of Linux's switches on or off. */
export function setSwitch(channel: Channel, name: LinuxOptionName, on: boolean): void {
  if (typeof on !== 'boolean') {
    throw wrongType(name, 'a boolean', on);
  }
  guard(name, () => setOption(channel, optionConstants().SOL_SOCKET, linuxOption(name), on));
}

const isLittleEndian = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1;

function guard<T>(name: LinuxOptionName, work: () => T): T {
  try {
    return work();
  } catch (error) {
    throw (error as NodeJS.ErrnoException).code === 'ENOPROTOOPT' ? unsupported(name) : error;
  }
}

function bytesOf(value: number | boolean | Uint8Array): Uint8Array {
  if (typeof value === 'number' || typeof value === 'boolean') {
    const number = Number(value);
    checkInteger(number, 'value', -(2 ** 31), MAX_INT);
    return new Uint8Array(Int32Array.of(number).buffer);
  }
  checkBytes(value, 'value');
  return value;
}

function failedOption(code: number, level: number, name: number, syscall: string) {
  return failedCall(`Option ${name} of level ${level} is not to be had`, code, syscall);
}

function unsupported(name: LinuxOptionName) {
  return conduitError('Unsupported', `This system has no ${name}`, { code: 'ERR_UNSUPPORTED' });
}
