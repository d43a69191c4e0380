import assert from 'node:assert/strict';
import { openSync } from 'node:fs';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Conduit, type ConduitError, isConduitError, socketPair, UnixSocket } from 'fd-conduit';

/** One thing that has to hold. */
export interface Case {
  readonly name: string;
  readonly body: () => Promise<void>;
}

/** What this runtime cannot do, and says so clearly. */
export class Lacking extends Error {}

/** Runs `body` with a directory of its own. */
export async function inDirectory(body: (directory: string) => Promise<void>): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'core-'));
  try {
    await body(directory);
  } finally {
    await rm(directory, { recursive: true });
  }
}

/** The library's error that `call` rejects or throws with. */
export async function errorOf(call: () => unknown): Promise<ConduitError> {
  try {
    await call();
  } catch (error) {
    if (isConduitError(error)) {
      return error;
    }
    throw error;
  }
  throw new Error('nothing was thrown');
}

/** Two connected sockets, closed after `body`. */
async function withPair(
  type: 'stream' | 'seqpacket' | 'dgram',
  body: (here: UnixSocket, there: UnixSocket) => Promise<void>,
): Promise<void> {
  const [here, there] = socketPair({ type });
  try {
    await body(here, there);
  } finally {
    here.close();
    there.close();
  }
}

const nothing = () => new Promise<void>((resolve) => setTimeout(resolve, 10));

export const cases: readonly Case[] = [
  {
    name: 'a file moves through a pair, and the sender loses its copy',
    body: () =>
      inDirectory(async (directory) => {
        const path = join(directory, 'notes.txt');
        await writeFile(path, 'by descriptor');
        const [here, there] = Conduit.pair();
        await here.transferFd(openSync(path, 'r'));
        const file = await there.receiveFile();
        assert.equal(await file.readFile('utf8'), 'by descriptor');
        await file.close();
        here.close();
        there.close();
      }),
  },
  {
    name: 'a receive that waits is woken',
    body: async () => {
      const [here, there] = Conduit.pair();
      for (let round = 0; round < 20; round += 1) {
        const coming = there.receive();
        await nothing();
        await here.transferFd(openSync('/dev/null', 'r'));
        const descriptor = await coming;
        assert.equal(descriptor.kind, 'character-device');
        descriptor.close();
      }
      here.close();
      there.close();
    },
  },
  {
    name: 'a write that finds no room waits for it, and every byte arrives in order',
    body: () =>
      withPair('stream', async (here, there) => {
        const payload = new Uint8Array(3_000_000).map((_, index) => index % 251);
        const writing = here.write(payload);
        const buffer = new Uint8Array(65_536);
        let total = 0;
        while (total < payload.length) {
          const { bytesRead } = await there.read(buffer);
          assert.deepEqual(
            buffer.subarray(0, bytesRead),
            payload.subarray(total, total + bytesRead),
          );
          total += bytesRead;
        }
        assert.equal(await writing, payload.length);
      }),
  },
  {
    name: '253 descriptors in one message, one more is refused before anything leaves',
    body: () =>
      withPair('stream', async (here, there) => {
        const file = await open('/dev/null');
        const many = new Array<number>(253).fill(file.fd);
        await here.write(Uint8Array.of(1), { descriptors: many });
        const message = await there.read(new Uint8Array(1), { maxDescriptors: 253 });
        assert.equal(message.count, 253);
        message.close();
        const error = await errorOf(() =>
          here.write(Uint8Array.of(1), { descriptors: [...many, file.fd] }),
        );
        assert.equal(error.type, 'InvalidArgument');
        await file.close();
      }),
  },
  {
    name: 'SEQPACKET keeps borders, empty packets and descriptors together',
    body: () =>
      withPair('seqpacket', async (here, there) => {
        const file = await open('/dev/null');
        await here.write(Uint8Array.of(1, 2, 3), { descriptors: [file.fd, file.fd, file.fd] });
        await here.write(new Uint8Array(0));
        await here.write(Uint8Array.of(9));
        await file.close();
        const buffer = new Uint8Array(16);
        const first = await there.read(buffer, { maxDescriptors: 3 });
        assert.deepEqual([first.bytesRead, first.count], [3, 3]);
        first.close();
        const empty = await there.read(buffer);
        assert.deepEqual([empty.bytesRead, empty.isEnd], [0, false]);
        assert.equal((await there.read(buffer)).bytesRead, 1);
        await here.write(new Uint8Array(20));
        assert.equal((await errorOf(() => there.read(buffer))).type, 'PacketTooLarge');
        here.close();
        assert.equal((await there.read(buffer)).isEnd, true);
      }),
  },
  {
    name: 'more descriptors than asked for are all closed',
    body: () =>
      withPair('stream', async (here, there) => {
        const file = await open('/dev/null');
        await here.write(Uint8Array.of(1), { descriptors: [file.fd, file.fd] });
        await file.close();
        const error = await errorOf(() => there.read(new Uint8Array(1), { maxDescriptors: 1 }));
        assert.equal(error.type, 'BadCtrlMesg');
      }),
  },
  {
    name: 'errors say their type and carry the system call',
    body: async () => {
      const missing = await errorOf(() => Conduit.connect('/no/such/socket'));
      assert.deepEqual(
        [missing.type, 'code' in missing && missing.code],
        ['FailedConnect', 'ENOENT'],
      );
      const [here, there] = Conduit.pair();
      assert.equal((await errorOf(() => here.transferFd(-1))).type, 'InvalidArgument');
      assert.equal((await errorOf(() => here.receive({ timeoutMs: 20 }))).type, 'Timeout');
      const signal = AbortSignal.timeout(20);
      const aborted = await errorOf(() => here.receive({ signal }));
      assert.deepEqual([aborted.type, aborted.name], ['Aborted', 'AbortError']);
      there.close();
      assert.equal((await errorOf(() => here.receive())).type, 'EndOfStream');
      here.close();
      assert.equal((await errorOf(() => here.receive())).type, 'Closed');
    },
  },
  {
    name: 'a conduit that is closed while it waits rejects',
    body: async () => {
      const [here, there] = Conduit.pair();
      const waiting = errorOf(() => here.receive());
      await nothing();
      here.close();
      assert.equal((await waiting).type, 'Closed');
      there.close();
    },
  },
  {
    name: 'the peer of a pair is this process and user',
    body: () =>
      withPair('stream', async (here) => {
        const { uid } = here.peerCredentials();
        assert.equal(uid, process.getuid?.());
      }),
  },
  {
    name: 'what adopts a number owns it',
    body: async () => {
      const [one, other] = socketPair();
      const adopted = UnixSocket.adopt(one.release());
      await adopted.write(Uint8Array.of(7));
      const buffer = new Uint8Array(1);
      await other.read(buffer);
      assert.equal(buffer[0], 7);
      adopted.close();
      other.close();
    },
  },
];
