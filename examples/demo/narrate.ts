import type { Holding } from './holding';

/** Who does something. The client lives in the sender's process and talks to both over TCP. */
export type Who = 'sender' | 'receiver' | 'client';

/** One thing that happened, in one of the processes. */
export interface Deed {
  /** Milliseconds on the clock that all processes of a machine share. */
  readonly at: number;
  readonly pid: number;
  readonly who: Who;
  readonly what: string;
  /** The descriptor that it was done with. */
  readonly holding?: Holding | undefined;
  /** What was read. */
  readonly result?: string;
}

/** Tells what somebody has just done in this process. */
export function deed(who: Who, what: string, holding?: Holding, result = ''): Deed {
  return { at: now(), pid: process.pid, who, what, holding, result };
}

/** One part of the story: what happened, in the order of time, and whether it went as it should. */
export class Scene {
  readonly #deeds: Deed[] = [];
  readonly #checks: [isTrue: boolean, claim: string][] = [];

  constructor(readonly title: string) {}

  /** Notes what happened here, or what the other process reports. */
  note(deed: Deed): Deed {
    this.#deeds.push(deed);
    return deed;
  }

  /** Notes whether something that has to be true is true. */
  check(isTrue: boolean, claim: string): void {
    this.#checks.push([isTrue, claim]);
  }

  /** The claims that turned out to be false. */
  get falseClaims(): string[] {
    return this.#checks.filter(([isTrue]) => !isTrue).map(([, claim]) => claim);
  }

  /** Prints all of it. The processes' reports cross each other, so this waits for the end. */
  print(): void {
    console.log(`\n${this.title}`);
    for (const deed of this.#deeds.sort((one, other) => one.at - other.at)) {
      console.log(`  ${row(deed)}`);
    }
    for (const [isTrue, claim] of this.#checks) {
      console.log(`  ${isTrue ? 'ok   ' : 'FALSE'}  ${claim}`);
    }
  }
}

const begin = now();

function now(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}

function row({ at, pid, who, what, holding }: Deed): string {
  const time = `${(at - begin).toFixed(1)} ms`.padStart(9);
  const held = holding ? `fd ${String(holding.fd).padEnd(3)}  inode ${holding.inode}` : '';
  return `${time}  ${who.padEnd(8)}  pid ${String(pid).padEnd(7)}  ${held.padEnd(22)}  ${what}`;
}
