// The three scenes, as the process sees them that gives something away.
import { once } from 'node:events';
import { mkdtemp, open, rm, writeFile } from 'node:fs/promises';
import {
  type AddressInfo,
  createServer,
  connect as dial,
  type Server,
  type Socket,
} from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Conduit } from 'fd-conduit';
import { holding, holdingOf, isHeld } from './holding';
import { type Deed, deed, type Scene } from './narrate';
import { readLine } from './talk';

/** Answers the receiver's next report. */
export type Reports = () => Promise<Deed>;

const STORY = `A number is a name that one process gives to an open file.
Send the number, and the other side has a number.
Send it through a conduit, and the other side has the file.
`;

export async function giveFile(scene: Scene, conduit: Conduit, next: Reports): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'fd-conduit-demo-'));
  const path = join(directory, 'story.txt');
  await writeFile(path, STORY);
  const file = await open(path);
  const ours = holding(file.fd);
  scene.note(deed('sender', `opens story.txt, ${STORY.length} bytes`, ours));

  const half = Buffer.alloc(Math.floor(STORY.length / 2));
  await file.read(half);
  scene.note(deed('sender', `reads the first ${half.length} bytes`, ours));
  await rm(directory, { recursive: true });
  scene.note(deed('sender', 'deletes it: no path leads to the file any more', ours));

  await conduit.transferFile(file);
  scene.note(deed('sender', `has transferred the file; fd ${ours.fd} is closed here`));
  const isClosed = !isHeld(ours);

  const received = scene.note(await next());
  const read = scene.note(await next());
  scene.check(`${half}${read.result}` === STORY, 'the two halves are the whole story');
  checkMoved(scene, isClosed, ours.inode, received);
}

export async function giveConnection(scene: Scene, conduit: Conduit, next: Reports): Promise<void> {
  const server = await listen();
  const client = await connectTo(server);
  const [socket] = (await once(server, 'connection')) as [Socket];
  const ours = holdingOf(socket);
  scene.note(deed('sender', 'accepts a connection', ours));

  const port = client.localPort;
  ask(scene, client, 'Which process is it?');
  const question = await readLine(socket);
  socket.write(`It is ${process.pid}.\n`);
  scene.note(deed('sender', `reads "${question}" and answers`, ours));
  // The answer may still be on its way out: the transfer lets it leave first. The next question
  // comes while the connection is between two processes, and waits for the new one.
  const [first] = await Promise.all([
    hear(scene, client).finally(() => ask(scene, client, 'And now?')),
    conduit.transferSocket(socket),
  ]);
  scene.note(deed('sender', `has transferred the connection; fd ${ours.fd} is closed here`));
  const isClosed = !isHeld(ours);

  const received = scene.note(await next());
  const answered = scene.note(await next());
  const second = await hear(scene, client);
  scene.check(first === `It is ${process.pid}.`, 'the first question was answered by the sender');
  scene.check(answered.result === 'And now?', 'no byte of the second question was lost');
  scene.check(second === `It is ${received.pid}.`, 'it was answered by the receiver');
  scene.check(client.localPort === port, `on the same connection, from port ${port}`);
  checkMoved(scene, isClosed, ours.inode, received);
  client.destroy();
  server.close();
}

export async function giveServer(scene: Scene, conduit: Conduit, next: Reports): Promise<void> {
  const server = await listen();
  const { port } = server.address() as AddressInfo;
  const ours = holdingOf(server);
  scene.note(deed('sender', `listens on port ${port}`, ours));
  // Should this process accept after all, its answer gives it away.
  server.on('connection', (socket) => socket.end('It is the wrong process.\n'));
  await conduit.transfer(server);
  scene.note(deed('sender', `has transferred the listening socket; fd ${ours.fd} is closed here`));
  const isClosed = !isHeld(ours);

  const received = scene.note(await next());
  const client = dial(port, '127.0.0.1');
  await once(client, 'connect');
  scene.note(deed('client', `is connected to port ${port}`, holdingOf(client)));
  ask(scene, client, 'Which process is it?');
  scene.note(await next());
  scene.note(await next());
  const reply = await hear(scene, client);
  scene.check(!server.listening, 'the sender listens no more');
  scene.check(reply === `It is ${received.pid}.`, `the receiver accepts on port ${port} instead`);
  checkMoved(scene, isClosed, ours.inode, received);
  client.destroy();
}

function checkMoved(scene: Scene, isClosed: boolean, inode: number, { pid, holding }: Deed): void {
  const isSame = holding?.inode === inode && pid !== process.pid;
  scene.check(isSame, `another process held the same inode: ${inode}`);
  scene.check(isClosed, "the sender's copy is closed");
}

async function listen(): Promise<Server> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  return server;
}

async function connectTo(server: Server): Promise<Socket> {
  const { port } = server.address() as AddressInfo;
  return dial(port, '127.0.0.1');
}

function ask(scene: Scene, client: Socket, question: string): void {
  client.write(`${question}\n`);
  scene.note(deed('client', `asks "${question}"`));
}

async function hear(scene: Scene, client: Socket): Promise<string> {
  const answer = await readLine(client);
  scene.note(deed('client', `hears "${answer}"`));
  return answer;
}
