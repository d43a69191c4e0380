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
interface Typed<Type extends string> extends Error {
	/** Which member of {@link ConduitError} this is. */
	readonly type: Type;
}
/**
 * There is no descriptor to be had from what was passed (Go: `ErrNoFD`): a TLS socket, a closed
 * `FileHandle`, a destroyed `net.Socket`, an empty `Descriptor`. It is as it was.
 */
export interface NoFDError extends Typed<"NoFD"> {
	readonly code: "ERR_NO_FD";
}
/**
 * A message could not be sent or received (Go: `ErrFailedTransfer`). What was to be sent is open
 * and the caller's. `code` says why: `EPIPE` where nobody is at the other end, `ENOTSOCK` where
 * the conduit is no socket, `EBADF` where a number is not open, `ETOOMANYREFS` where too many
 * descriptors are in flight.
 */
export interface FailedTransferError extends Typed<"FailedTransfer">, SystemFields, Progress {
}
/**
 * Closing failed (Go: `ErrFailedClose`). A transfer that says this has sent its message: only the
 * sender's copy may still be open.
 */
export interface FailedCloseError extends Typed<"FailedClose">, SystemFields {
}
/**
 * A descriptor could not be duplicated or wrapped (Go: `ErrBadClone`): its number is not open
 * (`EBADF`), there is no free slot (`EMFILE`), or it is not what was asked for (`EINVAL`). One that
 * came with `receiveFile` or `receiveSocket` is closed; the `to…` methods leave it with its
 * `Descriptor`.
 */
export interface BadCloneError extends Typed<"BadClone">, SystemFields {
}
/**
 * A message came whose descriptors are not what was asked for (Go: `ErrBadCtrlMesg`). All that
 * arrived are closed, and the next call receives the next message.
 */
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
/** The peer has closed its end, and all it sent has been received. A `for await` ends instead. */
export interface EndOfStreamError extends Typed<"EndOfStream"> {
	readonly code: "ERR_END_OF_STREAM";
}
/** `timeoutMs` passed. Nothing was sent or received, unless the fields say so. */
export interface TimeoutError extends Typed<"Timeout">, Progress {
	readonly code: "ETIMEDOUT";
	/** The milliseconds that were allowed. */
	readonly timeoutMs: number;
}
/**
 * The call's `AbortSignal` was aborted; `cause` is its reason. Nothing was sent or received,
 * unless the fields say so.
 */
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
/**
 * A `net.Socket` has bytes that Node read already and the other process would miss. It is usable
 * as before. The way out: take them with `socket.read()`, transfer again, send them along by a way
 * of your own, and `socket.unshift()` them at the other end.
 */
export interface UnreadDataError extends Typed<"UnreadData"> {
	readonly code: "ERR_UNREAD_DATA";
	/** How many bytes: `socket.read()` takes them. */
	readonly bytes: number;
}
/**
 * No connection could be made: `ENOENT` where there is no such path, `ECONNREFUSED` where nobody
 * listens on it, `EACCES` where its mode forbids it.
 */
export interface FailedConnectError extends Typed<"FailedConnect">, SystemFields {
	/** The address as it was given. */
	readonly address: string;
}
/**
 * A server could not be bound or listen: `EADDRINUSE` where somebody listens there, or the file is
 * no socket; `EACCES` or `ENOENT` for its directory.
 */
export interface FailedListenError extends Typed<"FailedListen">, SystemFields {
	/** The address as it was given. */
	readonly address: string;
}
/**
 * A connection could not be accepted, such as for want of a free slot (`EMFILE`). The server goes
 * on, and the connection still waits for the next call.
 */
