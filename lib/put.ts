import { isFd, wrongType, wrongValue } from './argument.js';
import { type CallOptions, promised } from './call.js';
import type { Channel } from './channel.js';
import { FILLER } from './filler.js';
import { MAX_DESCRIPTORS } from './native.js';
import { nothing, Sending, sentAtOnce } from './sending.js';
import { SendingEach } from './sending-each.js';
import type { Descriptive } from './source.js';
import { Sources } from './sources.js';
import { channelOfVia, type Via } from './via.js';

const DONE = Promise.resolve();

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
 * Ownership: all stay open and the caller's. Where it rejects, the error's `descriptorsSent` tells
 * how many of the first have left (none, where it is missing).
 *
 * @param via as in {@link put}.
 * @param handles at most 253, as in {@link put}. None sends nothing.
 * @param options `signal`; `timeoutMs` in milliseconds.
 * @throws as {@link put}.
 * Platforms: Linux, macOS, FreeBSD. Source: sendmmsg(2).
 *
 * @example
 * const [here, there] = Conduit.pair();
 * await putEach(here, [process.stdin.fd, process.stdout.fd]); // both are open here still
 * for (const descriptor of await there.receiveBatch()) {
 *   console.log(descriptor.kind);
 *   descriptor.close();
 * }
 * here.close();
 * there.close();
 */
export function putEach(
  via: Via,
  handles: readonly Descriptive[],
  options: CallOptions = {},
): Promise<void> {
  return promised(() => {
    const channel = channelOfVia(via);
    return new SendingEach(channel, sourcesOf(handles)).perform(options);
  });
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
