// Moves a file from one process to another; the receiver prints it.
const { spawn } = require('node:child_process');
const { open } = require('node:fs/promises');
const { Conduit, isConduitError } = require('fd-conduit');

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

path === undefined ? receive() : give();
