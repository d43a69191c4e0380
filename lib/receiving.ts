import { WOULD_BLOCK, type Work } from './call.js';
import type { Channel } from './channel.js';
import { type Descriptor, keepDescriptor } from './descriptor.js';
import { type BadCtrlMesgError, conduitError, failedTransfer } from './errors.js';
import {
  ARRIVED,
  CONTROL_TRUNCATED,
  FIRST_FD,
  FLAGS,
  KEPT,
  OUT_OF_SLOTS,
  registers,
} from './native.js';
import { EAGAIN } from './sending.js';

/** One received message. Who got it owns its descriptors. */
export interface Message {
  /** How many bytes came; 0 with no descriptors is the end of a stream. */
  readonly bytesRead: number;
  /** The descriptors that came with them. */
  readonly descriptors: Descriptor[];
}

/** One message on its way in. */
export class Receiving implements Work<Message> {
  readonly #channel: Channel;
  readonly #buffer: Uint8Array;
  readonly #maxDescriptors: number;

  constructor(channel: Channel, buffer: Uint8Array, maxDescriptors: number) {
    this.#channel = channel;
    this.#buffer = buffer;
    this.#maxDescriptors = maxDescriptors;
  }

  attempt(): Message | typeof WOULD_BLOCK {
    const bytesRead = this.#channel.native.receive(this.#buffer, this.#maxDescriptors, registers);
    if (bytesRead === EAGAIN) {
      return WOULD_BLOCK;
    }
    if (bytesRead < 0) {
      throw failedTransfer('No message could be received', bytesRead, 'recvmsg');
    }
    const descriptors: Descriptor[] = [];
    const arrived = registers[ARRIVED] as number;
    if (arrived > 0 || registers[FLAGS] !== 0) {
      this.#checkControl(bytesRead, arrived);
      const end = FIRST_FD + (registers[KEPT] as number);
      for (let index = FIRST_FD; index < end; index += 1) {
        descriptors.push(keepDescriptor(registers[index] as number));
      }
    }
    return { bytesRead, descriptors };
  }

  #checkControl(bytesRead: number, arrived: number): void {
    const flags = registers[FLAGS] as number;
    if ((flags & CONTROL_TRUNCATED) !== 0) {
      throw truncated(bytesRead, arrived, (flags & OUT_OF_SLOTS) !== 0);
    }
    if (arrived > this.#maxDescriptors) {
      const allowed = this.#maxDescriptors;
      throw badCtrlMesg(
        'too-many',
        `The message brought ${arrived} descriptors where ${allowed} were allowed; all are closed`,
        bytesRead,
        arrived,
      );
    }
  }
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
