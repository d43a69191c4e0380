// Node's own channel between a process and its child: process.send(message, socket). It carries
// sockets only, so what goes to and fro is a TCP connection, again and again.
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { fstatSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net';
import { argumentsAs, job, ready, readyAtOnce, Tally } from './conversation.js';

const POOL = 16;
/** So many wait in Node's queue; it sends the next when the child has confirmed one. */
const QUEUED = 16;

function fdOf(socket: Socket): number {
  return (socket as unknown as { readonly _handle: { readonly fd: number } })._handle.fd;
}

async function listening(server: Server): Promise<number> {
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 });
  await once(server, 'listening');
  return (server.address() as AddressInfo).port;
}

/** Connections of this process with itself. */
async function openSockets(): Promise<Socket[]> {
  const server = createServer();
  const port = await listening(server);
  const sockets: Socket[] = [];
  while (sockets.length < POOL) {
    const socket = connect(port, '127.0.0.1');
    await Promise.all([once(socket, 'connect'), once(server, 'connection')]);
    sockets.push(socket);
  }
  return sockets;
}

function startChild(): ChildProcess {
  const stdio = ['ignore', 'inherit', 'inherit', 'ipc'] as const;
  return fork(__filename, argumentsAs('receiver'), { stdio: [...stdio] });
}

async function sendSingle(child: ChildProcess): Promise<void> {
  const sockets = await openSockets();
  const inodes = sockets.map((socket) => fstatSync(fdOf(socket)).ino);
  let sent = 0;
  const next = () => {
    if (sent === job.count) return;
    const index = sent % POOL;
    sent += 1;
    child.send(inodes[index] as number, sockets[index], { keepOpen: true }, next);
  };
  await ready();
  for (let queued = 0; queued < QUEUED; queued += 1) next();
}

async function ask(child: ChildProcess): Promise<void> {
  const sockets = await openSockets();
  const tally = new Tally(sockets.map(fdOf));
  await ready();
  while (!tally.isComplete) {
    const answered = once(child, 'message') as Promise<[unknown, Socket]>;
    child.send(0, sockets[tally.received % POOL], { keepOpen: true });
    const [, socket] = await answered;
    tally.check(fdOf(socket));
    socket.destroy();
    tally.take(1);
  }
  tally.finish();
}

async function handOver(child: ChildProcess): Promise<void> {
  const server = createServer({ pauseOnConnect: true }, (socket) => {
    child.send(0, socket);
  });
  readyAtOnce(await listening(server));
}

const senders = new Map([
  ['single', sendSingle],
  ['round-trip', ask],
  ['connections', handOver],
]);

function receive(): void {
  const tally = new Tally([]);
  process.on('message', (inode, socket) => {
    if (job.workload === 'connections') {
      (socket as Socket).end('ok');
    } else if (job.workload === 'round-trip') {
      process.send?.(0, socket as Socket);
    } else {
      tally.expect(!tally.isSample() || fstatSync(fdOf(socket as Socket)).ino === inode);
      (socket as Socket).destroy();
      tally.take(1);
      if (tally.isComplete) tally.finish();
    }
  });
  readyAtOnce();
  process.send?.('ready');
}

async function send(): Promise<void> {
  const child = startChild();
  await once(child, 'message');
  await senders.get(job.workload)?.(child);
}

if (job.role === 'sender') {
  void send();
} else {
  receive();
}
