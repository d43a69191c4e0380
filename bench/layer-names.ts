/** The layers in the order in which one stands on the other, by their series. */
export const LAYERS: readonly (readonly [series: string, words: string])[] = [
  ['system-calls', 'the system calls alone, in C'],
  ['call', 'a native call that does nothing'],
  ['native', 'native send, receive, close'],
  ['try', 'tryWrite, tryRead, close'],
  ['await', 'await write, await read, close'],
  ['conduit', 'await put, await receive, close'],
  ['event-loop', 'the same, through the event loop'],
  ['batch', 'putEach, receiveBatch, 64 a call'],
];
