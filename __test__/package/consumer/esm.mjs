// Moves a file from one process to another; the receiver prints it.
import { spawn } from 'node:child_process';
import { open } from 'node:fs/promises';
import { Conduit, isConduitError } from 'fd-conduit';

const [node, program, path] = process.argv;

async function give() {
  const [conduit, theirs] = Conduit.pair();
  spawn(node, [program], { stdio: ['ignore', 'inherit', 'inherit', theirs.fd] });
  theirs.close();
  const file = await open(path);
  await conduit.transferFile(file);
  await conduit.transferFile(file).catch((error) => {
    console.log('sender:', isConduitError(error) && error.type);
  });
}

async function receive() {
  const conduit = Conduit.fromFd(3);
  const file = await conduit.receiveFile();
  console.log('receiver:', await file.readFile('utf8'));
  await file.close();
}

await (path === undefined ? receive() : give());
