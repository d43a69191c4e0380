import type { FileHandle } from 'node:fs/promises';
import { wrongType, wrongValue } from './argument.js';
import { type BatchOptions, batchSize } from './batch.js';
import { type CallOptions, promised, WOULD_BLOCK, type Work } from './call.js';
import type { Channel } from './channel.js';
import { type Descriptor, keepDescriptor } from './descriptor.js';
import { DescriptorList } from './descriptor-list.js';
import { conduitError, isConduitError } from './errors.js';
import { receiveFiles } from './file-receiving.js';
import { FILLER, FILLER_READ } from './filler.js';
import { MAX_DESCRIPTORS } from './native.js';
import type { Passage } from './passage.js';
import {
  badCtrlMesg,
  isEnd,
  onlyHeld,
  receiveEachNow,
  receiveNow,
  receiveOneNow,
} from './receiving.js';
import { nothing, Sending } from './sending.js';
import { SendingEach } from './sending-each.js';
import { Sources } from './sources.js';

/** Sends one descriptor and has its owner let go of it; where that fails, the owner keeps it. */
export async function transfer(
  channel: Channel,
  passage: Passage,
  options: CallOptions,
): Promise<void> {
  const { gate } = passage;
  const message = { payload: FILLER, sources: Sources.from([passage]), gate, whole: true };
  const sending = new Sending(channel, message, nothing);
  try {
    await channel.perform('outgoing', sending, options);
  } catch (error) {
    if (!isConduitError(error) || error.type !== 'FailedClose') {
      passage.kept?.();
    }
    throw error;
  }
}

/** The same for many, one a message. */
export async function transferEach<T>(
  channel: Channel,
  list: readonly T[],
  passageOf: (what: T) => Passage,
  options: CallOptions,
): Promise<void> {
  checkList(list);
  const passages: Passage[] = [];
  let sending: SendingEach | undefined;
  try {
    for (const what of list) {
      passages.push(passageOf(what));
    }
    const gates = passages.flatMap(({ gate }) => gate ?? []);
    sending = new SendingEach(channel, Sources.from(passages), gates);
    await sending.perform(options);
  } catch (error) {
    for (const passage of passages.slice(sending?.sent ?? 0)) {
      passage.kept?.();
    }
    throw error;
  }
}

/** Receives the next message's only descriptor, again and again. `name` is the conduit's. */
export class ReceivingOne implements Work<Descriptor> {
  readonly #channel: Channel;
  readonly #name: string;

  constructor(channel: Channel, name: string) {
    this.#channel = channel;
    this.#name = name;
  }

  attempt(): Descriptor | typeof WOULD_BLOCK {
    const held = receiveOneNow(this.#channel) ?? receiveOther(this.#channel, this.#name);
    return held === WOULD_BLOCK ? WOULD_BLOCK : keepDescriptor(held);
  }
}

/** The same, as a `FileHandle`. */
export async function receiveFile(
  channel: Channel,
  name: string,
  options: CallOptions,
): Promise<FileHandle> {
  const take = (bytesRead: number): number[] => [only(bytesRead, name)];
  const [file] = await receiveFiles(channel, 1, take, options);
  return file as FileHandle;
}

/** Receives the descriptors of all messages that wait, at least one. */
export function receiveBatch(
  channel: Channel,
  name: string,
  options: BatchOptions,
): Promise<DescriptorList> {
  return promised(() => {
    const work = new ReceivingEach(channel, name, batchSize(options));
    return channel.perform('incoming', work, options);
  });
}

class ReceivingEach implements Work<DescriptorList> {
  readonly #channel: Channel;
  readonly #name: string;
  readonly #max: number;

  constructor(channel: Channel, name: string, max: number) {
    this.#channel = channel;
    this.#name = name;
    this.#max = max;
  }

  attempt(): DescriptorList | typeof WOULD_BLOCK {
    const batch = receiveEachNow(this.#channel, this.#max);
    if (batch !== undefined) {
      return batch;
    }
    const held = receiveOther(this.#channel, this.#name);
    return held === WOULD_BLOCK ? WOULD_BLOCK : new DescriptorList([held]);
  }
}

/** What `receive` answers again and again, until the end. */
export async function* untilEnd<T>(receive: () => Promise<T>): AsyncGenerator<T, void, undefined> {
  for (;;) {
    let received: T;
    try {
      received = await receive();
    } catch (error) {
      if (isConduitError(error) && error.type === 'EndOfStream') {
        return;
      }
      throw error;
    }
    yield received;
  }
}

/** Where it is no plain message, throws what it is. */
function receiveOther(channel: Channel, name: string): number | typeof WOULD_BLOCK {
  const bytesRead = receiveNow(channel, FILLER_READ, 1);
  return bytesRead === WOULD_BLOCK ? WOULD_BLOCK : only(bytesRead, name);
}

/** The descriptor of the message that has just come. */
function only(bytesRead: number, name: string): number {
  const held = onlyHeld();
  if (held !== undefined) {
    return held;
  }
  if (isEnd()) {
    const message = `The peer has closed its end of the conduit ${name}`;
    throw conduitError('EndOfStream', message, { code: 'ERR_END_OF_STREAM' });
  }
  throw badCtrlMesg('none', 'A message came without a descriptor', bytesRead, 0);
}

function checkList(list: unknown): void {
  if (!Array.isArray(list)) {
    throw wrongType('list', 'an array', list);
  }
  if (list.length > MAX_DESCRIPTORS) {
    throw wrongValue('list', `At most ${MAX_DESCRIPTORS} are transferred by one call: use several`);
  }
  const numbers = list.filter((what) => typeof what === 'number');
  if (new Set(numbers).size < numbers.length) {
    throw wrongValue(
      'list',
      'A number is in the list twice, and would be closed twice: transfer a duplicate, or put it',
    );
  }
}
