import type { FileHandle } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { checkInteger, checkOptions, isFd, wrongType, wrongValue } from './argument.js';
import { isNetSocket } from './built-ins.js';
import { type CallOptions, promised, WOULD_BLOCK, type Work } from './call.js';
import type { Channel } from './channel.js';
import { Conduit, socketOfConduit } from './conduit.js';
import { closeDescriptors, type Descriptor, keepDescriptor } from './descriptor.js';
import { conduitError } from './errors.js';
import { receiveFiles } from './file-receiving.js';
import { FILLER, FILLER_READ } from './filler.js';
import { closeHeld, MAX_DESCRIPTORS } from './native.js';
import { badCtrlMesg, heldNumbers, isEnd, receiveNow } from './receiving.js';
import { nothing, Sending, sentAtOnce } from './sending.js';
import { SendingEach } from './sending-each.js';
import { channelOf } from './socket-base.js';
import type { Descriptive } from './source.js';
import { Sources } from './sources.js';
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

const DONE = Promise.resolve();

const takenOver = new WeakMap<Socket, UnixSocket>();

/**
 * Sends descriptors in one message.
 *
 * Ownership: all stay open and the caller's, also where it rejects; the other side gets duplicates.
 * A `net.Socket` that is put goes on reading here: pause or destroy it.
 *
 * @param via a connected Unix socket. A `net.Socket` as `via` reads nothing more from then on.
 * @param handles at most 253: numbers, `FileHandle`s, `net.Socket`s, `net.Server`s, or objects of
 * this library. None sends nothing.
 * @throws `FailedTransfer` where the message cannot be sent; `NoFD`, `BadClone`, `Closed`,
 * `Aborted`, `Timeout`, `InvalidArgument`.
 * Source: `fd.Put(via, files...)` of Go's github.com/ftrvxmtrx/fd.
 *
 * @example
 * const [here, there] = socketPair();
 * const file = await open('notes.txt');
 * await put(here, [file]);
 * const [received] = await get(there, 1, { names: ['notes'] });
 * console.log(received.name, await received.readFile('utf8'));
 * await file.close();
 * await received.close();
 * here.close();
 * there.close();
 */
export function put(
  via: Via,
  handles: readonly Descriptive[],
  options?: CallOptions,
): Promise<void> {
  try {
    const channel = channelOfVia(via);
    // Mostly it is one number, and there is room for it.
    if (options === undefined && isOneNumber(handles) && sentAtOnce(channel, handles[0])) {
      return DONE;
    }
    return putWhole(channel, sourcesOf(handles), options);
  } catch (error) {
    return Promise.reject(error);
  }
}

function isOneNumber(handles: readonly Descriptive[]): handles is readonly [number] {
  return Array.isArray(handles) && handles.length === 1 && isFd(handles[0]);
}

function putWhole(channel: Channel, sources: Sources, options: CallOptions = {}): Promise<void> {
  if (sources.length === 0) {
    return DONE;
  }
  const message = { payload: FILLER, sources, whole: true };
  return channel.perform('outgoing', new Sending(channel, message, nothing), options);
}

/**
 * Sends each of many descriptors in a message of its own, by few system calls.
 *
 * Ownership: all stay open and the caller's. Where it rejects, `descriptorsSent` tells how many of
 * the first have left.
 *
 * @param via as in {@link put}.
 * @param handles at most 253.
 * @throws as {@link put}.
 */
export function putEach(
  via: Via,
  handles: readonly Descriptive[],
  options: CallOptions = {},
): Promise<void> {
  return promised(() => {
    const channel = channelOfVia(via);
    const sending = new SendingEach(channel, sourcesOf(handles));
    return channel.perform('outgoing', sending, options);
  });
}

/**
 * Receives the expected number of descriptors in one message.
 *
 * Ownership: the returned objects', which are the caller's. Where it rejects, all that came are
 * closed: unlike in Go, no descriptor is ever returned beside an error.
 *
 * @param via as in {@link put}.
 * @param count 0 to 253. None receives nothing.
 * @param options `as`: what each becomes; `names` for the `FileHandle`s; `signal`; `timeoutMs` in
 * milliseconds. Given up, the message waits in the socket for the next call.
 * @throws `BadCtrlMesg` where too few or too many came; `EndOfStream`; `FailedTransfer`; `BadClone`
 * where one cannot become what `as` asks for; `Closed`, `Aborted`, `Timeout`, `InvalidArgument`.
 * Source: `fd.Get(via, num, filenames)` of Go's github.com/ftrvxmtrx/fd.
 *
 * @example
 * const [here, there] = socketPair();
 * const server = net.createServer().listen(0);
 * await put(here, [server, process.stdout.fd]);
 * const descriptors = await get(there, 2, { as: 'descriptor' });
 * console.log(descriptors[0].kind); // tcp-server
 * closeDescriptors(descriptors);
 * for (const each of [server, here, there]) each.close();
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
    const files = await receiveFiles(channel, count, exactly(count), options);
    return files.map((file, index) => named(file, names[index]));
  }
  const descriptors = (await receive(channel, count, options)).map(keepDescriptor);
  return as === 'descriptor' ? descriptors : toNetSockets(descriptors);
}

function receive(channel: Channel, count: number, options: CallOptions): Promise<number[]> {
  const take = exactly(count);
  const work: Work<number[]> = {
    attempt() {
      const bytesRead = receiveNow(channel, FILLER_READ, count);
      return bytesRead === WOULD_BLOCK ? WOULD_BLOCK : take(bytesRead);
    },
  };
  return channel.perform('incoming', work, options);
}

/** The held numbers of the message that has just come, if they are as many as expected. */
function exactly(count: number): (bytesRead: number) => number[] {
  return (bytesRead) => {
    if (isEnd()) {
      throw conduitError('EndOfStream', 'The peer has closed its end', {
        code: 'ERR_END_OF_STREAM',
      });
    }
    const held = heldNumbers();
    if (held.length < count) {
      closeHeld(held);
      throw badCtrlMesg(
        held.length === 0 ? 'none' : 'too-few',
        `The message brought ${held.length} descriptors where ${count} were expected; all are closed`,
        bytesRead,
        held.length,
      );
    }
    return held;
  };
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
    closeDescriptors(descriptors);
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

function sourcesOf(handles: readonly Descriptive[]): Sources {
  if (!Array.isArray(handles)) {
    throw wrongType('handles', 'an array', handles);
  }
  if (handles.length > MAX_DESCRIPTORS) {
    throw wrongValue(
      'handles',
      `At most ${MAX_DESCRIPTORS} descriptors are put by one call, and these are ${handles.length}: use several`,
    );
  }
  return Sources.of(handles);
}

function channelOfVia(via: Via): Channel {
  if (via instanceof UnixSocket) {
    return channelOf(via);
  }
  if (via instanceof Conduit) {
    return channelOf(socketOfConduit(via));
  }
  if (!isNetSocket(via)) {
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
