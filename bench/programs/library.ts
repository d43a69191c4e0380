// This library, each message awaited by itself: what most programs will do.
import { createServer } from 'node:net';
import { Conduit, IoVector, put, UnixSocket } from 'fd-conduit';
import { job, openFiles, ready, readyAtOnce, SOCKET, Tally } from './conversation.js';

const FILLER = Uint8Array.of(110);
const PARTS = [16384, 16384, 16384, 16384];
const SOCKET_BUFFER_BYTES = 1 << 20;
const BACKLOG = 1024;

const files = openFiles();

function fileAt(place: number): number {
  return files[place % files.length] as number;
}

async function sendSingle(): Promise<void> {
  const conduit = Conduit.fromFd(SOCKET);
  await ready();
  for (let sent = 0; sent < job.count; sent += 1) {
    await put(conduit, [fileAt(sent)]);
  }
}

async function receiveSingle(): Promise<void> {
  const conduit = Conduit.fromFd(SOCKET);
  const tally = new Tally(files);
  await ready();
  while (!tally.isComplete) {
    const descriptor = await conduit.receive();
    tally.check(descriptor.fd);
    descriptor.close();
    tally.take(1);
  }
  tally.finish();
}

async function sendFull(): Promise<void> {
  const socket = UnixSocket.adopt(SOCKET);
  const cycle = Array.from({ length: files.length + job.size }, (_, index) => fileAt(index));
  await ready();
  for (let sent = 0; sent < job.count; sent += job.size) {
    const first = sent % files.length;
    const many = Math.min(job.size, job.count - sent);
    await socket.write(FILLER, { descriptors: cycle.slice(first, first + many) });
  }
}

async function receiveFull(): Promise<void> {
  const socket = UnixSocket.adopt(SOCKET);
  const tally = new Tally(files);
  const buffer = new Uint8Array(1);
  await ready();
  while (!tally.isComplete) {
    const message = await socket.read(buffer, { maxDescriptors: job.size });
    const { fds, count } = message;
    fds.forEach((fd, index) => {
      tally.check(fd, index);
    });
    message.close();
    tally.take(count);
  }
  tally.finish();
}

async function ask(): Promise<void> {
  const conduit = Conduit.fromFd(SOCKET);
  const tally = new Tally(files);
  await ready();
  for (let sent = 0; sent < job.count; sent += 1) {
    await put(conduit, [fileAt(sent)]);
    const descriptor = await conduit.receive();
    tally.check(descriptor.fd);
    descriptor.close();
    tally.take(1);
  }
  tally.finish();
}

async function answer(): Promise<void> {
  const conduit = Conduit.fromFd(SOCKET);
  await ready();
  for await (const descriptor of conduit) {
    await conduit.transfer(descriptor);
  }
}

function packets(): { socket: UnixSocket; vector: IoVector; heads: Uint32Array[] } {
  const socket = UnixSocket.adopt(SOCKET);
  socket.sendBufferSize = SOCKET_BUFFER_BYTES;
  socket.receiveBufferSize = SOCKET_BUFFER_BYTES;
  const vector = new IoVector(PARTS);
  const heads = vector.buffers.map((part) => new Uint32Array(part.buffer, part.byteOffset, 1));
  return { socket, vector, heads };
}

async function sendPackets(): Promise<void> {
  const { socket, vector, heads } = packets();
  await ready();
  for (let sent = 0; sent < job.count; sent += 1) {
    for (const head of heads) head[0] = sent;
    await socket.writeVec(vector, { descriptors: [fileAt(sent)] });
  }
}

async function receivePackets(): Promise<void> {
  const { socket, vector, heads } = packets();
  const tally = new Tally(files);
  await ready();
  while (!tally.isComplete) {
    const message = await socket.readVec(vector, { maxDescriptors: 1 });
    tally.expect(message.bytesRead === vector.byteLength && message.count === 1);
    tally.expect(heads.every((head) => head[0] === tally.received));
    for (const fd of message.fds) tally.check(fd);
    message.close();
    tally.take(1);
  }
  tally.finish();
}

function handOver(): void {
  const conduit = Conduit.fromFd(SOCKET);
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    void conduit.transferSocket(socket);
  });
  server.listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG }, () => {
    const address = server.address();
    readyAtOnce(typeof address === 'object' ? address?.port : undefined);
  });
}

async function serve(): Promise<void> {
  const conduit = Conduit.fromFd(SOCKET);
  await ready();
  for (;;) {
    const socket = await conduit.receiveSocket();
    socket.end('ok');
  }
}

const workloads: Readonly<Record<string, readonly [send: () => unknown, receive: () => unknown]>> =
  {
    single: [sendSingle, receiveSingle],
    full: [sendFull, receiveFull],
    'round-trip': [ask, answer],
    packets: [sendPackets, receivePackets],
    connections: [handOver, serve],
  };

const [send, receive] = workloads[job.workload] ?? [];
void (job.role === 'sender' ? send : receive)?.();
