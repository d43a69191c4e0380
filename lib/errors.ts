import { getSystemErrorMap } from 'node:util';
import { EIO, ETOOMANYREFS } from './errno.js';

/** What an error with a system call behind it carries, as Node's own do. */
export interface SystemFields {
  /** The name of the system's error, such as `'EPIPE'`. */
  readonly code: string;
  /** The system's error number, negative as Node counts. */
  readonly errno: number;
  /** The system call that failed, such as `'sendmsg'`. */
  readonly syscall: string;
}

/**
 * A part of a message that has left and cannot be taken back. Both are 0 where nothing has left;
 * a conduit's messages have one byte, and leave as a whole or not at all.
 */
export interface Progress {
  /** Bytes that had left before a stream's message was given up or failed; the stream is then unusable. */
  readonly bytesWritten: number;
  /** Descriptors that had left with them. */
  readonly descriptorsSent: number;
}

/** What an error carries that has its own reason, and may end a list that is sent one by one. */
export interface ListProgress {
  /** How many of the first have left, where that came up while a list was sent; else nothing has left. */
  readonly descriptorsSent?: number;
}

/** The {@link Progress} of a message that is still wholly here. */
export const NOTHING_LEFT: Progress = { bytesWritten: 0, descriptorsSent: 0 };

interface Typed<Type extends string> extends Error {
  /** Which member of {@link ConduitError} this is. */
  readonly type: Type;
}

/**
 * There is no descriptor to be had from what was passed (Go: `ErrNoFD`): a TLS socket, a closed
 * `FileHandle`, a destroyed `net.Socket`, an empty `Descriptor`. It is as it was.
 */
export interface NoFDError extends Typed<'NoFD'>, ListProgress {
  readonly code: 'ERR_NO_FD';
}

/**
 * A message could not be sent or received (Go: `ErrFailedTransfer`). What was to be sent is open
 * and the caller's. `code` says why: `EPIPE` where nobody is at the other end, `ENOTSOCK` where
 * the conduit is no socket, `EBADF` where a number is not open, `ETOOMANYREFS` where too many
 * descriptors are in flight.
 */
export interface FailedTransferError extends Typed<'FailedTransfer'>, SystemFields, Progress {}

/**
 * Closing failed (Go: `ErrFailedClose`). A transfer that says this has sent its message: only the
 * sender's copy may still be open.
 */
export interface FailedCloseError extends Typed<'FailedClose'>, SystemFields, ListProgress {}

/**
 * A descriptor could not be duplicated or wrapped (Go: `ErrBadClone`): its number is not open
 * (`EBADF`), there is no free slot (`EMFILE`), or it is not what was asked for (`EINVAL`). One that
 * came with `receiveFile` or `receiveSocket` is closed; the `to…` methods leave it with its
 * `Descriptor`.
 */
export interface BadCloneError extends Typed<'BadClone'>, SystemFields, ListProgress {}

/**
 * A message came whose descriptors are not what was asked for (Go: `ErrBadCtrlMesg`). All that
 * arrived are closed, and the next call receives the next message.
 */
export interface BadCtrlMesgError extends Typed<'BadCtrlMesg'> {
  /** `'EMFILE'` where descriptors were lost because this process has no free slot. */
  readonly code: 'ERR_BAD_CTRL_MESG' | 'EMFILE';
  /** None came, too few, too many, or the kernel cut the control message. */
  readonly reason: 'none' | 'too-few' | 'too-many' | 'truncated';
  /** Bytes of payload that came with it, and are consumed. */
  readonly bytesRead: number;
  /** Descriptors that arrived; all are closed. */
  readonly descriptorsReceived: number;
}

/** Reserved, as in Go: nothing is ever of this type. */
export interface UnknownError extends Typed<'Unknown'> {
  readonly code: 'ERR_UNKNOWN';
}

/** It was closed or released: before the call, or while the call was pending. */
export interface ClosedError extends Typed<'Closed'>, ListProgress {
  readonly code: 'EBADF';
}

/** The peer has closed its end, and all it sent has been received. A `for await` ends instead. */
export interface EndOfStreamError extends Typed<'EndOfStream'> {
  readonly code: 'ERR_END_OF_STREAM';
}

/** `timeoutMs` passed. Nothing was sent or received, unless the fields say so. */
export interface TimeoutError extends Typed<'Timeout'>, Progress {
  readonly code: 'ETIMEDOUT';
  /** The milliseconds that were allowed. */
  readonly timeoutMs: number;
}

