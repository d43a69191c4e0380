// The only part of the benchmark that knows what lies below the public API.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import type * as Binding from '../../lib/binding';
import type { Transport } from '../../lib/transport.js';
import { root } from '../root.js';

/** Where a received message tells of its first descriptor, as lib/native.ts has it. */
const FIRST_FD = 7;
/** A stream, as socket(2) counts, and as the native side frames. */
const SOCK_STREAM = 1;
const STREAM = 0;
const NO_DESCRIPTOR = -1;

/** The native side, apart from what the library has of it in this process. */
export class Native {
  readonly #binding = loadBinding();
  readonly #registers = new Int32Array(FIRST_FD + 512);
  readonly #environment = new this.#binding.Environment(() => NO_DESCRIPTOR, 0);
  readonly #transport = this.#environment.transport() as Transport;

  /** Calls the addon for nothing, so many times. */
  call(times: number): void {
    const { slot } = this.#environment;
    const { owner } = this.#transport;
    for (let count = 0; count < times; count += 1) {
      owner(slot, NO_DESCRIPTOR);
    }
  }

  /** Sends `fd` with a byte, receives and closes it, so many times, by native calls alone. */
  pass(fd: number, times: number): void {
    const registers = this.#registers;
    const { send, receive, close } = this.#transport;
    const [here, there] = this.#openPair();
    // Looked up once, as the library does: each look is a native call of its own.
    const [own, sending, receiving] = [this.#environment.slot, here.slot, there.slot];
    const byte = new Uint8Array(1);
    for (let count = 0; count < times; count += 1) {
      registers[0] = fd;
      send(sending, byte, 0, registers, 1);
      receive(receiving, byte, 1, registers);
      close(own, registers[FIRST_FD] as number);
    }
    here.close();
    there.close();
  }

  #openPair(): [Binding.Socket, Binding.Socket] {
    this.#environment.openPair(SOCK_STREAM, this.#registers);
    const ends = [...this.#registers.subarray(0, 2)];
    const { Socket } = this.#binding;
    return ends.map((end) => new Socket(this.#environment, end, STREAM)) as [
      Binding.Socket,
      Binding.Socket,
    ];
  }
}

function loadBinding(): typeof Binding {
  const binary = readdirSync(root).find((name) => name.endsWith('.node')) ?? '';
  return require(join(root, binary)) as typeof Binding;
}
