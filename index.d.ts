/// <reference types="node" />

import { FileHandle } from 'node:fs/promises';
import { Server, Socket } from 'node:net';

/** What an error with a system call behind it carries, as Node's own do. */
export interface SystemFields {
	/** The name of the system's error, such as `'EPIPE'`. */
	readonly code: string;
	/** The system's error number, negative as Node counts. */
	readonly errno: number;
	/** The system call that failed, such as `'sendmsg'`. */
	readonly syscall: string;
}
/** A part of a message that has left and cannot be taken back. */
export interface Progress {
	/** Bytes that had left before a stream's message was given up or failed; the stream is then unusable. */
	readonly bytesWritten: number;
	/** Descriptors that had left with them. */
	readonly descriptorsSent: number;
}
interface Typed<Type extends string> extends Error {
	/** Which member of {@link ConduitError} this is. */
	readonly type: Type;
}
/** There is no descriptor to be had from what was passed (Go: `ErrNoFD`). It is as it was. */
export interface NoFDError extends Typed<"NoFD"> {
	readonly code: "ERR_NO_FD";
}
/** A message could not be sent or received (Go: `ErrFailedTransfer`). What was to be sent is open and the caller's. */
export interface FailedTransferError extends Typed<"FailedTransfer">, SystemFields, Progress {
}
/** Closing failed (Go: `ErrFailedClose`). A transfer that says this has sent its message: only the sender's copy may still be open. */
export interface FailedCloseError extends Typed<"FailedClose">, SystemFields {
}
/** A descriptor could not be duplicated or wrapped (Go: `ErrBadClone`). One that was received is closed. */
export interface BadCloneError extends Typed<"BadClone">, SystemFields {
}
/** A message came whose descriptors are not what was asked for (Go: `ErrBadCtrlMesg`). All that arrived are closed. */
export interface BadCtrlMesgError extends Typed<"BadCtrlMesg"> {
	/** `'EMFILE'` where descriptors were lost because this process has no free slot. */
	readonly code: "ERR_BAD_CTRL_MESG" | "EMFILE";
	/** None came, too few, too many, or the kernel cut the control message. */
	readonly reason: "none" | "too-few" | "too-many" | "truncated";
	/** Bytes of payload that came with it, and are consumed. */
	readonly bytesRead: number;
	/** Descriptors that arrived; all are closed. */
	readonly descriptorsReceived: number;
}
/** Reserved, as in Go: nothing is ever of this type. */
export interface UnknownError extends Typed<"Unknown"> {
	readonly code: "ERR_UNKNOWN";
}
/** It was closed or released: before the call, or while the call was pending. */
export interface ClosedError extends Typed<"Closed"> {
	readonly code: "EBADF";
}
/** The peer has closed its end, and all it sent has been received. */
export interface EndOfStreamError extends Typed<"EndOfStream"> {
	readonly code: "ERR_END_OF_STREAM";
}
/** `timeoutMs` passed. Nothing was sent or received, unless the fields say so. */
export interface TimeoutError extends Typed<"Timeout">, Progress {
	readonly code: "ETIMEDOUT";
	readonly timeoutMs: number;
}
/** The call's `AbortSignal` was aborted; `cause` is its reason. Nothing was sent or received, unless the fields say so. */
export interface AbortedError extends Typed<"Aborted">, Progress {
	readonly name: "AbortError";
	readonly code: "ABORT_ERR";
}
/** An argument is not what it has to be. Nothing was done. */
export interface InvalidArgumentError extends Typed<"InvalidArgument"> {
	readonly code: "ERR_INVALID_ARG_TYPE" | "ERR_INVALID_ARG_VALUE" | "ERR_OUT_OF_RANGE";
	/** The argument's name. */
	readonly argument: string;
}
/** A `net.Socket` has bytes that Node read already and the other process would miss. It is usable as before. */
export interface UnreadDataError extends Typed<"UnreadData"> {
	readonly code: "ERR_UNREAD_DATA";
	/** How many bytes: `socket.read()` takes them. */
	readonly bytes: number;
}
/** No connection could be made. */
export interface FailedConnectError extends Typed<"FailedConnect">, SystemFields {
	/** The address as it was given. */
	readonly address: string;
}
/** A server could not be bound or listen. */
export interface FailedListenError extends Typed<"FailedListen">, SystemFields {
	/** The address as it was given. */
	readonly address: string;
}
/** A connection could not be accepted. The server goes on, and the connection still waits for the next call. */
export interface FailedAcceptError extends Typed<"FailedAccept">, SystemFields {
}
/** This system, runtime or build cannot do it. */
export interface UnsupportedError extends Typed<"Unsupported"> {
	readonly code: "ERR_UNSUPPORTED";
}
/**
 * Everything that this library throws or rejects with, told apart by `type`.
 *
 * @example
 * try {
 *   await conduit.transferFd(fd);
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
export type ConduitError = NoFDError | FailedTransferError | FailedCloseError | BadCloneError | BadCtrlMesgError | UnknownError | ClosedError | EndOfStreamError | TimeoutError | AbortedError | InvalidArgumentError | UnreadDataError | FailedConnectError | FailedListenError | FailedAcceptError | UnsupportedError;
/** The types of {@link ConduitError}: the six of Go's package by their names, and ours. */
export type ConduitErrorType = ConduitError["type"];
/**
 * Whether `error` is one of this library's, of this copy or another.
 *
 * @param error anything that was caught.
 * @returns true narrows to {@link ConduitError}, whose `type` tells the rest.
 */
