// What an async hook does that uses the library while the library makes its thread: the first wait
// of one conduit makes another wait, that of the next closes it. It prints what came of the calls.
import { createHook } from 'node:async_hooks';
import { Conduit, isConduitError, put } from 'fd-conduit';
import { openDescriptors } from '../support/descriptors.js';

Object.assign(process.env, { FD_CONDUIT_READINESS: 'thread' });

const outcomeOf = (call: Promise<{ close(): void }>): Promise<string> =>
  call.then(
    (descriptor) => {
      descriptor.close();
      return 'received';
    },
    (error: unknown) => (isConduitError(error) ? error.type : String(error)),
  );

async function main(): Promise<void> {
  // The environment is made, and told of, with the first.
  for (const conduit of Conduit.pair()) {
    conduit.close();
  }
  let hooked: (() => void) | undefined;
  createHook({
    init(_id, type) {
      const once = hooked;
      if (type === 'fd-conduit' && once !== undefined) {
        hooked = undefined;
        once();
      }
    },
  }).enable();
  const before = openDescriptors().length;
  const [here, there] = Conduit.pair();
  const [near, far] = Conduit.pair();
  let nested = Promise.resolve('not called');
  hooked = () => {
    nested = outcomeOf(far.receive());
  };
  const outer = outcomeOf(there.receive());
  await put(here, [0]);
  await put(near, [0]);
  const outcomes = [await outer, await nested];
  for (const conduit of [here, there, near, far]) {
    conduit.close();
  }
  const [one, other] = Conduit.pair();
  hooked = () => other.close();
  outcomes.push(await outcomeOf(other.receive()));
  // A thread that was made in vain ends with the next watch.
  const [last, end] = Conduit.pair();
  const ended = outcomeOf(last.receive());
  for (const conduit of [one, end, last]) {
    conduit.close();
  }
  outcomes.push(await ended);
  const isExact = openDescriptors().length === before;
  process.stdout.write(JSON.stringify({ outcomes, isExact }));
}

void main();
