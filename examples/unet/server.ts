// A server that tells each client who that is, by the word of the kernel.
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UnixServer, UnixSocket } from 'fd-conduit';

async function serve(server: UnixServer): Promise<void> {
  for await (const socket of server) {
    const { uid } = socket.peerCredentials();
    await socket.write(Buffer.from(uid === process.getuid?.() ? 'you are me' : `you are ${uid}`));
    socket.close();
  }
}

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'unet-'));
  const server = UnixServer.bindAndListen(join(directory, 'socket'), { mode: 0o600 });
  const serving = serve(server);

  const client = await UnixSocket.connect(server.path, { timeoutMs: 1000 });
  const buffer = Buffer.alloc(64);
  const { bytesRead } = await client.read(buffer);
  console.log(buffer.toString('utf8', 0, bytesRead));
  client.close();

  server.close(); // ends the iteration, and removes the socket file
  await serving;
  rmdirSync(directory);
}

void main();