export declare function isConduitError(error: unknown): error is ConduitError;
/** What every call that may wait understands. */
export interface CallOptions {
	/** Gives the call up: it rejects with an `AbortError` of type `Aborted`. */
	readonly signal?: AbortSignal | undefined;
	/** Gives the call up after so many milliseconds, with type `Timeout`. Without it, the call waits. */
	readonly timeoutMs?: number | undefined;
}
/**
 * The owner of one open descriptor.
 *
 * Ownership: it closes its descriptor when it is closed or disposed, when it is garbage
 * collected, and when its worker ends, whichever comes first; `release()` and the `to…` methods
 * hand the descriptor on, and the `Descriptor` is then empty.
 *
 * @example
 * const descriptor = await conduit.receive();
 * const file = await descriptor.toFileHandle();
 */
export declare class Descriptor {
	#private;
	private constructor();
	/**
	 * Takes ownership of an open number.
	 *
	 * Ownership: the `Descriptor`'s when it succeeds, and only then; nobody else may close the
	 * number from then on.
	 *
	 * @param fd an open descriptor that nothing else owns: no `FileHandle`, no `net.Socket`.
	 * @throws `InvalidArgument` where it is no number, or this library owns it already;
	 * `FailedTransfer` with code `EBADF` where it is not open.
	 * @example
	 * const descriptor = Descriptor.adopt(fs.openSync('notes.txt', 'r'));
	 */
	static adopt(fd: number): Descriptor;
	/** The number, for as long as this is its owner; -1 after that. Do not close it by hand. */
	get fd(): number;
	/** Whether it is empty: closed, released or converted. */
	get isClosed(): boolean;
	/**
	 * Gives the number away.
	 *
	 * Ownership: the caller's from then on, who closes it (`fs.closeSync`).
	 *
	 * @returns the number.
	 * @throws `Closed` where it is empty.
	 */
	release(): number;
	/**
	 * Closes the descriptor. Twice is fine. It runs on this thread, as closing nearly never waits;
	 * a file on a network or FUSE file system may make it wait.
	 *
	 * @throws `FailedClose` where the system reports an error; the number is free all the same.
	 */
	close(): void;
	/** The same as {@link Descriptor.close}. */
	[Symbol.dispose](): void;
	/**
	 * Turns it into a `FileHandle` of `node:fs/promises`: the same open file description, with its
	 * offset, also of a file that has been deleted.
	 *
	 * Ownership: the `FileHandle`'s; where it rejects, still this `Descriptor`'s.
	 *
	 * A pipe or a socket as `FileHandle` occupies a thread of Node's pool for each waiting read.
	 *
	 * @throws `Closed`; `BadClone` where no `FileHandle` can be made, as without a free slot.
	 */
	toFileHandle(): Promise<FileHandle>;
	/**
	 * Turns it into a `net.Socket`. Node starts to read from it at once, into its buffer.
	 *
	 * Ownership: the socket's; where it throws, still this `Descriptor`'s.
	 *
	 * @throws `Closed`; `BadClone` where it is no stream that Node knows (a file, a SEQPACKET socket).
	 */
	toNetSocket(): Socket;
	/**
	 * Turns a listening socket into a `net.Server`, which accepts at once.
	 *
	 * Ownership: the server's; where it rejects, still this `Descriptor`'s.
	 *
	 * @throws `Closed`; `BadClone` where it does not listen; `Unsupported` in a cluster's worker,
	 * where Node would ask the primary for its descriptor of that number.
	 */
	toNetServer(): Promise<Server>;
}
/** How a server listens. */
export interface ListenOptions {
	/** The permissions of the socket file, such as `0o600`. By default what the umask leaves. */
	readonly mode?: number;
	/** How many connections may wait to be accepted. 511 by default. */
	readonly backlog?: number;
	/** Stops listening: the server is closed, and its iteration ends. */
	readonly signal?: AbortSignal;
	/** Told of each failure of `accept` that an iteration retries, such as `EMFILE`. */
	readonly onRetry?: (error: FailedAcceptError) => void;
}
/**
 * A listening Unix socket whose connections are conduits; made by `Conduit.listen`.
 *
 * Ownership: it owns its descriptor and its socket file; each conduit is its receiver's.
 *
 * @example
 * for await (const conduit of Conduit.listen('/run/app.sock', { mode: 0o600 })) {
 *   handle(conduit);
 * }
 */
