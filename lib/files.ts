import type { FileHandle } from 'node:fs/promises';
import { Socket } from 'node:net';
import { checkInteger, checkOptions, wrongType, wrongValue } from './argument.js';
import { type CallOptions, WOULD_BLOCK, type Work } from './call.js';
import type { Channel } from './channel.js';
import { Conduit, socketOfConduit } from './conduit.js';
import { closeDescriptors, type Descriptor, fillPlaceholder } from './descriptor.js';
import { conduitError } from './errors.js';
import type { Message } from './message.js';
import { MAX_DESCRIPTORS } from './native.js';
import { Placeholder } from './node-handles.js';
import { badCtrlMesg, isEnd, messageOf, receiveNow } from './receiving.js';
import { Sending } from './sending.js';
import { channelOf } from './socket-base.js';
import { type Descriptive, sourceOf } from './source.js';
import { takeOver } from './takeover.js';
import { UnixSocket } from './unix-socket.js';

/** What descriptors are put into and got out of. A `net.Socket` is taken over, as by `Conduit.fromSocket`. */
export type Via = UnixSocket | Conduit | Socket;

/** A received file with the name that the receiver gave it, as Go's `os.File` has. */
export type NamedFileHandle = FileHandle & { readonly name?: string };

/** What `get` makes of the descriptors. */
export interface GetOptions<As extends 'file' | 'descriptor' | 'socket'> extends CallOptions {
  /** `'file'`: a `FileHandle` each (the default); `'descriptor'`: a {@link Descriptor}; `'socket'`: a `net.Socket`. */
  readonly as?: As;
  /** Names for the first of the `FileHandle`s, at most as many as come. */
  readonly names?: readonly string[];
}

/** One filler byte, as the Go package sends; any is accepted. */
const FILLER = new Uint8Array(1);
const FILLER_READ = new Uint8Array(1);

const takenOver = new WeakMap<Socket, UnixSocket>();

/**
 * Sends descriptors in one message.
 *
 * Ownership: all stay open and the caller's; the other side gets duplicates.
 *
 * @param via a connected Unix socket. A `net.Socket` reads nothing more from then on.
 * @param handles at most 253: numbers, `FileHandle`s, `net.Socket`s, `net.Server`s, or objects of
 * this library. None sends nothing.
 * @throws `FailedTransfer` where the message cannot be sent; `NoFD`, `BadClone`, `Closed`,
 * `Aborted`, `Timeout`, `InvalidArgument`.
 * Source: `fd.Put(via, files...)` of Go's github.com/ftrvxmtrx/fd.
 *
 * @example
 * await put(socket, [logFile, connection]);
 */
export async function put(
  via: Via,
  handles: readonly Descriptive[],
  options: CallOptions = {},
): Promise<void> {
  const channel = channelOfVia(via);
  if (!Array.isArray(handles)) {
    throw wrongType('handles', 'an array', handles);
  }
  if (handles.length > MAX_DESCRIPTORS) {
    throw wrongValue(
      'handles',
      `A message carries at most ${MAX_DESCRIPTORS} descriptors, and these are ${handles.length}: put them in several messages`,
    );
  }
  const sources = Array.from(handles, sourceOf);
  if (sources.length > 0) {
    const sending = new Sending(channel, { payload: FILLER, sources, whole: true });
    await channel.perform('outgoing', sending, options);
  }
}

/**
 * Receives the expected number of descriptors in one message.
 *
 * Ownership: the returned objects', which are the caller's. Where it rejects, all that came are
 * closed: unlike in Go, no descriptor is ever returned beside an error.
 *
 * @param via as in {@link put}.
 * @param count 0 to 253. None receives nothing.
 * @throws `BadCtrlMesg` where too few or too many came; `EndOfStream`; `FailedTransfer`; `BadClone`
 * where one cannot become what `as` asks for; `Closed`, `Aborted`, `Timeout`, `InvalidArgument`.
 * Source: `fd.Get(via, num, filenames)` of Go's github.com/ftrvxmtrx/fd.
 *
 * @example
 * const [log, connection] = await get(socket, 2, { as: 'descriptor' });
 */
export function get(
  via: Via,
  count: number,
  options?: GetOptions<'file'>,
): Promise<NamedFileHandle[]>;
export function get(
  via: Via,
  count: number,
  options: GetOptions<'descriptor'>,
): Promise<Descriptor[]>;
export function get(via: Via, count: number, options: GetOptions<'socket'>): Promise<Socket[]>;
export async function get(
  via: Via,
  count: number,
  options: GetOptions<'file' | 'descriptor' | 'socket'> = {},
): Promise<NamedFileHandle[] | Descriptor[] | Socket[]> {
  const channel = channelOfVia(via);
  checkInteger(count, 'count', 0, MAX_DESCRIPTORS);
  const { as, names } = checkGetOptions(options, count);
  if (count === 0) {
    return [];
  }
  if (as === 'file') {
    return getFiles(channel, count, options, names);
  }
  using message = await receive(channel, count, options);
  const descriptors = [...message.descriptors];
  return as === 'descriptor' ? descriptors : allOrNone(descriptors, toNetSockets);
}

