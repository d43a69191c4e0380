// A simple model of who owns which descriptor, beside the real conduits.
import { closeSync, openSync } from 'node:fs';
import { Conduit, type ConduitErrorType, Descriptor, isConduitError, socketPair } from 'fd-conduit';
import { inodeOf } from './descriptors.js';

/** One step of a sequence. `which` and `end` choose among what there is. */
export interface Step {
  readonly do: 'send' | 'receive' | 'abort' | 'close' | 'release' | 'drop' | 'kill' | 'turn';
  readonly end: number;
  readonly which: number;
}

/** A call that was made, and what came of it. */
interface Made {
  readonly settled: Promise<void>;
  readonly controller: AbortController;
  /** What was sent, or has come: its inode. */
  inode: string | undefined;
  error: ConduitErrorType | undefined;
  isPending: boolean;
}

/** One end of a conduit, and the calls on it in their order. */
class End {
  readonly sends: Made[] = [];
  readonly receives: Made[] = [];
  /** It was closed in the middle: what was on its way to it is gone. */
  isCut = false;
  constructor(readonly conduit: Conduit) {}
}

/** What a call may end with beside success. */
const ALLOWED: readonly ConduitErrorType[] = ['Aborted', 'Closed', 'EndOfStream', 'FailedTransfer'];

/** Several conduits with all that is known of them. */
export class World {
  readonly #ends: End[] = [];
  /** What this side owns: an owner or a bare number, and the inode that it must be. */
  readonly #owned: { readonly owner: Descriptor | number; readonly inode: string }[] = [];
  readonly #files: readonly string[];

  constructor(files: readonly string[], pairs: number) {
    this.#files = files;
    for (let pair = 0; pair < pairs; pair += 1) {
      for (const socket of socketPair()) {
        // A few messages fill it, so that sends wait.
        socket.sendBufferSize = 1;
        this.#ends.push(new End(Conduit.fromFd(socket.fd)));
        socket.close();
      }
    }
  }

  async take(step: Step): Promise<void> {
    const end = this.#ends[step.end % this.#ends.length] as End;
    switch (step.do) {
      case 'send':
        this.#send(end, step.which);
        break;
      case 'receive':
        this.#receive(end);
        break;
      case 'abort':
        chosen([...end.sends, ...end.receives], step.which)?.controller.abort();
        break;
      case 'close':
        end.isCut = true;
        end.conduit.close();
        break;
      case 'kill':
        // As when its process dies: all at once, with what it holds unread.
        for (const one of [end, this.#peerOf(end)]) {
          one.isCut = true;
          one.conduit.close();
        }
        break;
      case 'release':
        this.#release(step.which);
        break;
      case 'drop':
        this.#drop(step.which);
        break;
      default:
        await new Promise(setImmediate);
    }
    this.#checkOwned();
  }

  /** Ends everything; throws where the conduits did other than the model allows. */
  async end(): Promise<void> {
    // What was sent and not received is still there; whoever is not closed gets it, by calls that
    // need not wait.
    for (const end of this.#ends.filter(({ isCut }) => !isCut)) {
      for (const { controller } of end.receives) {
        controller.abort();
      }
      while ((await this.#drain(end)) || this.#peerOf(end).sends.some(isPending)) {
        await new Promise(setImmediate);
      }
    }
    for (const { conduit } of this.#ends) {
      conduit.close();
    }
    for (const end of this.#ends) {
      await Promise.all([...end.sends, ...end.receives].map(({ settled }) => settled));
      this.#check(end, this.#peerOf(end));
    }
    this.#checkOwned();
    while (this.#owned.length > 0) {
      this.#drop(0);
    }
  }

  #peerOf(end: End): End {
    return this.#ends[this.#ends.indexOf(end) ^ 1] as End;
  }

  #send(end: End, which: number): void {
    const fd = openSync(this.#files[which % this.#files.length] as string, 'r');
    const inode = inodeOf(fd);
    const descriptor = Descriptor.adopt(fd);
    const { signal, made } = call(end.sends, inode);
    made.run(end.conduit.transfer(descriptor, { signal }), () => {
      if (!descriptor.isClosed) {
        throw new Error('what has left is still open here');
      }
    });
    made.otherwise = () => {
      if (descriptor.isClosed) {
        throw new Error('what has not left is closed');
      }
      this.#owned.push({ owner: descriptor, inode });
    };
  }

  #receive(end: End): Promise<void> {
    const { signal, made, record } = call(end.receives, undefined);
    return made.run(end.conduit.receive({ signal }), (descriptor) => {
      record.inode = inodeOf(descriptor.fd);
      this.#owned.push({ owner: descriptor, inode: record.inode });
    });
  }

  /** Receives once, without waiting for what has not been sent; true where something came. */
  async #drain(end: End): Promise<boolean> {
    const settled = this.#receive(end);
    const last = end.receives[end.receives.length - 1] as Made;
    last.controller.abort();
    await settled;
    return last.error === undefined;
  }

  #release(which: number): void {
    const index = which % Math.max(this.#owned.length, 1);
    const found = this.#owned[index];
    if (found !== undefined && typeof found.owner !== 'number') {
      this.#owned[index] = { owner: found.owner.release(), inode: found.inode };
    }
  }

  #drop(which: number): void {
    const [found] = this.#owned.splice(which % Math.max(this.#owned.length, 1), 1);
    if (typeof found?.owner === 'number') {
      closeSync(found.owner);
    } else {
      found?.owner.close();
    }
  }

  #checkOwned(): void {
    for (const { owner, inode } of this.#owned) {
      const is = inodeOf(typeof owner === 'number' ? owner : owner.fd);
      if (is !== inode) {
        throw new Error(`an owned descriptor is ${is}, and was ${inode}`);
      }
    }
  }

  #check(sender: End, receiver: End): void {
    const left = sender.sends.filter(({ error }) => error === undefined);
    const came = receiver.receives.filter(({ error }) => error === undefined);
    for (const { error } of [...sender.sends, ...receiver.receives]) {
      if (error !== undefined && !ALLOWED.includes(error)) {
        throw new Error(`a call ended with ${error}`);
      }
    }
    const sent = left.map(({ inode }) => inode).join();
    const received = came.map(({ inode }) => inode).join();
    // A receiver that was closed in the middle has had the first of them; any other all.
    if (receiver.isCut ? !sent.startsWith(received) : sent !== received) {
      throw new Error(`sent: ${sent}\nreceived: ${received}`);
    }
  }
}

function isPending(made: Made): boolean {
  return made.isPending;
}

function chosen<T>(of: readonly T[], which: number): T | undefined {
  return of[which % Math.max(of.length, 1)];
}

/** Books a call that is about to be made. */
function call(calls: Made[], inode: string | undefined) {
  const controller = new AbortController();
  let record: Made;
  const made = {
    otherwise: (): void => undefined,
    run<T>(promise: Promise<T>, then: (value: T) => void): Promise<void> {
      const settled = promise.then(then, (error: unknown) => {
        record.error = isConduitError(error) ? error.type : 'Unknown';
        made.otherwise();
      });
      void settled.finally(() => {
        record.isPending = false;
      });
      record = Object.assign(entry, { settled });
      calls.push(record);
      return settled;
    },
  };
  const entry: Made = {
    settled: Promise.resolve(),
    controller,
    inode,
    error: undefined,
    isPending: true,
  };
  record = entry;
  return { signal: controller.signal, made, record: entry };
}
