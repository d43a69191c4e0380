// A program with few descriptor slots, which its first argument tells what to do without any. It
// prints what that came to, whether exactly what was open before is open afterwards, and whether
// the same works again as soon as there are slots.
import { closeSync, openSync } from 'node:fs';
import { Conduit, Descriptor, get, put, putEach, socketPair } from 'fd-conduit';
import { isOpen, openDescriptors } from '../support/descriptors.js';
import { fillSlots, freeSlots } from '../support/slots.js';
import { warmUp } from '../support/warm-up.js';

const [, , scenario = '', path = ''] = process.argv;
const open = (): number => openSync('/dev/null', 'r');

/** What an error says of itself, and what a scenario adds. */
interface Outcome {
  readonly type?: unknown;
  readonly code?: unknown;
  readonly syscall?: unknown;
  readonly [field: string]: unknown;
}

async function outcomeOf(work: () => unknown): Promise<Outcome> {
  try {
    await work();
    return { type: 'none' };
  } catch (error) {
    const { type, code, syscall } = error as Outcome;
    return { type, code, syscall };
  }
}

/** Does it without a slot, and again with some. */
async function starved(work: () => unknown, free = 0): Promise<Outcome> {
  const filled = fillSlots(free);
  const outcome = await outcomeOf(work);
  freeSlots(filled);
  return { ...outcome, again: (await outcomeOf(work)).type };
}

const scenarios: Record<string, () => Promise<Outcome>> = {
  pair: () =>
    starved(() => {
      for (const end of Conduit.pair()) {
        end.close();
      }
    }),
  listen: () => starved(() => Conduit.listen(path).close()),
  async connect() {
    using server = Conduit.listen(path);
    return await starved(async () => (await Conduit.connect(server.path)).close());
  },
  async tryAccept() {
    using server = Conduit.listen(path);
    using client = await Conduit.connect(path);
    const outcome = await starved(async () => (await server.accept()).close());
    return { ...outcome, client: client.isClosed };
  },
  async fromFd() {
    using one = socketPair()[0];
    return await starved(() => Conduit.fromFd(one.fd).close());
  },
  async 'transfer that has to wait'() {
    const [one, other] = socketPair();
    while (one.tryWrite(Buffer.alloc(1 << 16)) !== undefined);
    const fd = open();
    const filled = fillSlots(0);
    const failed = await outcomeOf(() => put(one, [fd]));
    freeSlots(filled);
    const isKept = isOpen(fd);
    const waiting = put(one, [fd]);
    for (let buffer = Buffer.alloc(1 << 20), more = true; more; ) {
      more = other.tryRead(buffer, { maxDescriptors: 1 }) !== undefined;
    }
    const again = await outcomeOf(() => waiting);
    closeSync(fd);
    one.close();
    other.close();
    return { ...failed, isKept, again: again.type };
  },
  async batch() {
    const [one, other] = Conduit.pair();
    await putEach(one, new Array(20).fill(2));
    const filled = fillSlots(5);
    const first = await other.receiveBatch();
    const { count } = first;
    first.close();
    freeSlots(filled);
    const told = await outcomeOf(() => other.receiveBatch());
    const rest = await other.receiveBatch();
    const outcome = { ...told, first: count, rest: rest.count };
    rest.close();
    one.close();
    other.close();
    return outcome;
  },
  async 'batch behind a large message'() {
    const [one, other] = Conduit.pair();
    await put(one, new Array(30).fill(2));
    await putEach(one, new Array(10).fill(2));
    const filled = fillSlots(20);
    const told = await outcomeOf(() => other.receiveBatch({ max: 10 }));
    const rest = await other.receiveBatch({ max: 10 });
    const outcome = { ...told, rest: rest.count };
    rest.close();
    freeSlots(filled);
    one.close();
    other.close();
    return outcome;
  },
  async 'receive files'() {
    const [one, other] = socketPair();
    await put(one, [0, 0]);
    const outcome = await starved(async () => {
      for (const file of await get(other, 2)) {
        await file.close();
      }
    });
    one.close();
    other.close();
    return outcome;
  },
  async 'receive files, one slot short'() {
    const [one, other] = socketPair();
    await put(one, [0, 0]);
    const outcome = await starved(async () => {
      for (const file of await get(other, 2)) {
        await file.close();
      }
    }, 1);
    one.close();
    other.close();
    return outcome;
  },
  async toFileHandle() {
    const descriptor = Descriptor.adopt(open());
    const outcome = await starved(async () => (await descriptor.toFileHandle()).close());
    return { ...outcome, isClosed: descriptor.isClosed };
  },
  /** What does not fit is lost in the kernel, and told; what had been sent before and behind it is not. */
  async receive() {
    const [one, other] = socketPair({ type: 'seqpacket' });
    const read = (): Promise<unknown> =>
      other.read(Buffer.alloc(8), { maxDescriptors: 3 }).then((message) => message.close());
    await one.write(Buffer.from('first'), { descriptors: [0, 0, 0] });
    await one.write(Buffer.from('second'), { descriptors: [0, 0, 0] });
    const outcome = await starved(read, 2);
    one.close();
    other.close();
    return outcome;
  },
  /** More in flight than this process may have open: for a user without privileges only. */
  async 'too many in flight'() {
    if (process.getuid?.() === 0) {
      // A user of its own, as what is in flight counts for the user.
      process.setgid?.(60_000);
      process.setuid?.(60_000 + (process.pid % 5000));
    }
    const [one, other] = socketPair();
    const fds = Array.from({ length: 10 }, open);
    let inFlight = 0;
    let outcome: Outcome = { type: 'none' };
    while (outcome.type === 'none' && inFlight < 1000) {
      outcome = await outcomeOf(() => one.write(Buffer.from('x'), { descriptors: fds }));
      inFlight += 10;
    }
    const areKept = fds.every(isOpen);
    const buffer = Buffer.alloc(1);
    for (let left = inFlight - 10; left > 0; left -= 10) {
      (await other.read(buffer, { maxDescriptors: 10 })).close();
    }
    const again = await outcomeOf(() => one.write(Buffer.from('x'), { descriptors: fds }));
    fds.forEach((fd) => {
      closeSync(fd);
    });
    one.close();
    other.close();
    return { ...outcome, areKept, again: again.type };
  },
};

async function main(): Promise<void> {
  // What all share is opened by the first use.
  await warmUp();
  const filled = fillSlots(3);
  freeSlots(filled);
  const before = openDescriptors();
  const outcome = await scenarios[scenario]?.();
  for (let turn = 0; turn < 100 && openDescriptors().join() !== before.join(); turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 5));
    global.gc?.();
  }
  const isExact = openDescriptors().join() === before.join();
  const left = isExact ? {} : { before, after: openDescriptors() };
  process.stdout.write(JSON.stringify({ ...outcome, isExact, ...left }));
}

void main();
