// A bounded suite for `npm run memory`: every native call at least once, on its good paths and on
// its bad ones, with watches, workers that are terminated, and garbage collection.
import { openSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import {
  Conduit,
  closeDescriptors,
  Descriptor,
  get,
  IoVector,
  put,
  type SocketType,
  socketPair,
  UnixServer,
  UnixSocket,
} from 'fd-conduit';

const ROUNDS = 20;
const MANY = 253;
const ECHO = join(__dirname, 'echo.js');

const open = (): number => openSync('/dev/null', 'r');
const ignore = (): void => undefined;

async function transfers(): Promise<void> {
  const [one, other] = Conduit.pair();
  for (let round = 0; round < ROUNDS; round += 1) {
    const waiting = other.receive();
    await one.transferFd(open());
    (await waiting).close();
    await one.transferFd(open());
    await (await other.receiveFile()).close();
    await other.receive({ timeoutMs: 1 }).catch(ignore);
    await other.receive({ signal: AbortSignal.timeout(1) }).catch(ignore);
  }
  const queued = Array.from({ length: 400 }, () => one.transferFd(open()));
  for (const _ of queued) {
    (await other.receive()).close();
  }
  await Promise.all(queued);
  other.close();
  await one.receive().catch(ignore);
  await one.transferFd(open()).catch(ignore);
  one.close();
}

async function messages(type: SocketType): Promise<void> {
  const [one, other] = socketPair({ type });
  const fds = Array.from({ length: MANY }, open);
  const vector = new IoVector([1, 2, 3]);
  other.passCredentials = true;
  other.passPidfd = true;
  for (let round = 0; round < ROUNDS; round += 1) {
    await one.write(Buffer.from('abc'), { descriptors: fds });
    const message = await other.readVec(vector, { maxDescriptors: MANY });
    message.pidfd?.close();
    if (round % 2 === 0) {
      closeDescriptors(message.descriptors);
    } else {
      message.close();
    }
    await one.writeVec([Buffer.from('a'), Buffer.from('b')], { descriptors: fds.slice(0, 3) });
    await other.read(Buffer.alloc(1)).catch(ignore);
    other.tryRead(Buffer.alloc(8));
    one.writeSync(Buffer.from('x'), { timeoutMs: 10, credentials: true });
    other.readSync(Buffer.alloc(8), { timeoutMs: 10 }).pidfd?.close();
  }
  await put(one, fds.slice(0, 3));
  for (const file of await get(other, 3)) {
    await file.close();
  }
  one.peerCredentials();
  one.peerPidfd().close();
  one.peerName();
  one.socketName();
  for (const fd of fds) {
    Descriptor.adopt(fd).close();
  }
  one.close();
  other.close();
}

async function servers(): Promise<void> {
  for (const path of [join(tmpdir(), `fdc-memory-${process.pid}`), `\0fdc-memory-${process.pid}`]) {
    const server = UnixServer.bindAndListen(path);
    for (let round = 0; round < ROUNDS; round += 1) {
      const [client, served] = await Promise.all([UnixSocket.connect(path), server.accept()]);
      client.close();
      UnixSocket.adopt(served.release()).close();
    }
    await server.accept({ timeoutMs: 1 }).catch(ignore);
    server.close();
    await UnixSocket.connect(path).catch(ignore);
  }
}

async function worker(): Promise<void> {
  const [mine, theirs] = Conduit.pair();
  const thread = new Worker(ECHO, { workerData: theirs.fd });
  for (let round = 0; round < ROUNDS; round += 1) {
    await mine.transferFd(open());
    (await mine.receive()).close();
  }
  await thread.terminate();
  theirs.close();
  mine.close();
}

async function forgotten(): Promise<void> {
  for (let round = 0; round < ROUNDS; round += 1) {
    const [one] = Conduit.pair();
    void one.receive({ timeoutMs: 1 }).catch(ignore);
    Descriptor.adopt(open());
    await new Promise((resolve) => setTimeout(resolve, 2));
    global.gc?.();
  }
}

async function main(): Promise<void> {
  await transfers();
  for (const type of ['stream', 'seqpacket'] as const) {
    await messages(type);
  }
  await servers();
  await worker();
  await worker();
  await forgotten();
  process.stdout.write('done\n');
}

void main();
