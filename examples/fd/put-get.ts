// Several files in one message, from one process to another; they stay open in the first.
import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { get, put, socketPair, UnixSocket } from 'fd-conduit';

/** The child finds its end of the pair here. */
const INHERITED = 3;

async function parent(): Promise<void> {
  const [via, theirs] = socketPair();
  const child = [__filename, 'child'];
  spawn(process.execPath, child, { stdio: ['ignore', 'inherit', 'inherit', theirs.fd] });
  theirs.close();
  const files = [await open(__filename), await open('/dev/null')];
  await put(via, files);
  for (const file of files) {
    await file.close();
  }
  via.close();
}

async function child(): Promise<void> {
  using via = UnixSocket.adopt(INHERITED);
  const [program, nothing] = await get(via, 2, { names: ['program', 'nothing'] });
  for (const file of [program, nothing]) {
    const text = await file?.readFile('utf8');
    console.log(file?.name, text === '' ? 'is empty' : 'has a text');
    await file?.close();
  }
  await get(via, 1).catch(({ type }) => console.log(type));
}

void (process.argv[2] === 'child' ? child() : parent());
