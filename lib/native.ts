import { binding } from './binary.js';
import type * as Binding from './binding';
import type { Transport } from './transport.js';

/** The native socket: owns its descriptor, answers negative errnos. */
export type NativeSocket = Binding.Socket;

/** How the native side and this one count readiness. */
export const READABLE = 1;
export const WRITABLE = 2;

/** Where in the registers a received message is told. */
export const FLAGS = 0;
export const ARRIVED = 1;
export const KEPT = 2;
export const PIDFD = 3;
/** The process; after it the user, then the group. */
export const PID = 4;
export const GID = 6;
export const FIRST_FD = 7;

/** Bits of the flags. */
export const PAYLOAD_TRUNCATED = 1;
export const CONTROL_TRUNCATED = 2;
export const OUT_OF_SLOTS = 4;
export const IS_END = 8;
export const HAS_CREDENTIALS = 16;
export const HAS_PIDFD = 32;

/** The most descriptors that one message carries on every system (Linux: `SCM_MAX_FD`). */
export const MAX_DESCRIPTORS = 253;

/** Numbers cross to and from the native side here, without an object for each; macOS delivers up to 512. */
export const registers = new Int32Array(FIRST_FD + 512);

/** What is woken when its socket can be tried again. */
export interface Sleeper {
  /** Tries what waits, and answers what still does: a sum of READABLE and WRITABLE, and SERVED. */
  wake(events: number): number;
}

/** Added to what a sleeper answers when it served a receive. */
export const SERVED = 4;

const NOBODY = -1;
// By slot: deleting from a map and adding again, for each wait, makes it slow with many sockets.
const sleepers: (Sleeper | undefined)[] = [];
let opened: Opened | undefined;

/** The calls of sockets; there from the first socket or held number on. */
export let transport: Transport;

interface Opened {
  readonly binding: typeof Binding;
  readonly environment: Binding.Environment;
  /** The environment's. */
  readonly slot: number;
}

/** Makes the native owner of the held descriptor `fd`. */
export function openSocket(fd: number, framing: number): NativeSocket {
  const { binding, environment } = open();
  return new binding.Socket(environment, fd, framing);
}

/** Closes a number that is held; answers a negative errno where the system reports one. */
export function closeOne(fd: number): number {
  const { slot } = open();
  return transport.close(slot, fd);
}

/** Closes numbers that are held, in one go. */
export function closeHeld(held: readonly number[]): void {
  if (held.length === 1) {
    closeOne(held[0] as number);
    return;
  }
  const { slot } = open();
  for (let start = 0; start < held.length; start += registers.length) {
    const count = Math.min(held.length - start, registers.length);
    registers.set(count === held.length ? held : held.slice(start, start + count));
    transport.closeAll(slot, registers, count);
  }
}

/** A duplicate of any open number, held; or a negative errno. */
export function duplicateHeld(fd: number): number {
  const { slot } = open();
  return transport.duplicate(slot, fd);
}

/** Duplicates of the first `count` registers, held, in their places; see `duplicateAll`. */
export function duplicateRegisters(count: number): number {
  const { slot } = open();
  return transport.duplicateAll(slot, registers, count);
}

/** Gives a held number away. */
export function give(fd: number): void {
  const { slot } = open();
  transport.give(slot, fd);
}

/** Who owns a number: see `OWNED` and `WATCHED`. */
export function ownerOf(fd: number): number {
  const { slot } = open();
  return transport.owner(slot, fd);
}

/** 1 for a stream socket that listens, 0 for one that does not; or a negative errno. */
export function isStreamServer(fd: number): number {
  const { slot } = open();
  return transport.isStreamServer(slot, fd);
}

/** Writes to a socket that is held; answers the bytes that left, or a negative errno. */
export function writeHeld(fd: number, payload: Uint8Array): number {
  const { slot } = open();
  return transport.write(slot, fd, payload);
}

/** Keeps `sleeper` alive and reachable while it waits. */
export function sleep(slot: number, sleeper: Sleeper): void {
  sleepers[slot] = sleeper;
}

/** Lets go of a sleeper that waits no more. */
export function rest(slot: number): void {
  sleepers[slot] = undefined;
}

/** The native side of this thread: its event loop, and the descriptors held for JavaScript. */
export function environment(): Binding.Environment {
  return open().environment;
}

function open(): Opened {
  opened ??= load();
  return opened;
}

function load(): Opened {
  const loaded = binding();
  const environment = new loaded.Environment(dispatch, means());
  transport = environment.transport() as Transport;
  return { binding: loaded, environment, slot: environment.slot };
}

/**
 * What the native side waits with: 0 libuv, and a thread of its own where there is none; 1 the
 * thread; 2 the thread, and libuv is not even asked (Bun has its names, and ends the process when
 * they are called; Deno has no loop behind them).
 */
function means(): number {
  if ('bun' in process.versions || 'deno' in process.versions) {
    return 2;
  }
  const { FD_CONDUIT_READINESS } = process.env;
  return FD_CONDUIT_READINESS === 'thread' ? 1 : 0;
}

function dispatch(slot: number, events: number): number {
  return sleepers[slot]?.wake(events) ?? NOBODY;
}
