// What the soak does, over and over: each lane is one round of something that can go wrong.
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Conduit, type Descriptor } from 'fd-conduit';
import { inodeOf } from './descriptors.js';
import type { Random } from './random.js';

const ECHO = join(__dirname, '..', 'peers', 'echo.js');
const BATCH = 200;
/** More than a socket takes at once, so that some have to wait. */
const LONG_BATCH = 600;

/** What happened so far. */
export interface Tally {
  /** What left, and came. */
  transfers: number;
  /** What left and did not come, though its receiver lived. */
  losses: number;
  /** Given up by a signal or a deadline. */
  aborts: number;
  /** Processes and workers that were ended in the middle. */
  kills: number;
}

/** A lane: does one round, and is closed at the end. */
export interface Lane {
  round(): Promise<void>;
  close(): Promise<void>;
}

/** Opens one of the files; which one is told by its inode. */
function openOne(files: readonly string[], index: number): number {
  return openSync(files[index % files.length] as string, 'r');
}

/** Both ends here: transfers and receives at once, some of them given up. */
export class PairLane implements Lane {
  readonly #ends = Conduit.pair();

  constructor(
    readonly files: readonly string[],
    readonly random: Random,
    readonly tally: Tally,
  ) {}

  async round(): Promise<void> {
    const [one, other] = this.#ends;
    const fds = Array.from({ length: LONG_BATCH }, () =>
      openOne(this.files, this.random.below(97)),
    );
    const inodes = fds.map(inodeOf);
    const controllers: AbortController[] = [];
    const sent = fds.map((fd) => {
      if (!this.random.oneIn(8)) {
        return one.transferFd(fd);
      }
      const controller = new AbortController();
      controllers.push(controller);
      return one.transferFd(fd, { signal: controller.signal });
    });
    const settled = Promise.allSettled(sent);
    for (const controller of controllers) {
      if (this.random.oneIn(2)) {
        controller.abort();
      }
    }
    const arrived: string[] = [];
    // Who is given up leaves the message to the next.
    const impatient = await other.receive({ timeoutMs: 0 }).catch(() => undefined);
    take(impatient, arrived);
    const expected: string[] = [];
    const reading = this.#receiveAll(settled, arrived);
    (await settled).forEach(({ status }, index) => {
      if (status === 'fulfilled') {
        expected.push(inodes[index] as string);
      } else {
        this.tally.aborts += 1;
        closeSync(fds[index] as number);
      }
    });
    await reading;
    this.tally.transfers += arrived.length;
    this.tally.losses += arrived.join() === expected.join() ? 0 : 1;
  }

  /** Receives until all is settled and nothing is left. */
  async #receiveAll(settled: Promise<unknown>, arrived: string[]): Promise<void> {
    const end = new AbortController();
    void settled.then(() => end.abort());
    for (;;) {
      const options = end.signal.aborted ? { timeoutMs: 0 } : { signal: end.signal };
      const received = await this.#ends[1].receive(options).catch(() => undefined);
      if (received === undefined && options.timeoutMs === 0) {
        return;
      }
      take(received, arrived);
    }
  }

  async close(): Promise<void> {
    for (const end of this.#ends) {
      end.close();
    }
  }
}

function take(received: Descriptor | undefined, arrived: string[]): void {
  if (received !== undefined) {
    arrived.push(inodeOf(received.fd));
    received.close();
  }
}

/** The other end is a process or a worker that sends everything back, and is ended now and then. */
export class EchoLane implements Lane {
  #conduit: Conduit | undefined;
  #peer: ChildProcess | Worker | undefined;

  constructor(
    readonly kind: 'process' | 'worker',
    readonly files: readonly string[],
    readonly random: Random,
    readonly tally: Tally,
  ) {}

  async round(): Promise<void> {
    this.#conduit ??= this.#start();
    const conduit = this.#conduit;
    const ends = this.random.oneIn(20);
    const fds = Array.from({ length: BATCH }, () => openOne(this.files, this.random.below(97)));
    const inodes = fds.map(inodeOf);
    const sent = Promise.allSettled(fds.map((fd) => conduit.transferFd(fd)));
    const arrived: string[] = [];
    const wanted = ends ? this.random.below(BATCH) : BATCH;
    while (arrived.length < wanted) {
      take(await conduit.receive(), arrived);
    }
    if (ends) {
      await this.#end();
      this.tally.kills += 1;
      // What the peer had sent back before it was gone is still there.
      for (let more: Descriptor | undefined; ; take(more, arrived)) {
        more = await conduit.receive().catch(() => undefined);
        if (more === undefined) {
          break;
        }
      }
      conduit.close();
      this.#conduit = undefined;
    }
    (await sent).forEach(({ status }, index) => {
      if (status === 'rejected') {
        closeSync(fds[index] as number);
      }
    });
    this.tally.transfers += 2 * arrived.length;
    this.tally.losses += arrived.join() === inodes.slice(0, arrived.length).join() ? 0 : 1;
  }

  async close(): Promise<void> {
    await this.#end();
    this.#conduit?.close();
  }

  #start(): Conduit {
    const [mine, theirs] = Conduit.pair();
    if (this.kind === 'process') {
      const stdio = ['ignore', 'ignore', 'inherit', theirs.fd] as const;
      this.#peer = spawn(process.execPath, [ECHO], { stdio: [...stdio] });
      theirs.close();
    } else {
      const worker = new Worker(ECHO, { workerData: theirs.fd });
      worker.once('online', () => undefined);
      worker.once('exit', () => theirs.close());
      this.#peer = worker;
    }
    return mine;
  }

  async #end(): Promise<void> {
    const peer = this.#peer;
    this.#peer = undefined;
    if (peer instanceof Worker) {
      await peer.terminate();
    } else if (peer !== undefined) {
      const gone = once(peer, 'exit');
      peer.kill('SIGKILL');
      await gone;
    }
  }
}
