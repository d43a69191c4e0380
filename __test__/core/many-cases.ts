import assert from 'node:assert/strict';
import { openSync } from 'node:fs';
import { join } from 'node:path';
import { Conduit, putEach, StreamServer, StreamSocket, UnixServer, UnixSocket } from 'fd-conduit';
import { type Case, errorOf, inDirectory } from './cases.js';

const FILES = 100;

/** Two conduits, closed after `body`. */
async function withConduits(body: (here: Conduit, there: Conduit) => Promise<void>): Promise<void> {
  const [here, there] = Conduit.pair();
  try {
    await body(here, there);
  } finally {
    here.close();
    there.close();
  }
}

/** Many messages a call, and streams without objects of Node's. */
export const manyCases: readonly Case[] = [
  {
    name: 'a list goes one a message, and comes as lists that are closed at once',
    body: () =>
      withConduits(async (here, there) => {
        const fd = openSync('/dev/null', 'r');
        const list = Array.from({ length: FILES }, () => fd);
        const sent = putEach(here, list).then(() => here.transferFd(fd));
        let count = 0;
        for await (const batch of there.batches({ max: 32 })) {
          assert.ok(batch.count >= 1 && batch.count <= 32);
          count += batch.count;
          batch.close();
          assert.equal(batch.count, 0);
          if (count === FILES + 1) break;
        }
        await sent;
      }),
  },
  {
    name: 'the list of a receive that is given up leaves the messages where they are',
    body: () =>
      withConduits(async (here, there) => {
        const error = await errorOf(() => there.receiveBatch({ timeoutMs: 5 }));
        assert.equal(error.type, 'Timeout');
        await here.transferEach([openSync('/dev/null', 'r'), openSync('/dev/zero', 'r')]);
        const [first, second] = await there.receiveBatch();
        assert.deepEqual([first?.kind, second?.kind], ['character-device', 'character-device']);
        first?.close();
        second?.close();
      }),
  },
  {
    name: 'a connection is accepted as a descriptor, handed on, and answered as a stream',
    body: () =>
      inDirectory(async (directory) => {
        const path = join(directory, 'stream.sock');
        const listening = UnixServer.bindAndListen(path);
        const server = StreamServer.adopt(listening.release());
        await withConduits(async (here, there) => {
          const client = StreamSocket.adopt((await UnixSocket.connect(path)).release());
          await here.transfer(await server.accept());
          const served = (await there.receive()).toStreamSocket();
          const question = new Uint8Array(8);
          const asked = served.read(question);
          await client.write(Buffer.from('question'));
          assert.equal(await asked, 8);
          const sent = served.write(Buffer.alloc(1 << 20, 'a'));
          const answer = new Uint8Array(1 << 16);
          let length = 0;
          while (length < 1 << 20) length += await client.read(answer);
          await sent;
          const ended = served.end();
          assert.equal(await client.read(answer), 0);
          client.close();
          await ended;
        });
        server.close();
      }),
  },
];
