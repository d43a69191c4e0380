import { type ConnectOpts, Socket, type SocketConstructorOpts } from 'node:net';
import type { Descriptor } from 'fd-conduit';

const NEWLINE = 10;

/** Counts a client's bytes, and tells the count after each line. */
export class Conversation {
  readonly #socket: Socket;
  #count: number;

  /** Goes on from `count` with a connection, and is one of `all` until that ends. */
  constructor(descriptor: Descriptor, count: number, all: Set<Conversation>) {
    this.#count = count;
    // With a buffer of its own, pause() stops the reads at once. Without, Node would read on into
    // its own buffer, and what it read after the count was told would be lost.
    const onread = {
      buffer: Buffer.alloc(65536),
      callback: (bytes: number, buffer: Uint8Array) => this.#hear(buffer.subarray(0, bytes)),
    };
    const options: SocketConstructorOpts & ConnectOpts = { fd: descriptor.release(), onread };
    this.#socket = new Socket(options);
    this.#socket.on('error', () => this.#socket.destroy());
    this.#socket.on('close', () => all.delete(this));
    all.add(this);
    this.#socket.resume();
  }

  /** The connection, to be put. */
  get socket(): Socket {
    return this.#socket;
  }

  /** Stops listening, says what is still to be said, and tells the count so far. */
  async pause(): Promise<number> {
    this.#socket.pause();
    await new Promise((resolve) => this.#socket.write('', resolve));
    return this.#count;
  }

  /** Goes on, as there was no upgrade after all. */
  resume(): void {
    this.#socket.resume();
  }

  #hear(bytes: Uint8Array): boolean {
    for (const byte of bytes) {
      this.#count += 1;
      if (byte === NEWLINE) {
        this.#socket.write(`${process.pid} ${this.#count}\n`);
      }
    }
    return true;
  }
}
