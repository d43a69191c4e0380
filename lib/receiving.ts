import { addressOf, type UnixAddress } from './address.js';
import { WOULD_BLOCK } from './call.js';
import type { Channel } from './channel.js';
import { DescriptorList } from './descriptor-list.js';
import { EAGAIN } from './errno.js';
import {
  type BadCtrlMesgError,
  conduitError,
  type FailedTransferError,
  failedTransfer,
} from './errors.js';
import { bytesIn, isBytes, type Memory } from './io-vector.js';
import { type Credentials, Message } from './message.js';
import {
  ARRIVED,
  CONTROL_TRUNCATED,
  FIRST_FD,
  FLAGS,
  GID,
  HAS_CREDENTIALS,
  HAS_PIDFD,
  IS_END,
  KEPT,
  OUT_OF_SLOTS,
  PAYLOAD_TRUNCATED,
  PID,
  PIDFD,
  registers,
  transport,
} from './native.js';
import { ANOTHER_KIND } from './transport.js';

const NONE: readonly number[] = [];
const CUT = PAYLOAD_TRUNCATED | CONTROL_TRUNCATED;

/**
 * Receives one message into `memory` and does not wait. Answers its bytes; the registers tell the
 * rest, and the numbers there are held. Throws, with all that came closed, where it is not whole
 * or brought more than `max`.
 */
export function receiveNow(
  channel: Channel,
  memory: Memory,
  max: number,
): number | typeof WOULD_BLOCK {
  const bytesRead = receiveAnyNow(channel, memory, max);
  if (bytesRead === WOULD_BLOCK) {
    return WOULD_BLOCK;
  }
  const flags = registers[FLAGS] as number;
  const arrived = registers[ARRIVED] as number;
  if ((flags & CUT) !== 0 || arrived > max) {
    throw refused(flags, { bytesRead, arrived, max, memory });
  }
  return bytesRead;
}

/** The same of any message: of one that brought more than `max`, or is not whole, all is closed. */
export function receiveAnyNow(
  channel: Channel,
  memory: Memory,
  max: number,
): number | typeof WOULD_BLOCK {
  const { slot } = channel;
  const bytesRead = isBytes(memory)
    ? transport.receive(slot, memory, max, registers)
    : transport.receiveVec(slot, memory, max, registers);
  if (bytesRead === EAGAIN) {
    return WOULD_BLOCK;
  }
  if (bytesRead < 0) {
    throw notReceived(bytesRead);
  }
  return bytesRead;
}

/**
 * Receives the number of a message's only descriptor, held, and does not wait. Nothing where it is
 * another kind of message: `receiveNow` tells of it.
 */
export function receiveOneNow(channel: Channel): number | typeof WOULD_BLOCK | undefined {
  const held = transport.receiveOne(channel.slot);
  if (held >= 0) {
    return held;
  }
  if (held === EAGAIN) {
    return WOULD_BLOCK;
  }
  if (held === ANOTHER_KIND) {
    return undefined;
  }
  throw notReceived(held);
}

/**
 * Receives the messages that wait, of one descriptor each and at most `max`, and does not wait.
 * Nothing where the first is another kind of message: `receiveNow` tells of it.
 */
export function receiveEachNow(
  channel: Channel,
  max: number,
): DescriptorList | typeof WOULD_BLOCK | undefined {
  const came = transport.receiveEach(channel.slot, max, registers);
  if (came === EAGAIN) {
    return WOULD_BLOCK;
  }
  if (came < 0) {
    throw notReceived(came);
  }
  if (came === 0) {
    return undefined;
  }
  return new DescriptorList(numbersIn(0, came));
}

/** The number of the only descriptor of a message that `receiveNow` has just received, or none. */
export function onlyHeld(): number | undefined {
  return registers[KEPT] === 1 ? registers[FIRST_FD] : undefined;
}

