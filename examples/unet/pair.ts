// Two processes and a pair of sockets: bytes in several buffers, and a file beside them.
import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { socketPair, UnixSocket } from 'fd-conduit';

/** The child finds its end of the pair here. */
const INHERITED = 3;

async function parent(): Promise<void> {
  const [socket, theirs] = socketPair();
  const child = [__filename, 'child'];
  spawn(process.execPath, child, { stdio: ['ignore', 'inherit', 'inherit', theirs.fd] });
  theirs.close();
  const file = await open(__filename);
  await socket.writeVec([Buffer.from('head'), Buffer.from('body')], { descriptors: [file] });
  await file.close();
  socket.close();
}

async function child(): Promise<void> {
  using socket = UnixSocket.adopt(INHERITED);
  const buffers = [Buffer.alloc(4), Buffer.alloc(4)];
  using message = await socket.readVec(buffers, { maxDescriptors: 1 });
  const [descriptor] = message.descriptors;
  console.log(buffers.join(' '), descriptor?.kind);
  descriptor?.close();
  const { isEnd } = await socket.read(Buffer.alloc(1));
  console.log(isEnd ? 'the end' : 'more');
}

void (process.argv[2] === 'child' ? child() : parent());
