// The helper process: opens a file, and gives it away through descriptor 3.
const { open } = require('node:fs/promises');
const { Conduit } = require('fd-conduit');

async function main() {
  const conduit = Conduit.fromFd(3);
  await conduit.transferFile(await open(__filename));
  conduit.close();
}

main();
