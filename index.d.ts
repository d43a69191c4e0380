/// <reference types="node" />

import { Socket as DgramSocket } from 'node:dgram';
import { FileHandle } from 'node:fs/promises';
import { Server, Socket } from 'node:net';

/** The name of a Unix socket, as the system tells it. Source: unix(7). */
export interface UnixAddress {
	/** A socket file, a name of Linux's abstract namespace, or a socket without a name. */
	readonly kind: "path" | "abstract" | "unnamed";
	/** What `connect` takes: the path, NUL and the abstract name, or nothing. */
	readonly path: string;
	/** The same in bytes, for names that are not UTF-8. */
	readonly bytes: Uint8Array;
}
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
interface ListProgress {
	/** How many of the first have left, where that came up while a list was sent; else nothing has left. */
	readonly descriptorsSent?: number;
}
interface Typed<Type extends string> extends Error {
	/** Which member of {@link ConduitError} this is. */
	readonly type: Type;
}
/**
 * There is no descriptor to be had from what was passed (Go: `ErrNoFD`): a TLS socket, a closed
 * `FileHandle`, a destroyed `net.Socket`, an empty `Descriptor`. It is as it was.
 */
export interface NoFDError extends Typed<"NoFD">, ListProgress {
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
export interface FailedCloseError extends Typed<"FailedClose">, SystemFields, ListProgress {
}
/**
 * A descriptor could not be duplicated or wrapped (Go: `ErrBadClone`): its number is not open
 * (`EBADF`), there is no free slot (`EMFILE`), or it is not what was asked for (`EINVAL`). One that
 * came with `receiveFile` or `receiveSocket` is closed; the `to…` methods leave it with its
 * `Descriptor`.
 */
export interface BadCloneError extends Typed<"BadClone">, SystemFields, ListProgress {
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
export interface ClosedError extends Typed<"Closed">, ListProgress {
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
 * of your own, and `socket.unshift()` them at the other end. Or a `Conduit` has messages that came
 * with a batch, behind one that was none of it: receive them first.
 */
export interface UnreadDataError extends Typed<"UnreadData">, ListProgress {
	readonly code: "ERR_UNREAD_DATA";
	/** How many bytes: `socket.read()` takes them, or receiving, of messages with one each. */
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
/** A packet came that is larger than the buffers. It is lost, and its descriptors are closed. */
export interface PacketTooLargeError extends Typed<"PacketTooLarge"> {
	readonly code: "EMSGSIZE";
	/** The packet's length in bytes. */
	readonly packetBytes: number;
	/** What the buffers had room for. */
	readonly bufferBytes: number;
	/** Descriptors that arrived with it; all are closed. */
	readonly descriptorsReceived: number;
}
/** A system call on a socket failed that sends and receives nothing: an option, a name, `shutdown`. */
export interface FailedCallError extends Typed<"FailedCall">, SystemFields {
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
export type ConduitError = NoFDError | FailedTransferError | FailedCloseError | BadCloneError | BadCtrlMesgError | UnknownError | ClosedError | EndOfStreamError | TimeoutError | AbortedError | InvalidArgumentError | UnreadDataError | FailedConnectError | FailedListenError | FailedAcceptError | PacketTooLargeError | FailedCallError | UnsupportedError;
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
/** How a batch is received. */
export interface BatchOptions extends CallOptions {
	/** The most messages of one batch, 1 to 253; 64 by default. */
	readonly max?: number;
}
/**
 * Whether this library works here: true where a binary for this system was found and loads. Where
 * it is false (Windows, a system without a binary, an installation that left it out) the package
 * still imports, and every call throws or rejects with `Unsupported`, whose message names the way
 * out.
 *
 * @example
 * if (!supported) console.error('connections cannot be handed over here');
 */
export declare const supported: boolean;
/**
 * How a Unix socket frames its messages: `'stream'` is bytes without borders, `'seqpacket'` whole
 * packets in order over a connection, `'dgram'` packets with an address each. macOS has no
 * `'seqpacket'`. Source: unix(7), `SOCK_STREAM` and its like.
 */
export type SocketType = "stream" | "seqpacket" | "dgram";
declare abstract class SocketBase {
	#private;
	/** How it frames its messages. */
	readonly type: SocketType;
	/** The number, the socket's to close; -1 once it is closed or released. Source: unet's `FD`. */
	get fd(): number;
	/** Whether it was closed or released. */
	get isClosed(): boolean;
	/** The name of this socket. Source: unet's `Socket.GetSockName`. */
	socketName(): UnixAddress;
	/**
	 * An option's number.
	 *
	 * @param level such as `optionConstants().SOL_SOCKET`.
	 * @param name such as `optionConstants().SO_RCVBUF`. A number that is a descriptor
	 * (`SO_PEERPIDFD`) is the caller's to close.
	 * @throws `FailedCall` with code `ENOPROTOOPT` where there is no such option; `Closed`,
	 * `InvalidArgument`. Source: unet's `Socket.GetSockOpt`; getsockopt(2).
	 */
	getOption(level: number, name: number): number;
	/** {@link UnixSocket.getOption} for an option that is no number: its bytes, at most 256. */
	getOptionBytes(level: number, name: number): Uint8Array;
	/**
	 * Sets an option to a number, a truth or bytes.
	 *
	 * @throws as {@link UnixSocket.getOption}. Source: unet's `Socket.SetSockOpt`; setsockopt(2).
	 */
	setOption(level: number, name: number, value: number | boolean | Uint8Array): void;
	/** `SO_SNDBUF`, in bytes. Linux doubles what is set, up to `net.core.wmem_max`, and tells that. */
	get sendBufferSize(): number;
	set sendBufferSize(bytes: number);
	/** `SO_RCVBUF`, in bytes, as {@link UnixSocket.sendBufferSize}. */
	get receiveBufferSize(): number;
	set receiveBufferSize(bytes: number);
	/**
	 * Gives the descriptor away, which stays non-blocking. Every later and every waiting call
	 * rejects with `Closed`, whose code is `EBADF`.
	 *
	 * Ownership: the caller's from then on, who closes the number (`fs.closeSync`).
	 *
	 * @throws `Closed`. Source: unet's `Socket.Release`.
	 */
	release(): number;
	/** Closes the socket; waiting calls reject with `Closed`. Twice is fine. Source: unet's `Socket.Close`. */
	close(): void;
	/** The same as {@link UnixSocket.close}. */
	[Symbol.dispose](): void;
	/** The same as {@link UnixSocket.close}. */
	[Symbol.asyncDispose](): Promise<void>;
	/** Waiting calls keep the program alive again, as they do at first. */
	ref(): this;
	/** Waiting calls do not keep the program alive. */
	unref(): this;
}
/**
 * The descriptors that came together: as bare numbers, closed all at once, without an object for
 * each; or each as an owner of its own.
 *
 * Ownership: it owns the descriptors, until they are taken by `descriptors`, iteration or
 * `extract()`. What is neither taken nor closed is closed when the list is garbage collected, and
 * when its worker ends.
 *
 * Source: unet's `ControlMessage`; cmsg(3).
 *
 * @example
 * const [here, there] = Conduit.pair();
 * await putEach(here, [0, 1, 2]);
 * const list = await there.receiveBatch();
 * console.log(list.count, list.fds.map((fd) => fs.fstatSync(fd).ino));
 * list.close(); // or: using list = …
 * here.close();
 * there.close();
 */
export declare class DescriptorList implements Iterable<Descriptor> {
	#private;
	/** How many descriptors wait to be taken. */
	get count(): number;
	/**
	 * The numbers of those that wait to be taken, in the order in which they were sent. They stay the
	 * list's: look at them (`fs.fstatSync`), and do not close them by hand.
	 */
	get fds(): readonly number[];
	/** The descriptors that came, each an owner of its own from the first look on. */
	get descriptors(): readonly Descriptor[];
	/** Goes through {@link DescriptorList.descriptors}. */
	[Symbol.iterator](): IterableIterator<Descriptor>;
	/**
	 * Gives the descriptors away as bare numbers.
	 *
	 * Ownership: the caller's from then on, who closes them (`fs.closeSync`).
	 *
	 * @returns the numbers, in the order in which they were sent; none at the second call, and none
	 * that were taken by `descriptors`.
	 * Source: unet's `ControlMessage.ExtractFDs`.
	 */
	extract(): number[];
	/**
	 * Closes the descriptors that were not taken, consecutive numbers by one system call. Twice is
	 * fine.
	 *
	 * Source: unet's `ControlMessage.CloseFDs`.
	 */
	close(): void;
	/** The same as {@link DescriptorList.close}. */
	[Symbol.dispose](): void;
}
declare abstract class StreamBase {
	#private;
	/** The number, this object's to close; -1 once it is closed or released. */
	get fd(): number;
	/** Whether it was closed or released. */
	get isClosed(): boolean;
	/** As {@link UnixSocket.getOption}. */
	getOption(level: number, name: number): number;
	/** As {@link UnixSocket.setOption}. */
	setOption(level: number, name: number, value: number | boolean | Uint8Array): void;
	/**
	 * Gives the descriptor away, which stays non-blocking if a call has made it so. Every later and
	 * every waiting call rejects with `Closed`, whose code is `EBADF`.
	 *
	 * Ownership: the caller's from then on, who closes the number (`fs.closeSync`).
	 *
	 * @throws `Closed`.
	 */
	release(): number;
	/** Closes the socket; waiting calls reject with `Closed`. Twice is fine. */
	close(): void;
	/** The same as `close()`. */
	[Symbol.dispose](): void;
	/** The same as `close()`. */
	[Symbol.asyncDispose](): Promise<void>;
	/** Waiting calls keep the program alive again, as they do at first. */
	ref(): this;
	/** Waiting calls do not keep the program alive. */
	unref(): this;
}
/** How a {@link StreamServer} accepts. */
export interface StreamServerOptions {
	/** Told of each failure of `accept` that an iteration retries, such as `EMFILE`. */
	readonly onRetry?: (error: FailedAcceptError) => void;
}
/**
 * A listening stream socket of any family (TCP, Unix) that accepts descriptors: for a process that
 * hands connections on, and has no use for a `net.Socket` of its own.
 *
 * Ownership: it owns its descriptor; each accepted {@link Descriptor} is the caller's. One that is
 * forgotten is closed when it is collected, and when its worker ends. A socket file is left alone.
 *
 * A call that waits keeps the program alive, an idle server does not.
 *
 * Platforms: Linux, macOS, FreeBSD. Source: accept(2); Go's `net.Listener`, whose connections
 * `TransferConn` takes.
 *
 * @example
 * const [front, back] = Conduit.pair(); // back is in another process, as a rule
 * const listening = net.createServer().listen(0, '127.0.0.1');
 * await once(listening, 'listening');
 * const client = net.connect(listening.address().port, '127.0.0.1');
 *
 * const server = StreamServer.fromServer(listening); // listening is closed, its socket is not
 * const { descriptors } = await server.acceptBatch();
 * await front.transferEach(descriptors);
 *
 * const stream = (await back.receive()).toStreamSocket();
 * await stream.write(Buffer.from('hello'));
 * console.log(String(await once(client, 'data'))); // hello
 * for (const each of [server, stream, front, back]) each.close();
 * client.destroy();
 */
export declare class StreamServer extends StreamBase {
	#private;
	private constructor();
	/**
	 * Takes ownership of a listening stream socket, by its number; the first call makes it
	 * non-blocking.
	 *
	 * Ownership: this object's when it succeeds, and only then.
	 *
	 * @param fd a TCP or Unix socket that listens, such as systemd passes.
	 * @param options `onRetry`.
	 * @throws `BadClone` with code `EBADF`, `ENOTSOCK`, `EPROTOTYPE` where it is no stream, `EINVAL`
	 * where it does not listen; `InvalidArgument` where it has an owner already.
	 * @example
	 * const server = StreamServer.adopt(UnixServer.bindAndListen('app.sock').release());
	 * const client = net.connect('app.sock');
	 * const connection = await server.accept();
	 * console.log(connection.kind); // unix
	 * connection.close();
	 * server.close();
	 */
	static adopt(fd: number, options?: StreamServerOptions): StreamServer;
	/**
	 * Takes over the socket of a listening `net.Server`, and whoever waits in its backlog. The
	 * `net.Server` is closed; the connections that it has accepted stay with it.
	 *
	 * Ownership: the socket is this object's. A path that the `net.Server` listened on stays, and
	 * leads here.
	 *
	 * @param server a `net.Server`, or one of `http`, `https` or `tls`: what is accepted from then on
	 * are bare connections.
	 * @param options `onRetry`.
	 * @throws `NoFD` where it does not listen, or in a cluster's worker, whose sockets are the
	 * primary's; `BadClone` with code `EMFILE`; `FailedClose`; `InvalidArgument`.
	 * @example
	 * const listening = net.createServer().listen('app.sock');
	 * await once(listening, 'listening');
	 * const server = StreamServer.fromServer(listening);
	 * const client = net.connect('app.sock');
	 * (await server.accept()).close();
	 * server.close();
	 */
	static fromServer(server: Server, options?: StreamServerOptions): StreamServer;
	/**
	 * Accepts one connection, which is non-blocking for whoever gets it.
	 *
	 * @param options `signal` and `timeoutMs` (milliseconds) give the call up; the connection then
	 * waits for the next.
	 * @returns a {@link Descriptor}, which is the caller's to close, transfer or convert.
	 * @throws `FailedAccept`: with code `EMFILE` the connection waits, and the next call tries again;
	 * `Closed`, `Aborted`, `Timeout`, `InvalidArgument`.
	 * Source: accept(2).
	 */
	accept(options?: CallOptions): Promise<Descriptor>;
	/** {@link StreamServer.accept}, at once: `undefined` where none waits, or others wait before it. */
	tryAccept(): Descriptor | undefined;
	/**
	 * Accepts all connections that wait, by one native call: at least one, at most `max`.
	 *
	 * Ownership: the {@link DescriptorList}'s, and the caller's as that list's. `transferEach` takes
	 * its `descriptors`.
	 *
	 * @param options `max`: 1 to 253, 64 by default; `signal`, `timeoutMs`.
	 * @throws as {@link StreamServer.accept}. What fails after some were accepted is told by the next
	 * call.
	 */
	acceptBatch(options?: BatchOptions): Promise<DescriptorList>;
	/**
	 * {@link StreamServer.acceptBatch} again and again, as the iteration over single connections.
	 *
	 * Ownership: each {@link DescriptorList} is the loop's. Leaving the loop leaves the server open.
	 *
	 * @param options as in {@link StreamServer.acceptBatch}, for each batch anew.
	 * @throws `Aborted` and `Timeout`, which end the loop; `FailedAccept` where it does not pass;
	 * `InvalidArgument`.
	 */
	batches(options?: BatchOptions): AsyncGenerator<DescriptorList, void, undefined>;
	/**
	 * The connections as they come, until the server is closed. Failures that pass, such as
	 * `EMFILE`, are retried, and told to `onRetry`.
	 *
	 * Ownership: each {@link Descriptor} is the loop's. Leaving the loop leaves the server open.
	 */
	[Symbol.asyncIterator](): AsyncGenerator<Descriptor, void, undefined>;
}
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
export declare class IoVector {
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
	constructor(lengths: readonly number[]);
}
type Ending = "read" | "write" | "both";
/**
 * A connected byte stream of any family (TCP, Unix), without a `net.Socket`: for a process that
 * gets connections handed over and writes little to each, or reads into buffers of its own.
 *
 * It carries no descriptors: on a Unix socket use {@link UnixSocket} for them. One that comes all
 * the same is closed, and the read rejects with `BadCtrlMesg`.
 *
 * Ownership: it owns its descriptor, and closes it when it is closed or disposed, when it is
 * garbage collected, and when its worker ends.
 *
 * Written bytes are the kernel's, which delivers them after `close()` too, with one exception: a
 * TCP connection that is closed while bytes of the peer are unread is reset, and the peer may lose
 * what it has not read. {@link StreamSocket.end} closes without that.
 *
 * Calls wait in their order, and one that waits keeps the program alive.
 *
 * Platforms: Linux, macOS, FreeBSD. Source: Go's `net.Conn`; tcp(7), unix(7).
 *
 * @example
 * const listening = net.createServer((socket) => socket.pipe(socket)).listen('echo.sock');
 * await once(listening, 'listening');
 * const stream = (await UnixSocket.connect('echo.sock')).release();
 * const echo = StreamSocket.adopt(stream);
 * await echo.write(Buffer.from('hello'));
 * const buffer = Buffer.alloc(64);
 * const bytesRead = await echo.read(buffer);
 * console.log(buffer.toString('utf8', 0, bytesRead)); // hello
 * await echo.end();
 * listening.close();
 */
export declare class StreamSocket extends StreamBase {
	#private;
	private constructor();
	/**
	 * Takes ownership of a connected stream socket, by its number; it becomes non-blocking with the
	 * first call, unless that is a write which leaves at once.
	 *
	 * Ownership: this object's when it succeeds, and only then.
	 *
	 * @throws `BadClone` with code `EBADF`, `ENOTSOCK`, `EPROTOTYPE` where it is no stream, `EINVAL`
	 * where it listens; `InvalidArgument` where it has an owner already.
	 * @example
	 * const [here, there] = socketPair();
	 * const stream = StreamSocket.adopt(here.release());
	 * stream.close();
	 * there.close();
	 */
	static adopt(fd: number): StreamSocket;
	/**
	 * Reads what is there into `buffer`.
	 *
	 * @param buffer it is filled when the promise resolves; transferred away meanwhile, the call
	 * rejects and the bytes stay in the socket.
	 * @param options `signal` and `timeoutMs` (milliseconds) give the call up; nothing is read then.
	 * @returns how many bytes; 0 at the end, and for an empty buffer.
	 * @throws `FailedTransfer` with code `ECONNRESET`, `ENOTCONN`, …; `BadCtrlMesg`; `Closed`,
	 * `Aborted`, `Timeout`, `InvalidArgument`.
	 * Source: recvmsg(2).
	 */
	read(buffer: Uint8Array, options?: CallOptions): Promise<number>;
	/** The same into many buffers, filled one after the other. */
	readVec(buffers: Buffers, options?: CallOptions): Promise<number>;
	/** {@link StreamSocket.read}, at once: `undefined` where it would block, or others wait before it. */
	tryRead(buffer: Uint8Array): number | undefined;
	/**
	 * Writes all of `payload`.
	 *
	 * @param payload it may be changed when the promise resolves.
	 * @param options `signal`; `timeoutMs` in milliseconds.
	 * @returns how many bytes left: all.
	 * @throws `FailedTransfer` with code `EPIPE`, `ECONNRESET`, …; `Aborted` and `Timeout`, whose
	 * `bytesWritten` tells how many had left: after a part of them, nothing more can be written;
	 * `Closed`, `InvalidArgument`.
	 * Source: sendmsg(2).
	 */
	write(payload: Uint8Array, options?: CallOptions): Promise<number>;
	/** The same of many buffers, by one `sendmsg`. Resolves with how many bytes left, maybe not all. */
	writeVec(buffers: Buffers, options?: CallOptions): Promise<number>;
	/** Writes what the socket takes at once: `undefined` where it would block, or others wait before it. */
	tryWrite(payload: Uint8Array): number | undefined;
	/**
	 * Ends one direction, or both: the peer reads the end, or its writes fail. It does not wait for
	 * writes that wait.
	 *
	 * Ownership: the socket stays open, and to be closed.
	 *
	 * @throws `FailedCall` with code `ENOTCONN`; `Closed`, `InvalidArgument`. Source: shutdown(2).
	 */
	shutdown(how: Ending): void;
	/**
	 * Closes the connection when the peer has all that was written: ends writing after the writes
	 * that wait, throws away what still comes (descriptors are closed), and closes at the peer's end.
	 *
	 * Ownership: closed when it resolves. Where it rejects it is open, and the caller's to close.
	 *
	 * @param options `signal` and `timeoutMs` (milliseconds): for how long a peer that does not end
	 * is waited for.
	 * @throws `FailedCall`, `FailedTransfer` where the peer is gone, or a write has left only in part;
	 * `Closed`, `Aborted`, `Timeout`, `InvalidArgument`.
	 * Source: shutdown(2); Go's `CloseWrite`.
	 * @example
	 * const [here, there] = socketPair();
	 * const stream = StreamSocket.adopt(here.release());
	 * await there.write(Buffer.from('nobody reads this'));
	 * await stream.write(Buffer.from('goodbye'));
	 * const ending = stream.end({ timeoutMs: 1000 });
	 * const { bytesRead } = await there.read(new Uint8Array(64));
	 * console.log(bytesRead); // 7
	 * there.close();
	 * await ending;
	 */
	end(options?: CallOptions): Promise<void>;
}
/** What is behind a descriptor, in a word. `'tcp-server'` and `'unix-server'` listen. */
export type DescriptorKind = "file" | "directory" | "pipe" | "tty" | "character-device" | "block-device" | "tcp" | "tcp-server" | "udp" | "unix" | "unix-seqpacket" | "unix-dgram" | "unix-server" | "socket" | "memfd" | "pidfd" | "eventfd" | "epoll" | "timerfd" | "signalfd" | "inotify" | "io-uring" | "userfaultfd" | "unknown";
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
	 * number from then on. In a worker thread it goes on with a duplicate, under another number.
	 *
	 * @param fd an open descriptor that nothing else owns: no `FileHandle`, no `net.Socket`.
	 * @throws `InvalidArgument` where it is no number, or this library owns it already;
	 * `BadClone` with code `EBADF` where it is not open.
	 * @example
	 * const descriptor = Descriptor.adopt(fs.openSync('notes.txt', 'r'));
	 */
	static adopt(fd: number): Descriptor;
	/** The number, for as long as this is its owner; -1 after that. Do not close it by hand. */
	get fd(): number;
	/** Whether it is empty: closed, released or converted. */
	get isClosed(): boolean;
	/**
	 * What it is, by `fstat` and the socket's options; looked up at each asking, because a hostile
	 * file system may let `fstat` wait. Linux tells all kinds, other systems call some `'unknown'`.
	 *
	 * @throws `Closed`, `FailedCall`.
	 */
	get kind(): DescriptorKind;
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
	/**
	 * Turns a UDP socket into a `dgram.Socket`.
	 *
	 * Ownership: the socket's; where it rejects, still this `Descriptor`'s.
	 *
	 * @throws `Closed`; `BadClone` where it is no UDP socket; `Unsupported` in a cluster's worker.
	 */
	toDgramSocket(): Promise<DgramSocket>;
	/**
	 * Turns a Unix socket into a {@link UnixSocket}, which makes it non-blocking.
	 *
	 * Ownership: the socket's; where it throws, still this `Descriptor`'s.
	 *
	 * @throws `Closed`; `BadClone` where it is no Unix socket.
	 */
	toUnixSocket(): UnixSocket;
	/**
	 * Turns a bound or listening Unix socket into a {@link UnixServer}. Its socket file is left alone.
	 *
	 * Ownership: the server's; where it throws, still this `Descriptor`'s.
	 *
	 * @throws `Closed`; `BadClone` where it is no Unix socket.
	 */
	toUnixServer(): UnixServer;
	/**
	 * Turns a connection of any family into a {@link StreamSocket}: bytes, without a `net.Socket`.
	 *
	 * Ownership: the stream's; where it throws, still this `Descriptor`'s.
	 *
	 * @throws `Closed`; `BadClone` where it is no stream socket, or one that listens.
	 */
	toStreamSocket(): StreamSocket;
	/**
	 * Turns a listening stream socket of any family into a {@link StreamServer}.
	 *
	 * Ownership: the server's; where it throws, still this `Descriptor`'s.
	 *
	 * @param options `onRetry`.
	 * @throws `Closed`; `BadClone` where it is no stream socket, or one that does not listen.
	 */
	toStreamServer(options?: StreamServerOptions): StreamServer;
}
/**
 * Closes many, consecutive numbers by one system call. Those that are empty already are fine;
 * what the system reports of a single one is not told.
 *
 * Ownership: all are empty afterwards.
 *
 * @param descriptors any iterable; one may be in it twice.
 * @throws `InvalidArgument` where one is no `Descriptor`; nothing is closed then.
 * Platforms: Linux 5.9 and FreeBSD by `close_range`, else one by one. Source: unet's
 * `ControlMessage.CloseFDs`; close_range(2).
 * @example
 * const descriptors = ['notes.txt', '.'].map((path) => Descriptor.adopt(fs.openSync(path)));
 * console.log(descriptors.map(({ kind }) => kind)); // [ 'file', 'directory' ]
 * closeDescriptors(descriptors);
 */
export declare function closeDescriptors(descriptors: Iterable<Descriptor>): void;
/** A process, and the user and group it runs as. */
export interface Credentials {
	/** Process id, as seen from here; 0 where the system does not tell it. */
	readonly pid: number;
	/** User id. */
	readonly uid: number;
	/** Group id. */
	readonly gid: number;
}
/**
 * One received message.
 *
 * Ownership: it owns the descriptors that came, until they are taken by `descriptors`, iteration
 * or `extract()`. What is neither taken nor closed is closed when the message is garbage
 * collected, and when its worker ends.
 *
 * Source: unet's `ControlMessage`; recvmsg(2).
 *
 * @example
 * const [here, there] = socketPair();
 * await here.write(Buffer.from('three of them'), { descriptors: [0, 1, 2] });
 * const message = await there.read(new Uint8Array(64), { maxDescriptors: 3 });
 * console.log(message.bytesRead, message.count); // 13 3
 * message.close(); // or: using message = …
 * here.close();
 * there.close();
 */
export declare class Message extends DescriptorList {
	#private;
	/** How many bytes of the buffers are filled. */
	readonly bytesRead: number;
	/**
	 * Whether this is no message but the end: the peer has closed or shut down its end. An empty
	 * packet of a `'seqpacket'` socket is not.
	 */
	readonly isEnd: boolean;
	/** Who sent it, where the socket's `passCredentials` is on. */
	readonly credentials: Credentials | undefined;
	/** Where a `'dgram'` socket's message came from. */
	readonly from: UnixAddress | undefined;
	/**
	 * The sending process, where the socket's `passPidfd` was switched on here; an owner of its own
	 * from the first look on.
	 */
	get pidfd(): Descriptor | undefined;
	/**
	 * Closes the descriptors that were not taken, consecutive numbers by one system call, and the
	 * pidfd if nobody looked at it. Twice is fine.
	 *
	 * Source: unet's `ControlMessage.CloseFDs`.
	 */
	close(): void;
}
/** An object of this library that has a descriptor: -1 once it is closed, released or converted. */
export interface Owner {
	/** The number; the object's to close. */
	readonly fd: number;
}
/** Whatever has a descriptor. */
export type Descriptive = number | FileHandle | Socket | Server | Owner;
/** What a read accepts beside bytes. */
export interface ReadLimits {
	/** The most descriptors that are accepted, 0 to 253; more are all closed, with `BadCtrlMesg`. 0 by default. */
	readonly maxDescriptors?: number;
}
/** What a read understands. */
export interface ReadOptions extends ReadLimits, CallOptions {
}
/** What is sent beside bytes. */
export interface WriteExtras {
	/** What is sent along, at most 253; it stays open and the caller's. */
	readonly descriptors?: readonly Descriptive[];
	/** Tells the receiver who sends, if its `passCredentials` is on: `true` for this process; others need privileges. Linux. */
	readonly credentials?: true | Credentials;
	/** Where a `'dgram'` socket's message goes. */
	readonly to?: string | Uint8Array;
}
/** What a write understands. */
export interface WriteOptions extends WriteExtras, CallOptions {
}
/** What a synchronous call understands: it never waits without a bound. */
export interface SyncOptions {
	/** After so many milliseconds it throws, with type `Timeout`. */
	readonly timeoutMs: number;
}
/** How a socket connects. */
export interface ConnectOptions extends CallOptions {
	/** `'stream'` by default. */
	readonly type?: SocketType;
}
/**
 * A Unix socket: bytes, and beside them descriptors and credentials.
 *
 * Ownership: it owns its descriptor, and closes it when it is closed or disposed, when it is
 * garbage collected, and when its worker ends. Descriptors that are sent stay the sender's;
 * those that come are owned by their {@link Message}.
 *
 * Calls wait in their order. Each comes in three manners: a promise that waits (`read`), one try
 * that answers at once (`tryRead`: `undefined` where it would block), and one that waits on this
 * thread, for start-up code (`readSync`).
 *
 * Platforms: Linux, macOS, FreeBSD. Source: gVisor's unet, `type Socket`; unix(7), cmsg(3).
 *
 * @example
 * const [here, there] = socketPair();
 * const file = await open('notes.txt');
 * await here.write(Buffer.from('hello'), { descriptors: [file] });
 * await file.close(); // what was sent is a descriptor of its own
 *
 * const buffer = Buffer.alloc(64);
 * const message = await there.read(buffer, { maxDescriptors: 1 });
 * console.log(buffer.toString('utf8', 0, message.bytesRead)); // hello
 * const [received] = message.descriptors;
 * received.close();
 * here.close();
 * there.close();
 */
export declare class UnixSocket extends SocketBase {
	#private;
	private constructor();
	/**
	 * Connects to a path, or (Linux) to an abstract name, which begins with a NUL byte; waits while
	 * the server's backlog is full.
	 *
	 * Ownership: the returned socket is the caller's to close.
	 *
	 * @param path at most 107 bytes on Linux, 103 elsewhere; a `Uint8Array` for what is no UTF-8.
	 * @param opts `type`; `signal` and `timeoutMs` (milliseconds) bound the wait.
	 * @throws `FailedConnect` with code `ENOENT`, `ECONNREFUSED`, `EPROTOTYPE` where the server is of
	 * another type; `Timeout`, `Aborted`, `InvalidArgument`; `Unsupported` where the system has no
	 * such type.
	 * Source: unet's `Connect(addr, packet)`; connect(2).
	 * @example
	 * const server = UnixServer.bindAndListen('app.sock');
	 * const socket = await UnixSocket.connect('app.sock', { timeoutMs: 1000 });
	 * const accepted = await server.accept();
	 * for (const each of [socket, accepted, server]) each.close();
	 */
	static connect(path: string | Uint8Array, opts?: ConnectOptions): Promise<UnixSocket>;
	/**
	 * Makes a `'dgram'` socket, with a path or abstract name under which others send to it, or
	 * without one.
	 *
	 * Ownership: the caller's to close. Its socket file goes with it, unless it was released.
	 *
	 * @param path as in {@link UnixSocket.connect}. The file of a socket that is gone is replaced.
	 * @param opts `mode`: the permissions of the socket file, such as `0o600`.
	 * @throws `FailedListen` with code `EADDRINUSE`, `EACCES`, …; `InvalidArgument`.
	 * Source: bind(2). unet has no datagrams.
	 * @example
	 * const receiver = UnixSocket.bind('log.sock');
	 * const sender = UnixSocket.bind();
	 * await sender.write(Buffer.from('a line'), { to: 'log.sock' });
	 * const { from } = await receiver.read(new Uint8Array(512));
	 * console.log(from.kind); // unnamed
	 * receiver.close();
	 * sender.close();
	 */
	static bind(path?: string | Uint8Array, opts?: {
		readonly mode?: number;
	}): UnixSocket;
	/**
	 * Takes ownership of an open Unix socket, by its number; it becomes non-blocking.
	 *
	 * Ownership: this object's when it succeeds, and only then.
	 *
	 * @throws `BadClone` with code `EBADF`, `ENOTSOCK` or `EAFNOSUPPORT`; `InvalidArgument` where it
	 * has an owner already.
	 * Source: unet's `NewSocket(fd)`.
	 * @example
	 * const [here, there] = socketPair();
	 * const again = UnixSocket.adopt(here.release());
	 * again.close();
	 * there.close();
	 */
	static adopt(fd: number): UnixSocket;
	/**
	 * Receives one message, by one `recvmsg`, into `buffer`.
	 *
	 * On a stream a message is what is there, and descriptors belong somewhere inside of it: where
	 * both must stay together, use `'seqpacket'`.
	 *
	 * Ownership: the descriptors are the message's, see {@link Message}. Where it rejects, all that
	 * came are closed; where it is given up, what comes waits in the socket for the next call.
	 *
	 * @param buffer it is filled when the promise resolves; transferred away meanwhile, the call
	 * rejects and the message stays in the socket. On a stream no bytes read none, and do not tell
	 * the end.
	 * @param opts `maxDescriptors`, 0 to 253, 0 by default; `signal`; `timeoutMs` in milliseconds.
	 * @returns at the end of a connection, a message whose `isEnd` is true.
	 * @throws `BadCtrlMesg` where more descriptors came than `maxDescriptors`, or some are lost;
	 * `PacketTooLarge`, which says its size, and it is lost; `FailedTransfer`; `Closed`, `Aborted`,
	 * `Timeout`, `InvalidArgument`.
	 * Source: unet's `Socket.Read`; recvmsg(2).
	 * @example
	 * const [here, there] = socketPair({ type: 'seqpacket' });
	 * here.tryWrite(new Uint8Array(0));
	 * here.close();
	 * const buffer = new Uint8Array(1024);
	 * console.log((await there.read(buffer)).isEnd); // false: an empty packet
	 * console.log((await there.read(buffer)).isEnd); // true
	 * there.close();
	 */
	read(buffer: Uint8Array, opts?: ReadOptions): Promise<Message>;
	/** The same into many buffers, filled one after the other. Source: unet's `SocketReader.ReadVec`. */
	readVec(buffers: Buffers, opts?: ReadOptions): Promise<Message>;
	/** {@link UnixSocket.read}, at once: `undefined` where it would block, or others wait before it. */
	tryRead(buffer: Uint8Array, limits?: ReadLimits): Message | undefined;
	/** {@link UnixSocket.readVec}, at once. */
	tryReadVec(buffers: Buffers, limits?: ReadLimits): Message | undefined;
	/** {@link UnixSocket.read}, waiting on this thread. Throws what the promise would reject with. */
	readSync(buffer: Uint8Array, opts: ReadLimits & SyncOptions): Message;
	/** {@link UnixSocket.readVec}, waiting on this thread. */
	readVecSync(buffers: Buffers, opts: ReadLimits & SyncOptions): Message;
	/**
	 * Sends all of `payload`, and the descriptors with its first byte.
	 *
	 * Ownership: what is sent stays the caller's; a call that waits holds duplicates.
	 *
	 * @param payload on a stream not empty where descriptors go along. It may be changed when the
	 * promise resolves.
	 * @param opts `descriptors`: at most 253; `credentials`; `to`: the address of a datagram;
	 * `signal`; `timeoutMs` in milliseconds.
	 * @returns how many bytes left: all.
	 * @throws `FailedTransfer` (`EPIPE`, `EMSGSIZE` for a packet beyond `sendBufferSize`, …);
	 * `Aborted` and `Timeout`, whose `bytesWritten` tells whether the stream is still whole;
	 * `Closed`, `NoFD`, `BadClone`, `InvalidArgument`.
	 * Source: unet's `Socket.Write`; sendmsg(2).
	 * @example
	 * const [here, there] = socketPair();
	 * await here.write(Buffer.from('x'), { descriptors: [0, 1, 2] });
	 * const message = await there.read(new Uint8Array(1), { maxDescriptors: 3 });
	 * closeDescriptors(message.descriptors);
	 * here.close();
	 * there.close();
	 */
	write(payload: Uint8Array, opts?: WriteOptions): Promise<number>;
	/**
	 * The same of many buffers, by one `sendmsg`.
	 *
	 * @returns how many bytes left; on a stream maybe not all, though all descriptors.
	 * Source: unet's `SocketWriter.WriteVec`.
	 */
	writeVec(buffers: Buffers, opts?: WriteOptions): Promise<number>;
	/** {@link UnixSocket.writeVec} of one buffer, at once: `undefined` where it would block. */
	tryWrite(payload: Uint8Array, extras?: WriteExtras): number | undefined;
	/** {@link UnixSocket.writeVec}, at once: `undefined` where it would block. */
	tryWriteVec(buffers: Buffers, extras?: WriteExtras): number | undefined;
	/** {@link UnixSocket.write}, waiting on this thread. Throws what the promise would reject with. */
	writeSync(payload: Uint8Array, opts: WriteExtras & SyncOptions): number;
	/** {@link UnixSocket.writeVec}, waiting on this thread. */
	writeVecSync(buffers: Buffers, opts: WriteExtras & SyncOptions): number;
	/**
	 * Ends one direction, or both: the peer reads the end, or its writes fail.
	 *
	 * Ownership: the socket stays open, and to be closed.
	 *
	 * @throws `FailedCall` with code `ENOTCONN`; `Closed`, `InvalidArgument`.
	 * Source: unet's `Socket.Shutdown` (`'both'`); shutdown(2).
	 */
	shutdown(how: "read" | "write" | "both"): void;
	/**
	 * Who was at the other end when it connected. macOS and the BSDs by their own calls; FreeBSD
	 * tells no process (`pid` is 0).
	 *
	 * @throws `FailedCall` with code `ENOTCONN`; `Closed`. Source: unet's `Socket.GetPeerCred`; `SO_PEERCRED`.
	 */
	peerCredentials(): Credentials;
	/**
	 * A pidfd of the process that was at the other end when it connected: it never means another
	 * process, as a number does once it is used again.
	 *
	 * Ownership: the caller's.
	 *
	 * @throws `Unsupported` before Linux 6.5 and elsewhere; `FailedCall`, `Closed`.
	 */
	peerPidfd(): Descriptor;
	/** The name of the socket at the other end. Throws `FailedCall`, `Closed`. Source: unet's `Socket.GetPeerName`. */
	peerName(): UnixAddress;
	/** Whether each message tells who sent it (`SO_PASSCRED`). Linux; else `Unsupported`. */
	get passCredentials(): boolean;
	set passCredentials(on: boolean);
	/** Whether each message brings a pidfd of its sender (`SO_PASSPIDFD`). Linux 6.5; else `Unsupported`. */
	get passPidfd(): boolean;
	set passPidfd(on: boolean);
	/** Whether the kernel refuses descriptors for us: the sender gets `EPERM`. Linux 6.16; else `Unsupported`. */
	get refuseDescriptors(): boolean;
	set refuseDescriptors(refuse: boolean);
}
/**
 * Makes two connected sockets, as socketpair(2) does.
 *
 * Ownership: each owns its descriptor; both are the caller's to close. To give one to a child
 * process, pass its `fd` in `stdio`.
 *
 * @param opts `type`: `'stream'` by default.
 * @throws `FailedCall` with code `EMFILE`; `Unsupported`, `InvalidArgument`.
 * Platforms: Linux, macOS (no `'seqpacket'`), FreeBSD. Source: unet's `SocketPair(packet)`.
 * @example
 * const [here, there] = socketPair({ type: 'dgram' });
 * await here.writeVec([Buffer.from('two '), Buffer.from('buffers')]);
 * const { bytesRead } = await there.read(new Uint8Array(64));
 * console.log(bytesRead); // 11
 * here.close();
 * there.close();
 */
export declare function socketPair(opts?: {
	readonly type?: SocketType;
}): [
	UnixSocket,
	UnixSocket
];
/** How a server is bound. */
export interface BindOptions {
	/** `'stream'` (by default) or `'seqpacket'`. */
	readonly type?: SocketType;
	/** The permissions of the socket file, such as `0o600`. By default what the umask leaves. */
	readonly mode?: number;
	/**
	 * Stops listening: the server is closed, and its iteration ends. Where its file cannot be removed
	 * then, nobody can catch the `FailedClose`: it is an `uncaughtException`.
	 */
	readonly signal?: AbortSignal;
	/** Told of each failure of `accept` that an iteration retries, such as `EMFILE`. */
	readonly onRetry?: (error: FailedAcceptError) => void;
}
/** How a server listens. */
export interface ListenOptions extends BindOptions {
	/** How many connections may wait to be accepted. 511 by default. */
	readonly backlog?: number;
}
/**
 * A listening Unix socket.
 *
 * Ownership: it owns its descriptor and its socket file, which it removes when it is closed, if it
 * is still its own and it was not released. Each accepted socket is the caller's. One that is
 * forgotten is closed when it is collected, and when its worker ends; its file then stays.
 *
 * Platforms: Linux, macOS, FreeBSD. Source: gVisor's unet, `type ServerSocket`; unix(7).
 *
 * @example
 * const server = UnixServer.bindAndListen('app.sock', { mode: 0o600 });
 * const client = await UnixSocket.connect('app.sock');
 * for await (const socket of server) {
 *   console.log(socket.peerCredentials().uid);
 *   socket.close();
 *   server.close(); // ends the loop, and removes app.sock
 * }
 * client.close();
 */
export declare class UnixServer extends SocketBase {
	#private;
	/** The path or abstract name. */
	readonly path: string;
	private constructor();
	/**
	 * Makes and binds a server, which does not listen yet; until it does, others may take its socket
	 * file for stale, so prefer {@link UnixServer.bindAndListen}.
	 *
	 * @param path at most 107 bytes on Linux, 103 elsewhere; a NUL byte begins an abstract name
	 * (Linux). The file of a server that is gone is replaced; any other is left as it is.
	 * @param options `type`; `mode`; `signal`, which closes the server; `onRetry`.
	 * @throws `FailedListen` with code `EADDRINUSE`, `EACCES`, …; `Unsupported`, `InvalidArgument`;
	 * `Aborted` where the signal is aborted already.
	 * Source: unet's `Bind(addr, packet)`.
	 * @example
	 * const server = UnixServer.bind('app.sock', { mode: 0o600 });
	 * server.listen({ backlog: 16 });
	 * server.close();
	 */
	static bind(path: string | Uint8Array, options?: BindOptions): UnixServer;
	/** {@link UnixServer.bind}, and listens. Source: unet's `BindAndListen(addr, packet)`. */
	static bindAndListen(path: string | Uint8Array, options?: ListenOptions): UnixServer;
	/**
	 * Takes ownership of a bound or listening Unix socket, by its number; it becomes non-blocking.
	 *
	 * Ownership: this object's when it succeeds, and only then. Its socket file is left alone.
	 *
	 * @throws `BadClone` with code `EBADF`, `ENOTSOCK` or `EAFNOSUPPORT`; `InvalidArgument`.
	 * Source: unet's `NewServerSocket(fd)`.
	 * @example
	 * const bound = UnixServer.bindAndListen('app.sock');
	 * const server = UnixServer.adopt(bound.release()); // app.sock leads here
	 * server.close(); // and stays
	 */
	static adopt(fd: number): UnixServer;
	/** Lets others connect. Throws `FailedListen`, `Closed`. Source: unet's `ServerSocket.Listen`. */
	listen(options?: {
		readonly backlog?: number;
	}): void;
	/**
	 * Accepts one connection.
	 *
	 * @param options `signal` and `timeoutMs` give the call up; the connection then waits for the next.
	 * @returns a socket, which is the caller's to close.
	 * @throws `FailedAccept`: with code `EMFILE` the connection waits, and the next call tries again;
	 * `Closed`, `Aborted`, `Timeout`, `InvalidArgument`.
	 * Source: unet's `ServerSocket.Accept`; accept(2).
	 * @example
	 * const server = UnixServer.bindAndListen('app.sock');
	 * const client = await UnixSocket.connect('app.sock');
	 * const accepted = await server.accept({ timeoutMs: 1000 });
	 * for (const each of [client, accepted, server]) each.close();
	 */
	accept(options?: CallOptions): Promise<UnixSocket>;
	/** {@link UnixServer.accept}, at once: `undefined` where none waits, or others wait before it. */
	tryAccept(): UnixSocket | undefined;
	/**
	 * The connections as they come, until the server is closed. Failures that pass, such as
	 * `EMFILE`, are retried, and told to `onRetry`.
	 */
	[Symbol.asyncIterator](): AsyncGenerator<UnixSocket, void, undefined>;
	/**
	 * Stops listening and removes the socket file, if it is still its own. Twice is fine.
	 *
	 * @throws `FailedClose` where the file cannot be removed; the server is closed all the same.
	 */
	close(): void;
	/** As {@link UnixSocket.release}; its socket file stays. */
	release(): number;
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
export type Transferable = number | FileHandle | Socket | Server | Descriptor | UnixSocket | UnixServer | StreamSocket | StreamServer;
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
	 * @throws `FailedCall` with code `EMFILE` where there is no free slot.
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
	 * (whose path stays in place), a {@link Descriptor}, or a socket of this library.
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
	transfer(what: Transferable | Conduit, options?: CallOptions): Promise<void>;
	/**
	 * Transfers many, in their order and one a message, by few system calls.
	 *
	 * Ownership: when it resolves, all are closed here. When it rejects, the error's
	 * `descriptorsSent` tells how many of the first have left and are closed (none, where it is
	 * missing); the others are open and the caller's as before.
	 *
	 * @param list at most 253; a number may be in it once.
	 * @throws as {@link Conduit.transfer}.
	 * Platforms: Linux, macOS, FreeBSD.
	 * @example
	 * const [here, there] = Conduit.pair();
	 * await here.transferEach([fs.openSync('notes.txt'), fs.openSync('notes.txt')]);
	 * const list = await there.receiveBatch();
	 * console.log(list.count); // 2
	 * list.close();
	 * here.close();
	 * there.close();
	 */
	transferEach(list: readonly (Transferable | Conduit)[], options?: CallOptions): Promise<void>;
	/**
	 * Receives one descriptor of any kind.
	 *
	 * Ownership: the returned {@link Descriptor}'s, which is the caller's.
	 *
	 * @param options `signal` and `timeoutMs` (milliseconds) give the call up; what comes later waits
	 * for the next call.
	 * @returns what has come, whose kind `fstat` tells.
	 * @throws `BadCtrlMesg` where the message did not bring exactly one descriptor (all that came
	 * are closed); `PacketTooLarge` on a packet socket, where it is longer than a byte;
	 * `EndOfStream` where the peer has closed; `FailedTransfer` where receiving fails;
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
	 * Receives the descriptors of all messages that wait, by few system calls: at least one, at most
	 * `max`.
	 *
	 * Ownership: the {@link DescriptorList}'s, and the caller's as that list's.
	 *
	 * @param options `max`: 1 to 253, 64 by default; `signal`, `timeoutMs`.
	 * @throws as {@link Conduit.receive}. A message that is not one descriptor ends the batch before
	 * it, and is told by the next call.
	 * Platforms: Linux, macOS, FreeBSD.
	 * @example
	 * const [here, there] = Conduit.pair();
	 * await here.transferEach([fs.openSync('notes.txt'), fs.openSync('notes.txt')]);
	 * const list = await there.receiveBatch({ max: 8 });
	 * for (const descriptor of list) console.log(descriptor.kind, descriptor.release()); // or list.close()
	 * here.close();
	 * there.close();
	 */
	receiveBatch(options?: BatchOptions): Promise<DescriptorList>;
	/**
	 * {@link Conduit.receiveBatch} again and again, until the peer closes its end.
	 *
	 * Ownership: each {@link DescriptorList} is the loop's. Leaving the loop leaves the conduit open.
	 *
	 * @param options as in {@link Conduit.receiveBatch}, for each batch anew.
	 * @throws as {@link Conduit.receive}, but for `EndOfStream`, which ends the loop.
	 * @example
	 * const [here, there] = Conduit.pair();
	 * await here.transferEach([fs.openSync('notes.txt'), fs.openSync('notes.txt')]);
	 * here.close();
	 * for await (const list of there.batches()) {
	 *   console.log(list.count); // 2
	 *   list.close();
	 * }
	 * there.close();
	 */
	batches(options?: BatchOptions): AsyncGenerator<DescriptorList, void, undefined>;
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
/** What descriptors are put into and got out of. A `net.Socket` is taken over, as by `Conduit.fromSocket`. */
export type Via = UnixSocket | Conduit | Socket;
/** A received file with the name that the receiver gave it, as Go's `os.File` has. */
export type NamedFileHandle = FileHandle & {
	readonly name?: string;
};
/** What `get` makes of the descriptors. */
export interface GetOptions<As extends "file" | "descriptor" | "socket"> extends CallOptions {
	/** `'file'`: a `FileHandle` each (the default); `'descriptor'`: a {@link Descriptor}; `'socket'`: a `net.Socket`. */
	readonly as?: As;
	/** Names for the first of the `FileHandle`s, at most as many as come. */
	readonly names?: readonly string[];
}
/**
 * Receives the expected number of descriptors in one message.
 *
 * Ownership: the returned objects', which are the caller's. Where it rejects, all that came are
 * closed: unlike in Go, no descriptor is ever returned beside an error.
 *
 * @param via as in {@link put}.
 * @param count 0 to 253. None receives nothing.
 * @param options `as`: what each becomes; `names` for the `FileHandle`s; `signal`; `timeoutMs` in
 * milliseconds. Given up, the message waits in the socket for the next call.
 * @throws `BadCtrlMesg` where too few or too many came; `EndOfStream`; `FailedTransfer`; `BadClone`
 * where one cannot become what `as` asks for; `Closed`, `Aborted`, `Timeout`, `InvalidArgument`.
 * Source: `fd.Get(via, num, filenames)` of Go's github.com/ftrvxmtrx/fd.
 *
 * @example
 * const [here, there] = socketPair();
 * const server = net.createServer().listen(0);
 * await put(here, [server, process.stdout.fd]);
 * const descriptors = await get(there, 2, { as: 'descriptor' });
 * console.log(descriptors[0].kind); // tcp-server
 * closeDescriptors(descriptors);
 * for (const each of [server, here, there]) each.close();
 */
export declare function get(via: Via, count: number, options?: GetOptions<"file">): Promise<NamedFileHandle[]>;
export declare function get(via: Via, count: number, options: GetOptions<"descriptor">): Promise<Descriptor[]>;
export declare function get(via: Via, count: number, options: GetOptions<"socket">): Promise<Socket[]>;
/**
 * Sends descriptors in one message.
 *
 * Ownership: all stay open and the caller's, also where it rejects; the other side gets duplicates.
 * A `net.Socket` that is put goes on reading here: pause or destroy it.
 *
 * @param via a connected Unix socket. A `net.Socket` as `via` reads nothing more from then on.
 * @param handles at most 253: numbers, `FileHandle`s, `net.Socket`s, `net.Server`s, or objects of
 * this library. None sends nothing.
 * @throws `FailedTransfer` where the message cannot be sent; `NoFD`, `BadClone`, `Closed`,
 * `Aborted`, `Timeout`, `InvalidArgument`.
 * Source: `fd.Put(via, files...)` of Go's github.com/ftrvxmtrx/fd.
 *
 * @example
 * const [here, there] = socketPair();
 * const file = await open('notes.txt');
 * await put(here, [file]);
 * const [received] = await get(there, 1, { names: ['notes'] });
 * console.log(received.name, await received.readFile('utf8'));
 * await file.close();
 * await received.close();
 * here.close();
 * there.close();
 */
export declare function put(via: Via, handles: readonly Descriptive[], options?: CallOptions): Promise<void>;
/**
 * Sends each of many descriptors in a message of its own, by few system calls.
 *
 * Ownership: all stay open and the caller's. Where it rejects, the error's `descriptorsSent` tells
 * how many of the first have left (none, where it is missing).
 *
 * @param via as in {@link put}.
 * @param handles at most 253, as in {@link put}. None sends nothing.
 * @param options `signal`; `timeoutMs` in milliseconds.
 * @throws as {@link put}.
 * Platforms: Linux, macOS, FreeBSD. Source: sendmmsg(2).
 *
 * @example
 * const [here, there] = Conduit.pair();
 * await putEach(here, [process.stdin.fd, process.stdout.fd]); // both are open here still
 * for (const descriptor of await there.receiveBatch()) {
 *   console.log(descriptor.kind);
 *   descriptor.close();
 * }
 * here.close();
 * there.close();
 */
export declare function putEach(via: Via, handles: readonly Descriptive[], options?: CallOptions): Promise<void>;
/** The names of the option constants that every system has. */
export type OptionName = "SOL_SOCKET" | "SO_ACCEPTCONN" | "SO_ERROR" | "SO_RCVBUF" | "SO_RCVLOWAT" | "SO_RCVTIMEO" | "SO_SNDBUF" | "SO_SNDTIMEO" | "SO_TIMESTAMP" | "SO_TYPE";
/** The names of Linux's own option constants. */
export type LinuxOptionName = "SO_DOMAIN" | "SO_PASSCRED" | "SO_PASSPIDFD" | "SO_PASSRIGHTS" | "SO_PASSSEC" | "SO_PEEK_OFF" | "SO_PEERCRED" | "SO_PEERPIDFD" | "SO_PEERSEC" | "SO_PROTOCOL" | "SO_RCVBUFFORCE" | "SO_SNDBUFFORCE";
/** The usual levels and names of socket options, with this system's numbers. */
export type OptionConstants = {
	readonly [name in OptionName]: number;
} & {
	readonly [name in LinuxOptionName | "LOCAL_PEERCRED" | "SO_NOSIGPIPE"]?: number;
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
export declare function optionConstants(): OptionConstants;

export {};
