/**
 * Passes open file descriptors between processes over Unix domain sockets.
 *
 * @packageDocumentation
 */
export type { UnixAddress } from './lib/address.js';
export type { BatchOptions } from './lib/batch.js';
export { supported } from './lib/binary.js';
export type { CallOptions } from './lib/call.js';
export { Conduit, type ConduitOptions } from './lib/conduit.js';
export { ConduitServer } from './lib/conduit-server.js';
export { closeDescriptors, Descriptor, type DescriptorKind } from './lib/descriptor.js';
export { DescriptorList } from './lib/descriptor-list.js';
export {
  type AbortedError,
  type BadCloneError,
  type BadCtrlMesgError,
  type ClosedError,
  type ConduitError,
  type ConduitErrorType,
  type EndOfStreamError,
  type FailedAcceptError,
  type FailedCallError,
  type FailedCloseError,
  type FailedConnectError,
  type FailedListenError,
  type FailedTransferError,
  type InvalidArgumentError,
  isConduitError,
  type NoFDError,
  type PacketTooLargeError,
  type Progress,
  type SystemFields,
  type TimeoutError,
  type UnknownError,
  type UnreadDataError,
  type UnsupportedError,
} from './lib/errors.js';
export { type GetOptions, get, type NamedFileHandle } from './lib/get.js';
export { type Buffers, IoVector } from './lib/io-vector.js';
export { type Credentials, Message } from './lib/message.js';
export type { Transferable } from './lib/passage.js';
export { put, putEach } from './lib/put.js';
export {
  type LinuxOptionName,
  type OptionConstants,
  type OptionName,
  optionConstants,
} from './lib/socket-options.js';
export type { SocketType } from './lib/socket-type.js';
export type { Descriptive, Owner } from './lib/source.js';
export { StreamServer, type StreamServerOptions } from './lib/stream-server.js';
export { StreamSocket } from './lib/stream-socket.js';
export { type BindOptions, type ListenOptions, UnixServer } from './lib/unix-server.js';
export {
  type ConnectOptions,
  type ReadLimits,
  type ReadOptions,
  type SyncOptions,
  socketPair,
  UnixSocket,
  type WriteExtras,
  type WriteOptions,
} from './lib/unix-socket.js';
export type { Via } from './lib/via.js';
