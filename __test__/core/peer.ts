// The other process of the core suite.
import assert from 'node:assert/strict';
import { closeSync, openSync, writeFileSync } from 'node:fs';
import { isMainThread, parentPort } from 'node:worker_threads';
import { Conduit, put, UnixSocket } from 'fd-conduit';

/** Receives a batch, behind which messages of another kind are kept for the next call. */
async function keep(): Promise<void> {
  const [here, there] = Conduit.pair();
  const fd = openSync('/dev/null', 'r');
  for (const handles of [[fd], [fd, fd], [fd]]) {
    await put(here, handles);
  }
  closeSync(fd);
  const batch = await there.receiveBatch();
  assert.equal(batch.count, 1);
}

const parts: Record<string, (...args: string[]) => Promise<void>> = {
  async swap(path, back = '') {
    const conduit = await Conduit.connect(String(path));
    for (let round = 0; ; round += 1) {
      const file = await conduit.receiveFile().catch((error) => {
        assert.equal(error.type, 'EndOfStream');
        return undefined;
      });
      if (file === undefined) {
        conduit.close();
        return;
      }
      writeFileSync(back, `${await file.readFile('utf8')} and back ${round}`);
      await file.close();
      await conduit.transferFd(openSync(back, 'r'));
    }
  },

  async packets(path) {
    const socket = await UnixSocket.connect(String(path), { type: 'seqpacket' });
    const fd = openSync('/dev/null', 'r');
    for (let count = 0; count < 50; count += 1) {
      const descriptors = new Array<number>(count).fill(fd);
      await socket.write(new Uint8Array(count), { descriptors });
    }
    socket.close();
  },

  async forget() {
    const [here] = Conduit.pair();
    await here.receive({ timeoutMs: 10 }).catch(() => undefined);
    here.unref();
    here.receive().catch(() => undefined);
  },

  async wait(path) {
    const conduit = await Conduit.connect(String(path));
    (await conduit.receive()).close();
  },

  async worker(how) {
    const [here, there] = Conduit.pair();
    here.receive().catch(() => undefined);
    await there.transferFd(openSync('/dev/null', 'r'));
    here.receive().catch(() => undefined);
    there.receive().catch(() => undefined);
    await keep();
    parentPort?.postMessage('waiting');
    if (how === 'exit') {
      parentPort?.once('message', () => process.exit());
    }
  },
};

// A worker in Bun has the arguments of the program before its own.
const args = process.argv.slice(isMainThread ? 2 : process.argv.lastIndexOf('worker'));
const [part = '', ...rest] = args;
const play = parts[part];
assert.ok(play, `no such part: ${part}`);
play(...rest);
