// A program that has done what it has to do, but for what its first argument says; its conduit is
// descriptor 3. Whether it exits by itself is what the test asks.
import { closeSync, openSync } from 'node:fs';
import { Conduit } from 'fd-conduit';

async function use(): Promise<Conduit> {
  const [one, other] = Conduit.pair();
  const received = other.receive();
  await one.transferFd(openSync('/dev/null', 'r'));
  (await received).close();
  return one;
}

async function receive(conduit: Conduit): Promise<void> {
  process.stdout.write('waiting\n');
  closeSync(await conduit.receiveFd());
  process.stdout.write('received\n');
}

const behaviours: Record<string, (conduit: Conduit, path: string) => unknown> = {
  idle: async (conduit) => {
    await use();
    process.stdout.write(`idle ${conduit.isClosed}\n`);
  },
  'idle after a call was given up': async (conduit) => {
    await conduit.receive({ timeoutMs: 1 }).catch(() => undefined);
    process.stdout.write('given up\n');
  },
  'idle server': (_, path) => Conduit.listen(path),
  waiting: (conduit) => receive(conduit),
  'waiting again': async (conduit) => {
    closeSync(await conduit.receiveFd());
    await receive(conduit);
  },
  'waiting in for await': async (conduit) => {
    const lines = ['waiting', 'received'];
    for await (const descriptor of conduit) {
      descriptor.close();
      process.stdout.write(`${lines.shift()}\n`);
      if (lines.length === 0) {
        break;
      }
    }
  },
  'waiting for a file': async (conduit) => {
    process.stdout.write('waiting\n');
    await (await conduit.receiveFile()).close();
    process.stdout.write('received\n');
  },
  'waiting unref': (conduit) => receive(conduit.unref()),
  'waiting, then unref': (conduit) => {
    void receive(conduit);
    conduit.unref();
  },
  'waiting, unref, then ref': (conduit) => {
    void receive(conduit);
    conduit.unref();
    conduit.ref();
  },
  'server unref': (_, path) => Conduit.listen(path).unref().accept(),
  'waiting server': async (conduit, path) => {
    process.stdout.write('waiting\n');
    const server = Conduit.listen(path);
    const served = await server.accept();
    await receive(served);
    conduit.close();
  },
};

const [, , name = '', path = ''] = process.argv;
void behaviours[name]?.(Conduit.fromFd(3), path);