export interface FailedAcceptError extends Typed<"FailedAccept">, SystemFields {
}
/** This system, runtime or build cannot do it; the message says what can. */
export interface UnsupportedError extends Typed<"Unsupported"> {
	readonly code: "ERR_UNSUPPORTED";
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
export type ConduitError = NoFDError | FailedTransferError | FailedCloseError | BadCloneError | BadCtrlMesgError | UnknownError | ClosedError | EndOfStreamError | TimeoutError | AbortedError | InvalidArgumentError | UnreadDataError | FailedConnectError | FailedListenError | FailedAcceptError | UnsupportedError;
/** The types of {@link ConduitError}: the six of Go's package by their names, and ours. */
export type ConduitErrorType = ConduitError["type"];
/**
 * Whether `error` is one of this library's, of this copy or another.
 *
 * @param error anything that was caught.
 * @returns true narrows to {@link ConduitError}, whose `type` tells the rest.
 * @example
 * const error = await Conduit.connect('no-such.sock').catch((caught) => caught);
 * console.log(isConduitError(error), error.type, error.code); // true FailedConnect ENOENT
 */
export declare function isConduitError(error: unknown): error is ConduitError;
/**
 * What every call that may wait understands.
 *
 * Ownership: a call that is given up leaves everything as it was. What was to be sent is the
 * caller's, and what the peer has sent waits in the socket for the next call.
 *
 * @example
 * const [here, there] = Conduit.pair();
 * const descriptor = await here.receive({ timeoutMs: 100 }).catch((error) => error.type);
 * console.log(descriptor); // Timeout
 * here.close();
 * there.close();
 */
export interface CallOptions {
	/**
	 * Gives the call up: it rejects with an `AbortError` of type `Aborted`, whose `cause` is the
	 * signal's reason. A call that is over already is not changed by it.
	 */
	readonly signal?: AbortSignal | undefined;
	/**
	 * Gives the call up after so many milliseconds, with type `Timeout`; zero or more. Without it,
	 * the call waits for as long as it takes.
	 */
	readonly timeoutMs?: number | undefined;
}
/**
 * The owner of one open descriptor.
 *
 * Ownership: it closes its descriptor when it is closed or disposed, when it is garbage
 * collected, and when its worker ends, whichever comes first; `release()` and the `to…` methods
 * hand the descriptor on, and the `Descriptor` is then empty. One that the program cannot reach
 * any more is closed sooner or later: close it yourself where the peer waits for that.
 *
 * Platforms: Linux, macOS, FreeBSD. Source: Go's `*os.File`, in its part as owner of a number;
 * close(2), dup(2).
 *
 * @example
 * const [here, there] = Conduit.pair();
 * await here.transferFile(await open('notes.txt'));
 * const descriptor = await there.receive();
 * const file = await descriptor.toFileHandle(); // descriptor is empty from here on
 * console.log(await file.readFile('utf8'));
 * await file.close();
 * here.close();
 * there.close();
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
 * Ownership: it owns its descriptor and its socket file; each conduit is its receiver's. `close()`
 * gives back both. The descriptor of a server that is forgotten is closed when it is collected, or
 * when its worker ends; its socket file then stays until the next server on that path.
 *
 * A call of `accept` that waits keeps the program alive, an idle server does not. Breaking out of
 * `for await` leaves the server open.
 *
 * Platforms: Linux, macOS, FreeBSD; abstract names on Linux only. Source: unix(7), listen(2),
 * accept(2). Go's package has no counterpart: it takes connections of `net.Listener`.
 *
 * @example
 * const server = Conduit.listen('app.sock', { mode: 0o600 });
 * const client = await Conduit.connect('app.sock');
 * for await (const conduit of server) {
 *   await conduit.transferFile(await open('notes.txt'));
 *   conduit.close();
 *   server.close(); // ends the loop
 * }
 * const file = await client.receiveFile();
 * await file.close();
 * client.close();
 */
export declare class ConduitServer {
	#private;
	private constructor();
	/** The path or abstract name, as it was given to `Conduit.listen`. */
	get path(): string;
	/**
	 * The number of the listening socket. It stays the server's: do not close it by hand. After
	 * `close()` it may be somebody else's.
	 */
	get fd(): number;
	/**
	 * Accepts one connection.
	 *
	 * Ownership: the returned conduit is the caller's to close.
	 *
	 * @param options `signal` and `timeoutMs` (milliseconds) give the call up; the connection then
	 * waits for the next.
	 * @returns a conduit, as soon as somebody connects.
	 * @throws `FailedAccept`: with code `EMFILE` the connection waits, and the next call tries again;
	 * `Closed`, `Aborted`, `Timeout`, `InvalidArgument`.
	 * Platforms: Linux, macOS, FreeBSD. Source: accept(2).
	 * @example
	 * const server = Conduit.listen('app.sock');
	 * const client = await Conduit.connect('app.sock');
	 * const conduit = await server.accept({ timeoutMs: 1000 });
	 * conduit.close();
	 * client.close();
	 * server.close();
	 */
	accept(options?: CallOptions): Promise<Conduit>;
	/**
	 * The conduits as they come, until the server is closed. Failures of `accept` that pass, such
	 * as `EMFILE`, are retried, and told to `onRetry`.
	 *
	 * Ownership: each conduit is the loop's to close. Leaving the loop leaves the server open.
	 *
	 * @throws `FailedAccept` where a failure does not pass.
	 */
	[Symbol.asyncIterator](): AsyncGenerator<Conduit, void, undefined>;
	/**
	 * Stops listening and removes the socket file, if it is still this server's; accepted conduits
	 * stay. A waiting `accept` rejects with `Closed`, and an iteration ends. Twice is fine.
	 *
	 * @throws `FailedClose` where the system reports an error.
	 */
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
/**
 * What `Conduit.transfer` takes: a number that no object owns, or an object that owns a
 * descriptor. Once it is sent, a number is closed, a `FileHandle` and a `net.Server` are closed, a
 * `net.Socket` is destroyed, and a {@link Descriptor} is empty.
 */
export type Transferable = number | FileHandle | Socket | Server | Descriptor;
/** What a conduit is made with. */
export interface ConduitOptions {
	/** What the conduit calls itself, in messages; by default after what it was made from. */
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
 * const server = Conduit.listen('app.sock', { mode: 0o600 });
 *
 * // In one process:
 * const sender = await Conduit.connect('app.sock');
 * await sender.transferFile(await open('notes.txt'));
 * sender.close();
 *
 * // In the other, which listens:
 * const receiver = await server.accept();
 * const file = await receiver.receiveFile();
 * console.log(await file.readFile('utf8'));
 * await file.close();
 * receiver.close();
 * server.close();
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
	 * @param options `name`: by default `fd` and the number.
	 * @throws `BadClone` with code `EBADF` where the number is not open; `InvalidArgument`.
	 * Platforms: Linux, macOS, FreeBSD. Source: Go's `conduit.New(fd, name)`.
	 * @example
	 * // A child that was spawned with stdio: [0, 1, 2, conduit.fd] says fromFd(3).
	 * const [here, there] = Conduit.pair();
	 * const conduit = Conduit.fromFd(there.fd, { name: 'from the parent' });
	 * there.close(); // conduit has a descriptor of its own
	 * await here.transferFd(fs.openSync('notes.txt'));
	 * const descriptor = await conduit.receive();
	 * descriptor.close();
	 * conduit.close();
	 * here.close();
	 */
	static fromFd(fd: number, options?: ConduitOptions): Conduit;
	/**
	 * Makes a conduit over an open socket, by a `FileHandle` of it.
	 *
	 * Ownership: the `FileHandle` stays the caller's, as in {@link Conduit.fromFd}.
	 *
	 * @param file of a connected Unix socket, such as one that came by `receiveFile`.
	 * @param options `name`: by default `FileHandle` and its number.
	 * @throws `NoFD` where it is closed; `BadClone`; `InvalidArgument`.
	 * Platforms: Linux, macOS, FreeBSD. Source: Go's `conduit.FromFile(f)`.
	 * @example
	 * const server = Conduit.listen('app.sock');
	 * const socket = net.connect('app.sock');
	 * const far = await server.accept();
	 * const [here, there] = Conduit.pair();
	 * await here.transferSocket(socket);
	 * const file = await there.receiveFile(); // the client's end of app.sock
	 * const conduit = Conduit.fromFile(file, { name: 'received' });
	 * await file.close(); // conduit has a descriptor of its own
	 * for (const end of [conduit, far, here, there, server]) end.close();
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
	 * @param options `name`: by default `net.Socket` and its number.
	 * @throws `NoFD` for a TLS socket and one that is destroyed; `BadClone` where it cannot be
	 * cloned; `InvalidArgument` where it has read bytes already.
	 * Platforms: Linux, macOS, FreeBSD; runtimes that tell a socket's number, as Node does. Source:
	 * Go's `conduit.FromConn(conn)`.
	 * @example
	 * const server = net.createServer(async (socket) => {
	 *   const conduit = Conduit.fromSocket(socket);
	 *   await conduit.transferFile(await open('notes.txt'));
	 *   conduit.close();
	 *   socket.destroy();
	 *   server.close();
	 * });
	 * server.listen('app.sock', async () => {
	 *   const client = await Conduit.connect('app.sock');
	 *   const file = await client.receiveFile();
	 *   await file.close();
	 *   client.close();
	 * });
	 */
	static fromSocket(socket: Socket, options?: ConduitOptions): Conduit;
	/**
	 * Connects to a path, or (Linux) to an abstract name, which begins with a NUL byte.
	 *
	 * Ownership: the returned conduit is the caller's to close.
	 *
	 * @param path at most 107 bytes on Linux, 103 elsewhere.
	 * @param options `signal` and `timeoutMs` (milliseconds) bound the wait for a place in a full
	 * backlog; `name`: by default the path.
	 * @returns a conduit, once it is connected.
	 * @throws `FailedConnect` with code `ENOENT`, `ECONNREFUSED`, …; `Timeout`, `Aborted`,
	 * `InvalidArgument`.
	 * Platforms: Linux, macOS, FreeBSD; abstract names on Linux only. Source: unix(7), connect(2).
	 * @example
	 * const server = Conduit.listen('app.sock');
	 * const conduit = await Conduit.connect('app.sock', { timeoutMs: 1000 });
	 * conduit.close();
	 * server.close();
	 */
	static connect(path: string, options?: CallOptions & ConduitOptions): Promise<Conduit>;
	/**
	 * Listens on a path, or (Linux) on an abstract name, for conduits.
	 *
	 * Ownership: the returned server is the caller's to close; it owns its descriptor and its socket
	 * file.
	 *
	 * @param path as in {@link Conduit.connect}. The file of a server that is gone is replaced; one
	 * on which somebody listens, or that is no socket, is left as it is.
	 * @param options `mode`: the socket file's permissions, set before anybody can connect;
	 * `backlog`; `signal` closes the server; `onRetry` is told of failures to accept.
	 * @returns a server, which listens already, and is an async iterable of conduits.
	 * @throws `FailedListen` with code `EADDRINUSE`, `EACCES`, …; `Aborted` where `signal` is aborted
	 * already; `InvalidArgument`.
	 * Platforms: Linux, macOS, FreeBSD; abstract names, which have no permissions, on Linux only.
	 * Source: unix(7), bind(2), listen(2).
	 * @example
	 * const server = Conduit.listen('app.sock', { mode: 0o600 });
	 * const client = await Conduit.connect('app.sock');
	 * for await (const conduit of server) {
	 *   console.log(conduit.name);
	 *   conduit.close();
	 *   server.close(); // ends the loop, and removes app.sock
	 * }
	 * client.close();
	 */
	static listen(path: string, options?: ListenOptions): ConduitServer;
	/**
	 * Makes two conduits that are connected to each other, as socketpair(2) does.
	 *
	 * Ownership: both are the caller's to close. A child process that gets one's `fd` by `stdio`
	 * has a copy of its own: close yours then, so that an end is seen when the child goes.
	 *
	 * @returns both.
	 * @throws `FailedTransfer` with code `EMFILE` where there is no free slot.
	 * Platforms: Linux, macOS, FreeBSD. Source: socketpair(2).
	 * @example
	 * const [here, there] = Conduit.pair();
	 * await here.transferFd(fs.openSync('notes.txt'));
	 * const descriptor = await there.receive();
	 * descriptor.close();
	 * here.close();
	 * there.close();
	 */
	static pair(): [
		Conduit,
		Conduit
	];
	/**
	 * The number of the conduit's own descriptor. It stays the conduit's: do not close it by hand.
	 * After `close()` it may be somebody else's.
	 */
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
	 * `BadClone` where it has to wait and there is no slot for a duplicate; `Closed`, `Aborted`,
	 * `Timeout`, `InvalidArgument`.
	 * Platforms: Linux, macOS, FreeBSD. Source: Go's `Conduit.TransferFD(fd)`; sendmsg(2), unix(7).
	 * @example
	 * const [here, there] = Conduit.pair();
	 * const fd = fs.openSync('notes.txt');
	 * await here.transferFd(fd); // fd is closed here from now on
	 * const descriptor = await there.receive();
	 * descriptor.close();
	 * here.close();
	 * there.close();
	 */
	transferFd(fd: number, options?: CallOptions): Promise<void>;
	/**
	 * Transfers an open file.
	 *
	 * Ownership: when it resolves, the message has left and the `FileHandle` is closed; when it
	 * rejects, it is open as before, as in {@link Conduit.transferFd}.
	 *
	 * @param file of any kind of file. Its offset goes along, as the open file description does.
	 * @throws as {@link Conduit.transferFd}, and `NoFD` where the `FileHandle` is closed.
	 * Platforms: Linux, macOS, FreeBSD. Source: Go's `Conduit.TransferFile(f)`.
	 * @example
	 * const [here, there] = Conduit.pair();
	 * const file = await open('notes.txt');
	 * await file.read(Buffer.alloc(5), 0, 5); // the receiver reads on from here
	 * await here.transferFile(file, { timeoutMs: 1000 });
	 * const received = await there.receiveFile();
	 * console.log(await received.readFile('utf8'));
	 * await received.close();
	 * here.close();
	 * there.close();
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
	 * @param options `timeoutMs` (milliseconds) also bounds the wait for what was written.
	 * @throws as {@link Conduit.transferFd}; `NoFD`; `UnreadData` where Node holds bytes that the
	 * other process would miss: take them with `socket.read()`, send them along, and `unshift` them
	 * there.
	 * Platforms: Linux, macOS, FreeBSD; runtimes that tell a socket's number, as Node does. Source:
	 * Go's `Conduit.TransferConn(conn)`.
	 * @example
	 * const [here, there] = Conduit.pair();
	 * const server = net.createServer(async (socket) => {
	 *   await here.transferSocket(socket); // destroyed here, open there
	 *   const received = await there.receiveSocket();
	 *   received.end('hello');
	 *   server.close();
	 *   here.close();
	 *   there.close();
	 * });
	 * server.listen(0, '127.0.0.1', () => {
	 *   net.connect(server.address().port, '127.0.0.1').on('data', (data) => console.log(String(data)));
	 * });
	 */
	transferSocket(socket: Socket, options?: CallOptions): Promise<void>;
	/**
	 * Transfers whatever has a descriptor: a number, a `FileHandle`, a `net.Socket`, a `net.Server`
	 * (whose path stays in place) or a {@link Descriptor}.
	 *
	 * Ownership: when it resolves, what was passed is closed; when it rejects, it is as before.
	 *
	 * @throws as the `transfer…` of its kind; `NoFD` for an empty `Descriptor` and for a `net.Server`
	 * that does not listen.
	 * Platforms: Linux, macOS, FreeBSD. Source: Go's three `Conduit.Transfer…` in one.
	 * @example
	 * const [here, there] = Conduit.pair();
	 * const server = net.createServer();
	 * server.listen(0, '127.0.0.1', async () => {
	 *   await here.transfer(server); // does not listen here any more
	 *   const descriptor = await there.receive();
	 *   const received = await descriptor.toNetServer();
	 *   console.log(received.listening);
	 *   received.close();
	 *   here.close();
	 *   there.close();
	 * });
	 */
	transfer(what: Transferable, options?: CallOptions): Promise<void>;
	/**
	 * Receives one descriptor of any kind.
	 *
	 * Ownership: the returned {@link Descriptor}'s, which is the caller's.
	 *
	 * @param options `signal` and `timeoutMs` (milliseconds) give the call up; what comes later waits
	 * for the next call.
	 * @returns what has come, whose kind `fstat` tells.
	 * @throws `BadCtrlMesg` where the message did not bring exactly one descriptor (all that came
	 * are closed); `EndOfStream` where the peer has closed; `FailedTransfer` where receiving fails;
	 * `Closed`, `Aborted`, `Timeout`, `InvalidArgument`.
	 * Platforms: Linux, macOS, FreeBSD. Source: Go's `Conduit.ReceiveFD()`; recvmsg(2), cmsg(3).
	 * @example
	 * const [here, there] = Conduit.pair();
	 * await here.transferFd(fs.openSync('notes.txt'));
	 * const descriptor = await there.receive();
	 * console.log(fs.fstatSync(descriptor.fd).isFile()); // true
	 * descriptor.close();
	 * here.close();
	 * there.close();
	 */
	receive(options?: CallOptions): Promise<Descriptor>;
	/**
	 * Receives one descriptor, as a bare number.
	 *
	 * Ownership: the caller's, who closes it (`fs.closeSync`); nobody else does, also when a worker
	 * ends. {@link Conduit.receive} is safer.
	 *
	 * @returns the number.
	 * @throws as {@link Conduit.receive}.
	 * Platforms: Linux, macOS, FreeBSD. Source: Go's `Conduit.ReceiveFD()`.
	 * @example
	 * const [here, there] = Conduit.pair();
	 * await here.transferFd(fs.openSync('notes.txt'));
	 * const fd = await there.receiveFd();
	 * console.log(fs.readFileSync(fd, 'utf8'));
	 * fs.closeSync(fd);
	 * here.close();
	 * there.close();
	 */
	receiveFd(options?: CallOptions): Promise<number>;
	/**
	 * Receives one descriptor, as a `FileHandle` of `node:fs/promises`.
	 *
	 * Ownership: the `FileHandle`'s, which is the caller's. A call that waits occupies one slot
	 * already. A pipe or a socket as `FileHandle` occupies a thread of Node's pool for each waiting
	 * read.
	 *
	 * @returns the file, with its offset, also where it has been deleted.
	 * @throws as {@link Conduit.receive}, and `BadClone` where no `FileHandle` can be made; for want
	 * of a free slot the message stays in the socket.
	 * Platforms: Linux, macOS, FreeBSD. Source: Go's `Conduit.ReceiveFile()`; dup2(2).
	 * @example
	 * const [here, there] = Conduit.pair();
	 * await here.transferFile(await open('notes.txt'));
	 * const file = await there.receiveFile();
	 * console.log(await file.readFile('utf8'));
	 * await file.close();
	 * here.close();
	 * there.close();
	 */
	receiveFile(options?: CallOptions): Promise<FileHandle>;
	/**
	 * Receives one connection, as a `net.Socket`. Node starts to read from it at once.
	 *
	 * Ownership: the `net.Socket`'s, which is the caller's.
	 *
	 * @returns the connection: TCP or a Unix stream, or a pipe.
	 * @throws as {@link Conduit.receive}, and `BadClone` where what came is no stream that Node
	 * knows; it is closed then.
	 * Platforms: Linux, macOS, FreeBSD. Source: Go's `Conduit.ReceiveConn()`.
	 * @example
	 * const server = Conduit.listen('app.sock');
	 * const [here, there] = Conduit.pair();
	 * await here.transferSocket(net.connect('app.sock'));
	 * const socket = await there.receiveSocket(); // connected to app.sock
	 * socket.destroy();
	 * for (const end of [here, there, server]) end.close();
	 */
	receiveSocket(options?: CallOptions): Promise<Socket>;
	/**
	 * The descriptors as they come, until the peer closes its end.
	 *
	 * Ownership: each {@link Descriptor} is the loop's to close or convert. Leaving the loop leaves
	 * the conduit open.
	 *
	 * @throws as {@link Conduit.receive}, but for `EndOfStream`, which ends the loop.
	 * @example
	 * const [here, there] = Conduit.pair();
	 * await here.transferFd(fs.openSync('notes.txt'));
	 * here.close();
	 * for await (const descriptor of there) {
	 *   console.log(descriptor.fd);
	 *   descriptor.close();
	 * }
	 * there.close();
	 */
	[Symbol.asyncIterator](): AsyncGenerator<Descriptor, void, undefined>;
	/**
	 * Closes what the conduit itself made, never the caller's; pending calls reject with `Closed`.
	 * Twice is fine.
	 *
	 * Ownership: what transfers that wait were given stays open and the caller's. Messages that the
	 * socket still holds go with it, where it is the last descriptor of its end.
	 *
	 * @throws `FailedClose` where the system reports an error; it is closed all the same.
	 * Platforms: Linux, macOS, FreeBSD. Source: Go's `Conduit.Close()`; close(2).
	 * @example
	 * const [here, there] = Conduit.pair();
	 * const waiting = there.receive().catch((error) => error.type);
	 * there.close();
	 * console.log(await waiting); // Closed
	 * here.close();
	 */
	close(): void;
	/** The same as {@link Conduit.close}. */
	[Symbol.dispose](): void;
	/** The same as {@link Conduit.close}. */
	[Symbol.asyncDispose](): Promise<void>;
	/** Pending calls keep the program alive again, as they do at first. Answers the conduit. */
	ref(): this;
	/** Pending calls do not keep the program alive. Answers the conduit. */
	unref(): this;
}

export {};
