import { openSync, readFileSync } from 'node:fs';
import type { ExecutionContext } from 'ava';
import { Conduit, type Descriptor } from 'fd-conduit';

/** Two connected conduits in this process, which live as long as the test. */
export function pair(t: ExecutionContext): [Conduit, Conduit] {
  const ends = Conduit.pair();
  t.teardown(() => {
    for (const end of ends) {
      end.close();
    }
  });
  return ends;
}

/** Opens a file for reading, as a bare number. */
export function openFd(path = '/dev/null'): number {
  return openSync(path, 'r');
}

/** Reads what is left of a received file, and closes it. */
export function textOfDescriptor(descriptor: Descriptor): string {
  try {
    return readFileSync(descriptor.fd, 'utf8');
  } finally {
    descriptor.close();
  }
}

/** A socket that takes no more. */
export interface Full {
  /** The number whose transfer waits. */
  readonly fd: number;
  /** Receives and closes, at the other end, all that the socket was filled with. */
  drain(other: Conduit): Promise<void>;
}

/** Transfers until the socket takes no more: the last transfer waits. Nothing may be received meanwhile. */
export async function fill(conduit: Conduit): Promise<Full> {
  const transfers: Promise<void>[] = [];
  const drain = async (other: Conduit): Promise<void> => {
    for (const transfer of transfers) {
      (await other.receive()).close();
      await transfer;
    }
  };
  for (;;) {
    const fd = openFd();
    let isDone = false;
    const transfer = conduit.transferFd(fd).then(() => {
      isDone = true;
    });
    transfer.catch(() => undefined);
    transfers.push(transfer);
    await new Promise(setImmediate);
    if (!isDone) {
      return { fd, drain };
    }
  }
}
