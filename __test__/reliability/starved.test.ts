// Without slots, memory or peace: what had arrived is not lost where the kernel still has it, and
// told where it has not; as soon as there are slots, everything works again.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import test, { type ExecutionContext } from 'ava';
import { Conduit } from 'fd-conduit';
import { openFd } from '../support/conduits.js';
import { exactly } from '../support/descriptors.js';
import { thrown } from '../support/errors.js';
import { testWith } from '../support/foreign-programs.js';
import { testOnLinux } from '../support/linux.js';
import { endProgram, runProgram } from '../support/program.js';
import { ends } from '../support/sockets.js';
import { socketPath } from '../support/unix.js';

const SLOTS = 64;
const STORM = join('__test__', 'peers', 'python', 'storm.py');

async function outcomeOf(t: ExecutionContext, scenario: string): Promise<Record<string, unknown>> {
  const { code, signal, output } = await runProgram(t, 'starved', {
    slots: SLOTS,
    args: [scenario, socketPath(t)],
    node: ['--expose-gc'],
  });
  t.deepEqual({ code, signal }, { code: 0, signal: null });
  return JSON.parse(output);
}

for (const [scenario, wanted] of [
  ['pair', { type: 'FailedCall', code: 'EMFILE', syscall: 'socketpair' }],
  ['listen', { type: 'FailedCall', code: 'EMFILE', syscall: 'socket' }],
  ['connect', { type: 'FailedCall', code: 'EMFILE', syscall: 'socket' }],
  ['tryAccept', { type: 'FailedAccept', code: 'EMFILE', client: false }],
  ['fromFd', { type: 'BadClone', code: 'EMFILE' }],
  ['transfer that has to wait', { type: 'BadClone', code: 'EMFILE', isKept: true }],
  ['receive files', { type: 'BadClone', code: 'EMFILE' }],
  ['receive files, one slot short', { type: 'BadClone', code: 'EMFILE' }],
  ['toFileHandle', { type: 'BadClone', code: 'EMFILE', isClosed: true }],
] as const) {
  test(`without a free slot: ${scenario} is ${wanted.type} with EMFILE, leaves nothing open and works again`, async (t) => {
    t.like(await outcomeOf(t, scenario), { ...wanted, again: 'none', isExact: true });
  });
}

testOnLinux(
  'with 2 free slots for 3 descriptors: receive tells the loss, and the next message is whole',
  async (t) => {
    t.like(await outcomeOf(t, 'receive'), {
      type: 'BadCtrlMesg',
      code: 'EMFILE',
      again: 'none',
      isExact: true,
    });
  },
);

testOnLinux(
  'with 5 free slots for 20 messages: a batch brings 5, one is told as lost, and the others wait in the socket',
  async (t) => {
    const wanted = { first: 5, type: 'BadCtrlMesg', code: 'EMFILE', rest: 14, isExact: true };
    t.like(await outcomeOf(t, 'batch'), wanted);
  },
);

testOnLinux(
  'with 20 free slots for 30 descriptors in one message and 10 behind it: only the one is told as lost',
  async (t) => {
    const wanted = { type: 'BadCtrlMesg', code: 'EMFILE', rest: 10, isExact: true };
    t.like(await outcomeOf(t, 'batch behind a large message'), wanted);
  },
);

testOnLinux(
  '9: more descriptors in flight than RLIMIT_NOFILE is ETOOMANYREFS, which keeps them and passes',
  async (t) => {
    t.like(await outcomeOf(t, 'too many in flight'), {
      type: 'FailedTransfer',
      code: 'ETOOMANYREFS',
      areKept: true,
      again: 'none',
      isExact: true,
    });
  },
);

testWith('python')(
  'a storm of signals interrupts no transfer, no receive and no synchronous wait',
  async (t) => {
    const MANY = 3000;
    const [near, far] = ends(t);
    let signals = 0;
    const onSignal = (): void => {
      signals += 1;
    };
    process.on('SIGUSR2', onSignal);
    const storm = spawn('python3', [STORM, `${process.pid}`], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    await once(storm.stdout, 'data');
    await exactly(t, async () => {
      const [one, other] = Conduit.pair();
      const transfers = Array.from({ length: MANY }, () => one.transferFd(openFd()));
      for (let received = 0; received < MANY; received += 1) {
        (await other.receive()).close();
      }
      await Promise.all(transfers);
      one.close();
      other.close();
    });
    thrown(t, () => near.readSync(Buffer.alloc(1), { timeoutMs: 100 }), 'Timeout');
    far.writeSync(Buffer.from('x'), { timeoutMs: 100 });
    t.is(near.readSync(Buffer.alloc(1), { timeoutMs: 100 }).bytesRead, 1);
    await endProgram(storm);
    await new Promise(setImmediate);
    process.off('SIGUSR2', onSignal);
    t.true(signals > 0);
  },
);
