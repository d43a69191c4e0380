// Accepts on the path of its first argument while it has no free descriptor slot, then with some;
// prints what `accept` rejected with, and what the iteration retried until it got the connection.
import { openSync } from 'node:fs';
import { Conduit } from 'fd-conduit';
import { fillSlots, freeSlots } from '../support/slots.js';

async function main(path: string): Promise<void> {
  const retried: string[] = [];
  let filled: number[] = [];
  using server = Conduit.listen(path, {
    onRetry(error) {
      retried.push(error.code);
      freeSlots(filled.splice(0));
    },
  });
  using client = await Conduit.connect(path);
  filled = fillSlots(0);
  const failure = await server.accept().catch((error: Error) => ({ ...error }));
  for await (const served of server) {
    await client.transferFd(openSync('/dev/null', 'r'));
    (await served.receive()).close();
    served.close();
    break;
  }
  console.log(JSON.stringify({ failure, retried }));
}

void main(process.argv[2] ?? '');
