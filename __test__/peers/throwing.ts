// A program whose callbacks throw. It prints where each exception came out; and afterwards, in the
// same process, that a transfer works.
import { openSync } from 'node:fs';
import { Conduit, Descriptor, socketPair } from 'fd-conduit';
import { fillSlots, freeSlots } from '../support/slots.js';

const [, , scenario = '', path = ''] = process.argv;
const heard: string[] = [];
const note =
  (where: string) =>
  (error: unknown): void => {
    heard.push(`${where}: ${error instanceof Error ? error.message : error}`);
  };
process.on('uncaughtException', note('uncaughtException'));
process.on('unhandledRejection', note('unhandledRejection'));

const open = (): number => openSync('/dev/null', 'r');

function fail(): never {
  throw new Error('thrown by the user');
}

const scenarios: Record<string, () => unknown> = {
  async onRetry() {
    let filled: number[] = [];
    using server = Conduit.listen(path, {
      onRetry() {
        freeSlots(filled.splice(0));
        fail();
      },
    });
    using _client = await Conduit.connect(path);
    filled = fillSlots(0);
    const iterate = async (): Promise<void> => {
      for await (const served of server) {
        served.close();
      }
    };
    await iterate().catch(note('rejected'));
  },
  async 'an abort listener'() {
    const [one, other] = Conduit.pair();
    const controller = new AbortController();
    controller.signal.addEventListener('abort', fail);
    const receiving = one.receive({ signal: controller.signal });
    controller.signal.addEventListener('abort', fail);
    controller.abort();
    await receiving.catch((error: Error) => heard.push(error.name));
    one.close();
    other.close();
  },
  async 'a promise continuation'() {
    const [one, other] = Conduit.pair();
    const received = other.receive();
    const both = other.receive();
    void received.then(fail);
    await one.transferFd(open());
    await one.transferFd(open());
    (await received).close();
    (await both).close();
    one.close();
    other.close();
  },
  async 'a getter of options'() {
    const [one, other] = Conduit.pair();
    const options = {
      get signal(): AbortSignal {
        return fail();
      },
    };
    await one.receive(options).catch(note('rejected'));
    const descriptor = Descriptor.adopt(open());
    await one.transfer(descriptor, options).catch(note('rejected'));
    heard.push(`closed: ${descriptor.isClosed}`);
    descriptor.close();
    one.close();
    other.close();
  },
  async 'a getter that throws only when it waits'() {
    const [one, other] = Conduit.pair();
    let asked = 0;
    const options = {
      get timeoutMs(): number {
        asked += 1;
        return asked > 1 ? fail() : 1000;
      },
    };
    await one.receive(options).catch(note('rejected'));
    await other.transferFd(open());
    (await one.receive()).close();
    one.close();
    other.close();
  },
  async 'a getter of a descriptor'() {
    const [one, other] = socketPair();
    // At the first look, at the second, …
    for (let most = 0; most < 5; most += 1) {
      let asked = 0;
      const owner = {
        get fd(): number {
          asked += 1;
          return asked > most ? fail() : 0;
        },
      };
      await one.write(Buffer.from('x'), { descriptors: [0, owner] }).catch(note('rejected'));
    }
    one.close();
    other.close();
  },
  async 'an element of the buffers'() {
    const [one, other] = socketPair();
    const buffers = [Buffer.alloc(1), Buffer.alloc(1)];
    let asked = 0;
    Object.defineProperty(buffers, 1, {
      get: () => {
        asked += 1;
        return asked > 4 ? fail() : Buffer.alloc(1);
      },
    });
    for (let call = 0; call < 6; call += 1) {
      try {
        one.tryReadVec(buffers);
      } catch (error) {
        note('thrown')(error);
        break;
      }
    }
    one.close();
    other.close();
  },
};

async function main(): Promise<void> {
  await scenarios[scenario]?.();
  await new Promise((resolve) => setTimeout(resolve, 10));
  const [one, other] = Conduit.pair();
  await one.transferFd(open());
  (await other.receive()).close();
  process.stdout.write(JSON.stringify({ heard, works: true }));
}

void main();