/** The numbers of the message that `receiveNow` has just received: copied, as the registers are used again. */
export function heldNumbers(): number[] {
  return numbersIn(FIRST_FD, registers[KEPT] as number);
}

/** So many numbers from the registers, from `first` on: copied. */
export function numbersIn(first: number, count: number): number[] {
  const numbers = new Array<number>(count);
  for (let index = 0; index < count; index += 1) {
    numbers[index] = registers[first + index] as number;
  }
  return numbers;
}

/** Whether `receiveNow` has just found the end. */
export function isEnd(): boolean {
  return ((registers[FLAGS] as number) & IS_END) !== 0;
}

/** The message that `receiveNow` has just received. */
export function messageOf(channel: Channel, bytesRead: number): Message {
  const flags = registers[FLAGS] as number;
  const kept = registers[KEPT] as number;
  const held = kept === 0 ? NONE : heldNumbers();
  const from = channel.type === 'dgram' ? sender(channel) : undefined;
  return new Message(bytesRead, {
    held,
    isEnd: (flags & IS_END) !== 0,
    credentials: (flags & HAS_CREDENTIALS) !== 0 ? credentialsIn(PID) : undefined,
    pidfd: (flags & HAS_PIDFD) !== 0 ? registers[PIDFD] : undefined,
    from,
  });
}

/** Credentials as the native side writes them, from the register `first` on. */
export function credentialsIn(first: number): Credentials {
  const [pid = 0, uid = 0, gid = 0] = registers.subarray(first, first + GID - PID + 1);
  return { pid, uid: uid >>> 0, gid: gid >>> 0 };
}

function sender(channel: Channel): UnixAddress | undefined {
  const from = addressOf((buffer) => channel.native.lastFrom(buffer));
  return typeof from === 'number' ? undefined : from;
}

/** The error of a message whose descriptors are not what was asked for. */
export function badCtrlMesg(
  reason: BadCtrlMesgError['reason'],
  message: string,
  bytesRead: number,
  descriptorsReceived: number,
): BadCtrlMesgError {
  return conduitError('BadCtrlMesg', message, {
    code: 'ERR_BAD_CTRL_MESG',
    reason,
    bytesRead,
    descriptorsReceived,
  });
}

function notReceived(errno: number): FailedTransferError {
  return failedTransfer('No message could be received', errno, 'recvmsg');
}

interface Arrival {
  readonly bytesRead: number;
  readonly arrived: number;
  readonly max: number;
  readonly memory: Memory;
}

function refused(flags: number, { bytesRead, arrived, max, memory }: Arrival) {
  if ((flags & CONTROL_TRUNCATED) !== 0) {
    return truncated(bytesRead, arrived, (flags & OUT_OF_SLOTS) !== 0);
  }
  if (arrived > max) {
    const message = `The message brought ${arrived} descriptors where ${max} were allowed; all are closed`;
    return badCtrlMesg('too-many', message, bytesRead, arrived);
  }
  const bufferBytes = bytesIn(memory);
  return conduitError(
    'PacketTooLarge',
    `A packet of ${bytesRead} bytes came for buffers of ${bufferBytes}; it is lost, and its ${arrived} descriptors are closed: read with larger buffers`,
    { code: 'EMSGSIZE', packetBytes: bytesRead, bufferBytes, descriptorsReceived: arrived },
  );
}

function truncated(bytesRead: number, arrived: number, outOfSlots: boolean): BadCtrlMesgError {
  const why = outOfSlots
    ? 'this process has no free descriptor slot (close some, or raise RLIMIT_NOFILE)'
    : 'the kernel cut its control message';
  return conduitError(
    'BadCtrlMesg',
    `Some of the message's descriptors are lost, as ${why}; the ${arrived} that arrived are closed`,
    {
      code: outOfSlots ? 'EMFILE' : 'ERR_BAD_CTRL_MESG',
      reason: 'truncated',
      bytesRead,
      descriptorsReceived: arrived,
    },
  );
}
