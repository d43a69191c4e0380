/**
 * Passes open file descriptors between processes over Unix domain sockets.
 *
 * @packageDocumentation
 */
export type { CallOptions } from './lib/call.js';
export { Conduit, type ConduitOptions } from './lib/conduit.js';
export { ConduitServer } from './lib/conduit-server.js';
export { Descriptor } from './lib/descriptor.js';
export {
  type AbortedError,
  type BadCloneError,
  type BadCtrlMesgError,
  type ClosedError,
  type ConduitError,
  type ConduitErrorType,
  type EndOfStreamError,
  type FailedAcceptError,
  type FailedCloseError,
  type FailedConnectError,
  type FailedListenError,
  type FailedTransferError,
  type InvalidArgumentError,
  isConduitError,
  type NoFDError,
  type Progress,
  type SystemFields,
  type TimeoutError,
  type UnknownError,
  type UnreadDataError,
  type UnsupportedError,
} from './lib/errors.js';
export type { Transferable } from './lib/passage.js';
export type { ListenOptions } from './lib/unix-server.js';
