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

/**
 * Transfers until the socket takes no more: the last one waits. Nobody may have received
 * anything. Answers what was started, in order.
 */
export async function fill(conduit: Conduit): Promise<Promise<void>[]> {
  const transfers: Promise<void>[] = [];
  for (;;) {
    let isDone = false;
    const transfer = conduit.transferFd(openFd()).then(() => {
      isDone = true;
    });
    transfer.catch(() => undefined);
    transfers.push(transfer);
    await new Promise(setImmediate);
    if (!isDone) {
      return transfers;
    }
  }
}
