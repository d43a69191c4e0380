import { type CallOptions, checkCallOptions, promised, WOULD_BLOCK, type Work } from './call.js';
import type { Channel, Direction } from './channel.js';
import { Discarding } from './discarding.js';
import { EAGAIN } from './errno.js';
import { failedTransfer } from './errors.js';
import { type Buffers, checkBytes, type Memory, memoryOf } from './io-vector.js';
import { writeHeld } from './native.js';
import { Reading } from './reading.js';
import { bytesWritten, Sending } from './sending.js';
import { type Ending, shutDown } from './shutdown.js';
import { Sources } from './sources.js';
import { adoptStream, channelOf, checkStream, StreamBase, untouchedOf } from './stream-base.js';

const NOTHING_BESIDE = Sources.of([]);

let over: (held: number) => StreamSocket;

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
export class StreamSocket extends StreamBase {
  static {
    over = (held) => new StreamSocket(held);
  }

  private constructor(held: number) {
    super(held);
  }

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
  static adopt(fd: number): StreamSocket {
    return new StreamSocket(adoptStream(fd, 'StreamSocket'));
  }

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
  read(buffer: Uint8Array, options: CallOptions = {}): Promise<number> {
    return promised(() => {
      checkBytes(buffer, 'buffer');
      return channelOf(this).perform('incoming', this.#reading(buffer), options);
    });
  }

  /** The same into many buffers, filled one after the other. */
  readVec(buffers: Buffers, options: CallOptions = {}): Promise<number> {
    return promised(() => {
      const work = this.#reading(memoryOf(buffers));
      return channelOf(this).perform('incoming', work, options);
    });
  }

  /** {@link StreamSocket.read}, at once: `undefined` where it would block, or others wait before it. */
  tryRead(buffer: Uint8Array): number | undefined {
    checkBytes(buffer, 'buffer');
    return this.#attempt('incoming', this.#reading(buffer));
  }

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
  write(payload: Uint8Array, options: CallOptions = {}): Promise<number> {
    return promised(() => {
      checkCallOptions(options);
      checkBytes(payload, 'payload');
      const written = this.#writeNow(payload);
      if (written !== undefined && written === payload.length) {
        return Promise.resolve(written);
      }
      const channel = channelOf(this);
      const rest = { payload, sources: NOTHING_BESIDE, whole: true, bytesWritten: written ?? 0 };
      return channel.perform('outgoing', new Sending(channel, rest, bytesWritten), options);
    });
  }

  /** The same of many buffers, by one `sendmsg`. Resolves with how many bytes left, maybe not all. */
  writeVec(buffers: Buffers, options: CallOptions = {}): Promise<number> {
    return promised(() => {
      const work = this.#writing(memoryOf(buffers));
      return channelOf(this).perform('outgoing', work, options);
    });
  }

  /** Writes what the socket takes at once: `undefined` where it would block, or others wait before it. */
  tryWrite(payload: Uint8Array): number | undefined {
    checkBytes(payload, 'payload');
    return this.#writeNow(payload) ?? this.#attempt('outgoing', this.#writing(payload));
  }

  /**
   * Ends one direction, or both: the peer reads the end, or its writes fail. It does not wait for
   * writes that wait.
   *
   * Ownership: the socket stays open, and to be closed.
   *
   * @throws `FailedCall` with code `ENOTCONN`; `Closed`, `InvalidArgument`. Source: shutdown(2).
   */
  shutdown(how: Ending): void {
    shutDown(channelOf(this), how);
  }

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
  async end(options: CallOptions = {}): Promise<void> {
    const channel = channelOf(this);
    // Otherwise what is read would go on being thrown away after the refusal.
    channel.checkWhole();
    const ending: Work<void> = { attempt: () => shutDown(channel, 'write') };
    await Promise.all([
      channel.perform('outgoing', ending, options),
      channel.perform('incoming', new Discarding(channel), options),
    ]);
    this.close();
  }

  /** What leaves at once, as long as nothing has had to wait yet: for that no channel is needed. */
  #writeNow(payload: Uint8Array): number | undefined {
    const descriptor = untouchedOf(this);
    if (descriptor === undefined || descriptor.isClosed) {
      return undefined;
    }
    const written = writeHeld(descriptor.fd, payload);
    if (written === EAGAIN) {
      return undefined;
    }
    if (written < 0) {
      throw failedTransfer('The bytes could not be written', written, 'sendmsg');
    }
    return written;
  }

  #writing(payload: Memory): Work<number> {
    return new Sending(
      channelOf(this),
      { payload, sources: NOTHING_BESIDE, whole: false },
      bytesWritten,
    );
  }

  #reading(memory: Memory): Work<number> {
    return new Reading(channelOf(this), memory, 0, bytesRead);
  }

  #attempt(direction: Direction, work: Work<number>): number | undefined {
    const value = channelOf(this).attempt(direction, work);
    return value === WOULD_BLOCK ? undefined : (value as number);
  }
}

/** A stream that takes over a number that is held. Throws `BadClone` where it is none. */
export function streamSocketFrom(held: number): StreamSocket {
  checkStream(held, 'StreamSocket');
  return over(held);
}

function bytesRead(_channel: Channel, bytes: number): number {
  return bytes;
}