export declare class ConduitServer {
	#private;
	private constructor();
	/** The path or abstract name, as it was given. */
	get path(): string;
	/** The number. It stays the server's: do not close it by hand. */
	get fd(): number;
	/**
	 * Accepts one connection.
	 *
	 * @param options `signal` and `timeoutMs` give the call up; the connection then waits for the next.
	 * @returns a conduit, which is the caller's to close.
	 * @throws `FailedAccept`: with code `EMFILE` the connection waits, and the next call tries again;
	 * `Closed`, `Aborted`, `Timeout`, `InvalidArgument`.
	 */
	accept(options?: CallOptions): Promise<Conduit>;
	/**
	 * The conduits as they come, until the server is closed. Failures of `accept` that pass, such
	 * as `EMFILE`, are retried, and told to `onRetry`.
	 */
	[Symbol.asyncIterator](): AsyncGenerator<Conduit, void, undefined>;
	/** Stops listening and removes the socket file; accepted conduits stay. Twice is fine. */
	close(): void;
	/** The same as {@link ConduitServer.close}. */
	[Symbol.dispose](): void;
	/** The same as {@link ConduitServer.close}. */
	[Symbol.asyncDispose](): Promise<void>;
	/** A pending `accept` keeps the program alive again, as it does at first. */
	ref(): this;
	/** A pending `accept` does not keep the program alive. */
	unref(): this;
}
/** What a {@link Conduit} can transfer: a number, or an object that owns a descriptor. */
export type Transferable = number | FileHandle | Socket | Server | Descriptor;
/** How a conduit is made from something that is open already. */
export interface ConduitOptions {
	/** What the conduit calls itself; by default after what it was made from. */
	readonly name?: string;
}
/**
 * A connection over which open descriptors move from one process to another, one a message, with
 * their ownership.
 *
 * Ownership: a conduit owns a descriptor of its own (see {@link Conduit.fromFd}). It closes it
 * when it is closed or disposed, when it is garbage collected, and when its worker ends. What
 * was received is the receiver's, what was transferred is closed here.
 *
 * Several calls at once keep their order. A call that waits keeps the program alive, an idle
 * conduit does not. Breaking out of `for await` leaves the conduit open.
 *
 * Platforms: Linux, macOS, FreeBSD. Source: Go's `toolman.org/net/conduit`, `type Conduit`;
 * unix(7), cmsg(3).
 *
 * @example
 * // In one process:
 * const conduit = await Conduit.connect('/run/app.sock');
 * await conduit.transferFile(await fs.open('notes.txt'));
 *
 * // In the other:
 * for await (const conduit of Conduit.listen('/run/app.sock')) {
 *   const file = await conduit.receiveFile();
 *   console.log(await file.readFile('utf8'));
 * }
 */
