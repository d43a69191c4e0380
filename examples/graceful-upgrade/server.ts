// A TCP server that replaces itself while it talks. It tells each client how many bytes it has had
// from it, and goes on counting through every upgrade:
//
//   node build/examples/graceful-upgrade/server.js     prints "listening on PORT, pid PID"
//   nc 127.0.0.1 PORT                                  each line is answered by "PID COUNT"
//   kill -USR2 PID                                     upgrades
import { once } from 'node:events';
import { type AddressInfo, createServer, type ListenOptions, type Server } from 'node:net';
import { Conversation } from './conversation';
import { duplicate } from './duplicate';
import { handOver } from './hand-over';
import { inherit } from './inherit';

const conversations = new Set<Conversation>();

async function main(upgradePath: string | undefined): Promise<void> {
  let server = await listen(
    upgradePath === undefined
      ? { port: 0, host: '127.0.0.1' }
      : { fd: await inherit(upgradePath, conversations) },
  );
  // Step 1: a running server receives a "let's upgrade" message.
  process.on('SIGUSR2', async () => {
    const listener = await duplicate(server);
    // From now on, whoever connects waits in the kernel.
    await new Promise((resolve) => server.close(resolve));
    if (await handOver(listener, conversations)) {
      process.exit(0); // Step 7: the new copy is in charge.
    }
    server = await listen({ fd: listener.release() });
  });
  const { port } = server.address() as AddressInfo;
  console.log(`listening on ${port}, pid ${process.pid}`);
}

async function listen(options: ListenOptions & { fd?: number }): Promise<Server> {
  // Paused, so that Node reads nothing of a connection before its conversation does.
  const server = createServer({ pauseOnConnect: true }, async (socket) => {
    const descriptor = await duplicate(socket);
    socket.destroy();
    new Conversation(descriptor, 0, conversations);
  });
  server.listen(options);
  await once(server, 'listening');
  return server;
}

void main(process.argv[2]);
