import type { ChildProcess } from 'node:child_process';
import type { ExecutionContext } from 'ava';
import { Conduit } from 'fd-conduit';
import type { Actions } from '../peers/remote.js';
import { endProgram, linesOf, startProgram } from './program.js';

/** How another process is started. */
export interface RemoteOptions {
  /** Its limit of open descriptors. */
  readonly slots?: number;
  /** Connects to this path instead of inheriting one end of a socket pair. */
  readonly path?: string;
}

/** What crosses of an error. */
interface Failure {
  readonly message: string;
  readonly [field: string]: unknown;
}

interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: Failure;
}

/** What a call of another process rejected with, with the fields of the error there. */
export class RemoteError extends Error {
  constructor(readonly fields: Failure) {
    super(fields.message);
  }
}

/** A second process, which does what it is told with its end of a conduit. */
export class Remote {
  readonly #child: ChildProcess;
  readonly #waiting = new Map<number, (answer: Answer) => void>();
  #lastId = 0;

  constructor(child: ChildProcess) {
    this.#child = child;
    linesOf(child).on('line', (line) => {
      const answer = JSON.parse(line) as Answer;
      this.#waiting.get(answer.id)?.(answer);
    });
    child.once('exit', (code, signal) => {
      const error = { message: `The other process is gone (${code ?? signal})` };
      for (const [id, settle] of this.#waiting) {
        settle({ id, error });
      }
    });
  }

  /** Does one thing there, and answers its result; failures are a `RemoteError`. */
  async call<Name extends keyof Actions>(
    name: Name,
    ...args: Parameters<Actions[Name]>
  ): Promise<Awaited<ReturnType<Actions[Name]>>> {
    this.#lastId += 1;
    const id = this.#lastId;
    const answer = await new Promise<Answer>((resolve) => {
      this.#waiting.set(id, resolve);
      this.#child.stdin?.write(`${JSON.stringify({ id, name, args })}\n`);
    });
    this.#waiting.delete(id);
    if (answer.error !== undefined) {
      throw new RemoteError(answer.error);
    }
    return answer.value as Awaited<ReturnType<Actions[Name]>>;
  }

  /** What a call there rejects with. */
  async failure<Name extends keyof Actions>(
    name: Name,
    ...args: Parameters<Actions[Name]>
  ): Promise<Failure> {
    const error = await this.call(name, ...args).then(
      () => new Error(`${name} resolved in the other process`),
      (failed: unknown) => failed,
    );
    if (!(error instanceof RemoteError)) {
      throw error;
    }
    return error.fields;
  }

  /** Ends the process, and waits until it is gone. */
  end(): Promise<void> {
    return endProgram(this.#child);
  }
}

/** Starts another process; answers this side's end of the conduit to it. */
export async function startRemote(
  t: ExecutionContext,
  options: RemoteOptions = {},
): Promise<{ conduit: Conduit; remote: Remote }> {
  const [conduit, theirs] = Conduit.pair();
  const remote = launch(t, options, theirs.fd);
  t.teardown(() => conduit.close());
  await remote.call('descriptors');
  theirs.close();
  return { conduit, remote };
}

/** Starts another process that connects to a path. */
export async function startRemoteAt(t: ExecutionContext, path: string): Promise<Remote> {
  const remote = launch(t, { path }, undefined);
  await remote.call('descriptors');
  return remote;
}

function launch(t: ExecutionContext, options: RemoteOptions, fd: number | undefined): Remote {
  const { path = '', ...rest } = options;
  const inherited = fd === undefined ? {} : { inherited: fd };
  return new Remote(startProgram(t, 'remote', { ...rest, ...inherited, args: [path] }));
}