/**
 * The call's `AbortSignal` was aborted; `cause` is its reason. Nothing was sent or received,
 * unless the fields say so.
 */
export interface AbortedError extends Typed<'Aborted'>, Progress {
  readonly name: 'AbortError';
  readonly code: 'ABORT_ERR';
}

/** An argument is not what it has to be. Nothing was done. */
export interface InvalidArgumentError extends Typed<'InvalidArgument'> {
  readonly code: 'ERR_INVALID_ARG_TYPE' | 'ERR_INVALID_ARG_VALUE' | 'ERR_OUT_OF_RANGE';
  /** The argument's name. */
  readonly argument: string;
}

/**
 * A `net.Socket` has bytes that Node read already and the other process would miss. It is usable
 * as before. The way out: take them with `socket.read()`, transfer again, send them along by a way
 * of your own, and `socket.unshift()` them at the other end. Or a `Conduit` has messages that came
 * with a batch, behind one that was none of it: receive them first.
 */
export interface UnreadDataError extends Typed<'UnreadData'>, ListProgress {
  readonly code: 'ERR_UNREAD_DATA';
  /** How many bytes: `socket.read()` takes them, or receiving, of messages with one each. */
  readonly bytes: number;
}

/**
 * No connection could be made: `ENOENT` where there is no such path, `ECONNREFUSED` where nobody
 * listens on it, `EACCES` where its mode forbids it.
 */
export interface FailedConnectError extends Typed<'FailedConnect'>, SystemFields {
  /** The address as it was given. */
  readonly address: string;
}

/**
 * A server could not be bound or listen: `EADDRINUSE` where somebody listens there, or the file is
 * no socket; `EACCES` or `ENOENT` for its directory.
 */
export interface FailedListenError extends Typed<'FailedListen'>, SystemFields {
  /** The address as it was given. */
  readonly address: string;
}

/**
 * A connection could not be accepted, such as for want of a free slot (`EMFILE`). The server goes
 * on, and the connection still waits for the next call.
 */
export interface FailedAcceptError extends Typed<'FailedAccept'>, SystemFields {}

/** A packet came that is larger than the buffers. It is lost, and its descriptors are closed. */
export interface PacketTooLargeError extends Typed<'PacketTooLarge'> {
  readonly code: 'EMSGSIZE';
  /** The packet's length in bytes. */
  readonly packetBytes: number;
  /** What the buffers had room for. */
  readonly bufferBytes: number;
  /** Descriptors that arrived with it; all are closed. */
  readonly descriptorsReceived: number;
}

/** A system call on a socket failed that sends and receives nothing: an option, a name, `shutdown`. */
export interface FailedCallError extends Typed<'FailedCall'>, SystemFields {}

/** This system, runtime or build cannot do it; the message says what can. */
export interface UnsupportedError extends Typed<'Unsupported'> {
  readonly code: 'ERR_UNSUPPORTED';
}

/**
 * Everything that this library throws or rejects with, told apart by `type`.
 *
 * Source: Go's `conduit.Error` and `conduit.ErrType`.
 *
 * @example
 * const [here, there] = Conduit.pair();
 * there.close();
 * try {
 *   await here.transferFd(fs.openSync('notes.txt'));
 * } catch (error) {
 *   if (!isConduitError(error)) throw error;
 *   switch (error.type) {
 *     case 'FailedTransfer':
 *       console.error(error.code); // 'EPIPE': nobody is at the other end
 *       break;
 *     case 'FailedClose':
 *       console.error('sent, but our copy is still open');
 *       break;
 *     default:
 *       throw error;
 *   }
 * }
 */
export type ConduitError =
  | NoFDError
  | FailedTransferError
  | FailedCloseError
  | BadCloneError
  | BadCtrlMesgError
  | UnknownError
  | ClosedError
  | EndOfStreamError
  | TimeoutError
  | AbortedError
  | InvalidArgumentError
  | UnreadDataError
  | FailedConnectError
  | FailedListenError
  | FailedAcceptError
  | PacketTooLargeError
  | FailedCallError
  | UnsupportedError;

/** The types of {@link ConduitError}: the six of Go's package by their names, and ours. */
export type ConduitErrorType = ConduitError['type'];

// Registered, so that a second copy of the package and another realm know it.
const BRAND = Symbol.for('fd-conduit.error');

