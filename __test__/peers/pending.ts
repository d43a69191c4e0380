// A program that ends in the way of its first argument, with every kind of call pending.
import { openSync } from 'node:fs';
import { Conduit, socketPair } from 'fd-conduit';

const [, , end = '', path = ''] = process.argv;

async function main(): Promise<void> {
  const [one, other] = Conduit.pair();
  const server = Conduit.listen(path);
  const [near, far] = socketPair();
  const pending: Promise<unknown>[] = [
    one.receive(),
    one.receiveFd(),
    one.receiveFile(),
    one.receiveSocket(),
    server.accept(),
    far.read(Buffer.alloc(10), { maxDescriptors: 1 }),
    near.write(Buffer.alloc(8 << 20), { descriptors: [0] }),
  ];
  for (let transfer = 0; transfer < 1000; transfer += 1) {
    pending.push(one.transferFd(openSync('/dev/null', 'r')));
  }
  await Promise.all([far.read(Buffer.alloc(100), { maxDescriptors: 1 }), other.receive()]);
  switch (end) {
    case 'exit':
      process.exit(7);
      break;
    case 'kill':
      process.kill(process.pid, 'SIGTERM');
      break;
    default:
      setImmediate(() => {
        throw new Error('on purpose');
      });
  }
  await Promise.all(pending);
}

void main();
