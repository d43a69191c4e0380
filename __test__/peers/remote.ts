// The other process of the tests: does what comes on its standard input, one JSON line each, with
// the conduit it inherited as descriptor 3 or connected to, and answers on its standard output.
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, readSync } from 'node:fs';
import { open } from 'node:fs/promises';
import { connect, createServer, type Socket } from 'node:net';
import { createInterface } from 'node:readline';
import { Conduit, Descriptor } from 'fd-conduit';
import { inodeOf, openDescriptors } from '../support/descriptors.js';
import { fillSlots, freeSlots } from '../support/slots.js';
import { portOf, textOf } from '../support/tcp.js';

const INHERITED = 3;

let conduit: Conduit;

/** Opens a file and reads `skip` bytes, so that its offset tells whether it is the same opening. */
function openAt(path: string, skip: number): number {
  const fd = openSync(path, 'r');
  readSync(fd, Buffer.alloc(skip), 0, skip, null);
  return fd;
}

function textFrom(fd: number): string {
  return readFileSync(fd, 'utf8');
}

async function connectTo(port: number, text: string): Promise<Socket> {
  const socket = connect(port, '127.0.0.1');
  await once(socket, 'connect');
  socket.write(text);
  return socket;
}

async function talk(socket: Socket, greeting: string): Promise<string> {
  socket.end(greeting);
  const text = await textOf(socket);
  socket.destroy();
  return text;
}

const actions = {
  descriptors: async () => openDescriptors(),
  inode: async (fd: number) => inodeOf(fd),
  close: async () => {
    conduit.close();
    closeSync(INHERITED);
  },

  receive: async () => {
    using descriptor = await conduit.receive();
    return textFrom(descriptor.fd);
  },
  receiveFd: async () => {
    const fd = await conduit.receiveFd();
    const text = textFrom(fd);
    closeSync(fd);
    return text;
  },
  receiveFile: async () => {
    const file = await conduit.receiveFile();
    const text = await file.readFile('utf8');
    await file.close();
    return text;
  },
  receiveAll: async () => {
    const texts: string[] = [];
    for await (const descriptor of conduit) {
      texts.push(textFrom(descriptor.fd));
      descriptor.close();
    }
    return texts;
  },
  receiveSocket: async (greeting: string) => talk(await conduit.receiveSocket(), greeting),
  receiveServer: async (greeting: string) => {
    const server = await (await conduit.receive()).toNetServer();
    const [socket] = (await once(server, 'connection')) as [Socket];
    server.close();
    return talk(socket, greeting);
  },

  transferFd: async (path: string, skip: number) => conduit.transferFd(openAt(path, skip)),
  transferAny: async (path: string, skip: number) => conduit.transfer(openAt(path, skip)),
  transferDescriptor: async (path: string, skip: number) =>
    conduit.transfer(Descriptor.adopt(openAt(path, skip))),
  transferFile: async (path: string, skip: number) => {
    const file = await open(path, 'r');
    await file.read(Buffer.alloc(skip), 0, skip);
    await conduit.transferFile(file);
  },
  transferSocket: async (port: number, text: string) =>
    conduit.transferSocket(await connectTo(port, text)),
  transferServer: async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const port = portOf(server);
    await conduit.transfer(server);
    return port;
  },

  fillSlots: async (free: number) => fillSlots(free),
  freeSlots: async (filled: number[]) => freeSlots(filled),
};

/** What the other process can be told to do. */
export type Actions = typeof actions;

interface Request {
  readonly id: number;
  readonly name: keyof Actions;
  readonly args: readonly unknown[];
}

async function answer({ id, name, args }: Request): Promise<void> {
  const action = actions[name] as (...args: readonly unknown[]) => Promise<unknown>;
  const answered = await action(...args).then(
    (value) => ({ value }),
    (error: Error) => ({ error: { ...error, name: error.name, message: error.message } }),
  );
  process.stdout.write(`${JSON.stringify({ id, ...answered })}\n`);
}

async function main(): Promise<void> {
  const path = process.argv[2] ?? '';
  conduit = path === '' ? Conduit.fromFd(INHERITED) : await Conduit.connect(path);
  createInterface({ input: process.stdin }).on('line', (line) => {
    void answer(JSON.parse(line) as Request);
  });
}

void main();