/**
 * Whether `error` is one of this library's, of this copy or another.
 *
 * @param error anything that was caught.
 * @returns true narrows to {@link ConduitError}, whose `type` tells the rest.
 * @example
 * const error = await Conduit.connect('no-such.sock').catch((caught) => caught);
 * console.log(isConduitError(error), error.type, error.code); // true FailedConnect ENOENT
 */
export function isConduitError(error: unknown): error is ConduitError {
  return typeof error === 'object' && error !== null && BRAND in error;
}

type Fields<Type extends ConduitErrorType> = Omit<
  Extract<ConduitError, { type: Type }>,
  'name' | 'message' | 'stack' | 'cause' | 'type'
>;

/** Makes the error of one type; the stack begins at the caller. */
export function conduitError<Type extends ConduitErrorType>(
  type: Type,
  message: string,
  fields: Fields<Type>,
  cause?: unknown,
): Extract<ConduitError, { type: Type }> {
  const error = new Error(message, cause === undefined ? undefined : { cause });
  Object.defineProperty(error, 'name', {
    value: type === 'Aborted' ? 'AbortError' : 'ConduitError',
    configurable: true,
    writable: true,
  });
  Object.defineProperty(error, BRAND, { value: true });
  Error.captureStackTrace(error, conduitError);
  return Object.assign(error, { type }, fields) as unknown as Extract<ConduitError, { type: Type }>;
}

/** What stands behind the usual failures of a message. */
const HINTS = new Map([
  ['EAFNOSUPPORT', ' (only Unix sockets carry descriptors; this is a network socket)'],
  ['EBADF', ' (what was to be sent is not open)'],
  ['EMSGSIZE', ' (the packet does not fit: raise sendBufferSize, or send less)'],
  ['ENOTSOCK', ' (only Unix sockets carry descriptors; this is no socket)'],
  ['EPERM', ' (the peer refuses descriptors, or the credentials are not yours to claim)'],
  ['EPIPE', ' (the peer has closed its end, or this one was shut down)'],
  ['ETOOMANYREFS', ' (wait until the peer has received some, or raise RLIMIT_NOFILE)'],
]);

/** The error of a message that did not get through. */
export function failedTransfer(
  what: string,
  errno: number,
  syscall: string,
  progress: Progress = NOTHING_LEFT,
): FailedTransferError {
  const hint = HINTS.get(describe(errno)[0]) ?? '';
  return conduitError('FailedTransfer', `${what}: ${systemMessage(errno)}${hint}`, {
    ...systemFields(errno, syscall),
    ...progress,
  });
}

/** The error of a system call that sends and receives nothing. */
export function failedCall(what: string, errno: number, syscall: string): FailedCallError {
  return conduitError(
    'FailedCall',
    `${what}: ${systemMessage(errno)}`,
    systemFields(errno, syscall),
  );
}

/** The error of what cannot become an owner, a handle or a duplicate. */
export function badClone(what: string, errno: number, syscall: string): BadCloneError {
  return conduitError('BadClone', `${what}: ${systemMessage(errno)}`, systemFields(errno, syscall));
}

/** The error of a sender's copy that cannot be closed. */
export function failedClose(what: string, cause: unknown): FailedCloseError {
  return unclosed(`The message has left, but the sender's ${what} could not be closed`, cause);
}

/** The error of an object of Node's, or a number, that cannot be closed. */
export function unclosed(what: string, cause: unknown): FailedCloseError {
  const { code = 'EIO', errno = EIO, message } = cause as NodeJS.ErrnoException;
  return conduitError(
    'FailedClose',
    `${what}: ${message}`,
    { code, errno, syscall: 'close' },
    cause,
  );
}

/** The fields of a failed system call, from the negative errno that the native side answers. */
export function systemFields(errno: number, syscall: string): SystemFields {
  return { code: describe(errno)[0], errno, syscall };
}

/** What the system calls it: `'EPIPE: broken pipe'`. */
export function systemMessage(errno: number): string {
  return describe(errno).join(': ');
}

function describe(errno: number): [code: string, message: string] {
  // The only error of descriptor passing that libuv has no name for.
  if (errno === ETOOMANYREFS) {
    return ['ETOOMANYREFS', 'too many descriptors in flight'];
  }
  return getSystemErrorMap().get(errno) ?? [`E${-errno}`, 'unknown system error'];
}
