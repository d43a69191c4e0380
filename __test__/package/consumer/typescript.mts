// Moves a file from one process to another; the receiver prints it.
import { spawn } from 'node:child_process';
import { type FileHandle, open } from 'node:fs/promises';
import { Conduit, type ConduitErrorType, isConduitError } from 'fd-conduit';

const [node = '', program = '', path] = process.argv;

async function give(path: string): Promise<void> {
  const [conduit, theirs] = Conduit.pair();
  spawn(node, [program], { stdio: ['ignore', 'inherit', 'inherit', theirs.fd] });
  theirs.close();
  const file: FileHandle = await open(path);
  await conduit.transferFile(file);
  await conduit.transferFile(file).catch((error: unknown) => {
    const type: ConduitErrorType | false = isConduitError(error) && error.type;
    console.log('sender:', type);
  });
}

async function receive(): Promise<void> {
  const conduit = Conduit.fromFd(3);
  const file: FileHandle = await conduit.receiveFile();
  const text: string = await file.readFile('utf8');
  console.log('receiver:', text);
  await file.close();
}

await (path === undefined ? receive() : give(path));
