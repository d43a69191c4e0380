import type { FileHandle } from 'node:fs/promises';
import type { Socket } from 'node:net';
import { checkInteger, checkOptions, wrongType, wrongValue } from './argument.js';
import { type CallOptions, WOULD_BLOCK, type Work } from './call.js';
import type { Channel } from './channel.js';
import { closeDescriptors, type Descriptor, keepDescriptor } from './descriptor.js';
import { conduitError } from './errors.js';
import { receiveFiles } from './file-receiving.js';
import { FILLER_READ } from './filler.js';
import { closeHeld, MAX_DESCRIPTORS } from './native.js';
import { badCtrlMesg, heldNumbers, isEnd, receiveNow } from './receiving.js';
import { channelOfVia, type Via } from './via.js';

/** A received file with the name that the receiver gave it, as Go's `os.File` has. */
export type NamedFileHandle = FileHandle & { readonly name?: string };

/** What `get` makes of the descriptors. */
export interface GetOptions<As extends 'file' | 'descriptor' | 'socket'> extends CallOptions {
  /** `'file'`: a `FileHandle` each (the default); `'descriptor'`: a {@link Descriptor}; `'socket'`: a `net.Socket`. */
  readonly as?: As;
  /** Names for the first of the `FileHandle`s, at most as many as come. */
  readonly names?: readonly string[];
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
