// A cluster whose worker transfers its server, and prints how that went.
import cluster from 'node:cluster';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Conduit, isConduitError } from 'fd-conduit';

async function transferServer(): Promise<void> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const [here] = Conduit.pair();
  const error: unknown = await here.transfer(server).catch((caught: unknown) => caught);
  const said = isConduitError(error) ? `${error.type} ${error.message}` : String(error);
  console.log(`${said}; listening ${server.listening}`);
  process.disconnect();
  server.close();
}

if (cluster.isWorker) {
  void transferServer();
} else {
  cluster.fork();
}
