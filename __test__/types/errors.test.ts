import test from 'ava';
import type { ConduitError, ConduitErrorType } from 'fd-conduit';
import { Conduit, isConduitError } from 'fd-conduit';
import { thrown } from '../support/errors.js';

/** Compiles only where every type of the union has its case, and each case its own fields. */
function describe(error: ConduitError): string {
  switch (error.type) {
    case 'NoFD':
      return error.code satisfies 'ERR_NO_FD';
    case 'FailedTransfer':
      return `${error.code} ${error.errno} ${error.syscall} ${error.bytesWritten} ${error.descriptorsSent}`;
    case 'FailedClose':
    case 'BadClone':
    case 'FailedAccept':
    case 'FailedCall':
      return `${error.code} ${error.errno} ${error.syscall}`;
    case 'BadCtrlMesg':
      return `${error.code} ${error.reason} ${error.bytesRead} ${error.descriptorsReceived}`;
    case 'Unknown':
      return error.code satisfies 'ERR_UNKNOWN';
    case 'Closed':
      return error.code satisfies 'EBADF';
    case 'EndOfStream':
      return error.code satisfies 'ERR_END_OF_STREAM';
    case 'Timeout':
      return `${error.code satisfies 'ETIMEDOUT'} ${error.timeoutMs} ${error.bytesWritten}`;
    case 'Aborted':
      return `${error.name satisfies 'AbortError'} ${error.code satisfies 'ABORT_ERR'}`;
    case 'InvalidArgument':
      return `${error.code} ${error.argument}`;
    case 'UnreadData':
      return `${error.code satisfies 'ERR_UNREAD_DATA'} ${error.bytes}`;
    case 'FailedConnect':
    case 'FailedListen':
      return `${error.code} ${error.errno} ${error.syscall} ${error.address}`;
    case 'PacketTooLarge':
      return `${error.code} ${error.packetBytes} ${error.bufferBytes} ${error.descriptorsReceived}`;
    case 'Unsupported':
      return error.code satisfies 'ERR_UNSUPPORTED';
    default:
      return error satisfies never;
  }
}

/** Every type, once: a missing one and a wrong one do not compile. */
const TYPES: Record<ConduitErrorType, true> = {
  NoFD: true,
  FailedTransfer: true,
  FailedClose: true,
  BadClone: true,
  BadCtrlMesg: true,
  Unknown: true,
  Closed: true,
  EndOfStream: true,
  Timeout: true,
  Aborted: true,
  InvalidArgument: true,
  UnreadData: true,
  FailedConnect: true,
  FailedListen: true,
  FailedAccept: true,
  PacketTooLarge: true,
  FailedCall: true,
  Unsupported: true,
};

test("the union holds the six types of Go's package by their names", (t) => {
  const six: ConduitErrorType[] = [
    'Unknown',
    'NoFD',
    'FailedTransfer',
    'FailedClose',
    'BadClone',
    'BadCtrlMesg',
  ];
  t.true(six.every((type) => TYPES[type]));
});

test('a switch over the type is exhaustive, and knows the fields of each', (t) => {
  const errors: ConduitError[] = [
    thrown(t, () => Conduit.fromFd(-1), 'InvalidArgument'),
    thrown(t, () => Conduit.fromFd(1_000_000), 'BadClone'),
  ];
  t.deepEqual(errors.map(describe), ['ERR_OUT_OF_RANGE fd', 'EBADF -9 fcntl']);
});

test('the type is a closed set of literals, and fields belong to their type', (t) => {
  const error: unknown = thrown(t, () => Conduit.fromFd(-1), 'InvalidArgument');
  if (!isConduitError(error)) {
    throw error;
  }
  // @ts-expect-error: there is no such type.
  t.false(error.type === 'Misspelt');
  // @ts-expect-error: not every error has a system call behind it.
  t.is(error.syscall, undefined);
  // @ts-expect-error: what is thrown is read, not changed.
  error.type = 'InvalidArgument';
  const { message, stack }: Error = error;
  t.true(message.length > 0 && stack !== undefined);
});
