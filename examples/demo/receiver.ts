// The other process: it receives what the sender gives away, and goes on with it.
import { once } from 'node:events';
import type { Socket } from 'node:net';
import { Conduit } from 'fd-conduit';
import { type Holding, holding, holdingOf } from './holding';
import { deed } from './narrate';
import { readLine } from './talk';

/** The sender put its end of the conduit here when it started this process. */
const CONDUIT_FD = 3;

async function main(): Promise<void> {
  const conduit = Conduit.fromFd(CONDUIT_FD);
  await finishFile(conduit);
  await takeOverConversation(conduit);
  await acceptInstead(conduit);
  conduit.close();
  process.disconnect();
}

async function finishFile(conduit: Conduit): Promise<void> {
  const file = await conduit.receiveFile();
  const held = holding(file.fd);
  report('receives the file', held);
  const rest = await file.readFile('utf8');
  report(`reads on to the end: ${rest.length} bytes`, held, rest);
  await file.close();
}

async function takeOverConversation(conduit: Conduit): Promise<void> {
  const socket = await conduit.receiveSocket();
  report('receives the connection', holdingOf(socket));
  await answer(socket);
}

async function acceptInstead(conduit: Conduit): Promise<void> {
  const descriptor = await conduit.receive();
  report('receives the listening socket', holding(descriptor.fd));
  const server = await descriptor.toNetServer();
  const [socket] = (await once(server, 'connection')) as [Socket];
  report('accepts a connection', holdingOf(socket));
  await answer(socket);
  server.close();
}

async function answer(socket: Socket): Promise<void> {
  const held = holdingOf(socket);
  const question = await readLine(socket);
  socket.end(`It is ${process.pid}.\n`);
  report(`reads "${question}" and answers`, held, question);
}

function report(what: string, held: Holding, result?: string): void {
  process.send?.(deed('receiver', what, held, result));
}

main().catch((error: unknown) => {
  console.error('The receiver failed:', error);
  process.exit(1);
});
