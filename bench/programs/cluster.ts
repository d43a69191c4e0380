// Node's cluster: the primary accepts, one worker serves.
import cluster from 'node:cluster';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { argumentsAs, readyAtOnce } from './conversation.js';

async function lead(): Promise<void> {
  cluster.schedulingPolicy = cluster.SCHED_RR;
  cluster.setupPrimary({
    args: argumentsAs('receiver'),
    stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
  });
  const [{ port }] = (await once(cluster.fork(), 'listening')) as [{ port: number }];
  readyAtOnce(port);
}

function serve(): void {
  const server = createServer((socket) => {
    socket.end('ok');
  });
  readyAtOnce();
  server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 });
}

if (cluster.isPrimary) {
  void lead();
} else {
  serve();
}