export declare class Conduit {
	#private;
	/** What the conduit calls itself. */
	readonly name: string;
	private constructor();
	/**
	 * Makes a conduit over an open socket, by its number.
	 *
	 * Ownership: `fd` stays the caller's. The conduit works on a duplicate, so the connection
	 * lives until both are closed; the socket becomes non-blocking for all who hold it.
	 *
	 * @param fd the number of a connected Unix socket. Whether it is one shows at the first call.
	 * @throws `BadClone` with code `EBADF` where the number is not open; `InvalidArgument`.
	 * Source: Go's `conduit.New(fd, name)`.
	 * @example
	 * const conduit = Conduit.fromFd(3, { name: 'from the parent' });
	 */
	static fromFd(fd: number, options?: ConduitOptions): Conduit;
	/**
	 * Makes a conduit over an open socket, by a `FileHandle` of it.
	 *
	 * Ownership: the `FileHandle` stays the caller's, as in {@link Conduit.fromFd}.
	 *
	 * @throws `NoFD` where it is closed; `BadClone`; `InvalidArgument`.
	 * Source: Go's `conduit.FromFile(f)`.
	 */
	static fromFile(file: FileHandle, options?: ConduitOptions): Conduit;
	/**
	 * Makes a conduit over the connection of a `net.Socket`, which reads nothing more from then on,
	 * whatever is called on it.
	 *
	 * Ownership: the `net.Socket` stays the caller's to destroy; the conduit works on a clone, so
	 * close both.
	 *
	 * @param socket connected (or connecting) to a Unix socket, and nothing read from it yet: Node's
	 * plain reads throw descriptors away. One from a `net.Server` is safe in its `'connection'`
	 * event.
	 * @throws `NoFD` for a TLS socket and one that is destroyed; `BadClone` where it cannot be
	 * cloned; `InvalidArgument` where it has read bytes already.
	 * Source: Go's `conduit.FromConn(conn)`.
	 */
	static fromSocket(socket: Socket, options?: ConduitOptions): Conduit;
	/**
	 * Connects to a path, or (Linux) to an abstract name, which begins with a NUL byte.
	 *
	 * @param path at most 107 bytes on Linux, 103 elsewhere.
	 * @param options `signal` and `timeoutMs` bound the wait for a place in a full backlog.
	 * @returns a conduit, which is the caller's to close.
	 * @throws `FailedConnect` with code `ENOENT`, `ECONNREFUSED`, …; `Timeout`, `Aborted`,
	 * `InvalidArgument`.
	 */
	static connect(path: string, options?: CallOptions & ConduitOptions): Promise<Conduit>;
	/**
	 * Listens on a path, or (Linux) on an abstract name, for conduits.
	 *
	 * @param path as in {@link Conduit.connect}. The file of a server that is gone is replaced; one
	 * on which somebody listens, or that is no socket, is left as it is.
	 * @param options `mode`: the socket file's permissions, set before anybody can connect;
	 * `backlog`; `signal` closes the server; `onRetry` is told of failures to accept.
	 * @returns a server, which is the caller's to close, and an async iterable of conduits.
	 * @throws `FailedListen` with code `EADDRINUSE`, `EACCES`, …; `InvalidArgument`.
	 */
	static listen(path: string, options?: ListenOptions): ConduitServer;
	/**
	 * Makes two conduits that are connected to each other, as socketpair(2) does.
	 *
	 * @returns both, which are the caller's to close. To give one to a child process, pass its `fd`
	 * in `stdio`.
	 * @throws `FailedTransfer` with code `EMFILE` where there is no free slot.
	 */
	static pair(): [
		Conduit,
		Conduit
	];
	/** The number of the conduit's own descriptor. It stays the conduit's: do not close it by hand. */
	get fd(): number;
	/** Whether it was closed. */
	get isClosed(): boolean;
	/**
	 * Transfers an open descriptor, by its number.
	 *
	 * Ownership: when it resolves, the message has left and `fd` is closed. When it rejects, `fd`
	 * is open and the caller's as before; with `FailedClose` the message has left all the same.
	 *
	 * @param fd a number that no object owns: what a `net.Socket`, a `FileHandle` or a `Descriptor`
	 * owns goes by that object.
	 * @throws `FailedTransfer` with code `EPIPE` (the peer is gone), `EBADF` (`fd` is not open),
	 * `ENOTSOCK` (the conduit is no socket), `ETOOMANYREFS` (too many in flight), …; `FailedClose`;
	 * `Closed`, `Aborted`, `Timeout`, `BadClone`, `InvalidArgument`.
	 * Source: Go's `Conduit.TransferFD(fd)`.
	 */
	transferFd(fd: number, options?: CallOptions): Promise<void>;
	/**
	 * Transfers an open file.
	 *
	 * Ownership: when it resolves, the message has left and the `FileHandle` is closed; when it
	 * rejects, it is open as before, as in {@link Conduit.transferFd}.
	 *
	 * @throws as {@link Conduit.transferFd}, and `NoFD` where the `FileHandle` is closed.
	 * Source: Go's `Conduit.TransferFile(f)`.
	 */
	transferFile(file: FileHandle, options?: CallOptions): Promise<void>;
	/**
	 * Transfers a live connection and loses no byte of it: what was written leaves first, nothing
	 * is read any more, and the connection is closed here without `shutdown`, so that the other
	 * process talks on.
	 *
	 * Ownership: when it resolves, the `net.Socket` is destroyed; when it rejects, it is usable as
	 * before.
	 *
	 * @param socket not TLS: its keys live in this process.
	 * @param options `timeoutMs` also bounds the wait for what was written.
	 * @throws as {@link Conduit.transferFd}; `NoFD`; `UnreadData` where Node holds bytes that the
	 * other process would miss: take them with `socket.read()`, send them along, and `unshift` them
	 * there.
	 * Source: Go's `Conduit.TransferConn(conn)`.
	 */
	transferSocket(socket: Socket, options?: CallOptions): Promise<void>;
	/**
	 * Transfers whatever has a descriptor: a number, a `FileHandle`, a `net.Socket`, a `net.Server`
	 * (whose path stays in place) or a {@link Descriptor}.
	 *
	 * Ownership: when it resolves, what was passed is closed; when it rejects, it is as before.
	 *
	 * @throws as the `transfer…` of its kind.
	 */
	transfer(what: Transferable, options?: CallOptions): Promise<void>;
	/**
	 * Receives one descriptor of any kind.
	 *
	 * Ownership: the returned {@link Descriptor}'s, which is the caller's.
	 *
	 * @throws `BadCtrlMesg` where the message did not bring exactly one descriptor (all that came
	 * are closed); `EndOfStream` where the peer has closed; `FailedTransfer` where receiving fails;
	 * `Closed`, `Aborted`, `Timeout`, `InvalidArgument`.
	 * Source: Go's `Conduit.ReceiveFD()`.
	 */
	receive(options?: CallOptions): Promise<Descriptor>;
	/**
	 * Receives one descriptor, as a bare number.
	 *
	 * Ownership: the caller's, who closes it (`fs.closeSync`). {@link Conduit.receive} is safer.
	 *
	 * @throws as {@link Conduit.receive}.
	 * Source: Go's `Conduit.ReceiveFD()`.
	 */
	receiveFd(options?: CallOptions): Promise<number>;
	/**
	 * Receives one descriptor, as a `FileHandle` of `node:fs/promises`.
	 *
	 * Ownership: the `FileHandle`'s, which is the caller's.
	 *
	 * @throws as {@link Conduit.receive}, and `BadClone` where no `FileHandle` can be made; for want
	 * of a free slot the message stays in the socket.
	 * Source: Go's `Conduit.ReceiveFile()`.
	 */
	receiveFile(options?: CallOptions): Promise<FileHandle>;
	/**
	 * Receives one connection, as a `net.Socket`. Node starts to read from it at once.
	 *
	 * Ownership: the `net.Socket`'s, which is the caller's.
	 *
	 * @throws as {@link Conduit.receive}, and `BadClone` where what came is no stream that Node
	 * knows; it is closed then.
	 * Source: Go's `Conduit.ReceiveConn()`.
	 */
	receiveSocket(options?: CallOptions): Promise<Socket>;
	/** The descriptors as they come, until the peer closes its end. */
	[Symbol.asyncIterator](): AsyncGenerator<Descriptor, void, undefined>;
	/**
	 * Closes what the conduit itself made, never the caller's; pending calls reject with `Closed`.
	 * Twice is fine.
	 *
	 * @throws `FailedClose` where the system reports an error.
	 * Source: Go's `Conduit.Close()`.
	 */
	close(): void;
	/** The same as {@link Conduit.close}. */
	[Symbol.dispose](): void;
	/** The same as {@link Conduit.close}. */
	[Symbol.asyncDispose](): Promise<void>;
	/** Pending calls keep the program alive again, as they do at first. */
	ref(): this;
	/** Pending calls do not keep the program alive. */
	unref(): this;
}

export {};