/** The placeholders are opened first, so that a missing slot leaves the message in the socket. */
async function getFiles(
  channel: Channel,
  count: number,
  options: CallOptions,
  names: readonly string[],
): Promise<NamedFileHandle[]> {
  const opening = openPlaceholders(count);
  try {
    using message = await receive(channel, count, options, opening);
    const placeholders = await opening;
    return allOrNone([...message.descriptors], (descriptors) =>
      descriptors.map((descriptor, index) =>
        named(fillPlaceholder(descriptor, placeholders[index] as Placeholder), names[index]),
      ),
    );
  } catch (error) {
    const placeholders = await opening.catch(() => []);
    await Promise.all(placeholders.map((placeholder) => placeholder.discard()));
    throw error;
  }
}

function receive(
  channel: Channel,
  count: number,
  options: CallOptions,
  gate?: Promise<unknown>,
): Promise<Message> {
  const work: Work<Message> = {
    attempt() {
      const bytesRead = receiveNow(channel, FILLER_READ, count);
      return bytesRead === WOULD_BLOCK ? WOULD_BLOCK : exactly(channel, bytesRead, count);
    },
  };
  return channel.perform('incoming', work, options, gate);
}

function exactly(channel: Channel, bytesRead: number, count: number): Message {
  if (isEnd()) {
    throw conduitError('EndOfStream', 'The peer has closed its end', {
      code: 'ERR_END_OF_STREAM',
    });
  }
  const message = messageOf(channel, bytesRead);
  const came = message.count;
  if (came < count) {
    message.close();
    throw badCtrlMesg(
      came === 0 ? 'none' : 'too-few',
      `The message brought ${came} descriptors where ${count} were expected; all are closed`,
      bytesRead,
      came,
    );
  }
  return message;
}

async function openPlaceholders(count: number): Promise<Placeholder[]> {
  const opened = await Promise.allSettled(Array.from({ length: count }, () => Placeholder.open()));
  const placeholders = opened.flatMap((result) =>
    result.status === 'fulfilled' ? [result.value] : [],
  );
  const failed = opened.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    await Promise.all(placeholders.map((placeholder) => placeholder.discard()));
    throw failed.reason;
  }
  return placeholders;
}

function allOrNone<T>(descriptors: Descriptor[], make: (descriptors: Descriptor[]) => T): T {
  try {
    return make(descriptors);
  } catch (error) {
    closeDescriptors(descriptors);
    throw error;
  }
}

function toNetSockets(descriptors: Descriptor[]): Socket[] {
  const made: Socket[] = [];
  try {
    for (const descriptor of descriptors) {
      made.push(descriptor.toNetSocket());
    }
    return made;
  } catch (error) {
    for (const socket of made) {
      socket.destroy();
    }
    throw error;
  }
}

function named(file: FileHandle, name: string | undefined): NamedFileHandle {
  return name === undefined ? file : Object.defineProperty(file, 'name', { value: name });
}

function checkGetOptions(
  options: GetOptions<'file' | 'descriptor' | 'socket'>,
  count: number,
): { as: 'file' | 'descriptor' | 'socket'; names: readonly string[] } {
  checkOptions(options);
  const { as = 'file', names = [] } = options;
  if (as !== 'file' && as !== 'descriptor' && as !== 'socket') {
    throw wrongValue('options.as', "options.as must be 'file', 'descriptor' or 'socket'");
  }
  if (!Array.isArray(names) || !names.every((name) => typeof name === 'string')) {
    throw wrongType('options.names', 'an array of strings', names);
  }
  if (names.length > count || (names.length > 0 && as !== 'file')) {
    throw wrongValue('options.names', 'Names are for FileHandles, and at most as many as come');
  }
  return { as, names };
}

function channelOfVia(via: Via): Channel {
  if (via instanceof UnixSocket) {
    return channelOf(via);
  }
  if (via instanceof Conduit) {
    return channelOf(socketOfConduit(via));
  }
  if (!(via instanceof Socket)) {
    throw wrongType('via', 'a UnixSocket, a Conduit or a net.Socket', via);
  }
  let clone = takenOver.get(via);
  if (clone === undefined) {
    clone = takeOver(via);
    takenOver.set(via, clone);
    // The clone lives as long as what it was taken from.
    via.once('close', () => takenOver.get(via)?.close());
  }
  return channelOf(clone);
}
