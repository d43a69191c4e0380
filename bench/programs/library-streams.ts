// This library, connections handed over as descriptors: no net.Socket at either end.
import { once } from 'node:events';
import { createServer } from 'node:net';
import { Conduit, StreamServer } from 'fd-conduit';
import { job, ready, readyAtOnce, SOCKET } from './conversation.js';

const BACKLOG = 1024;
const REPLY = Buffer.from('ok');

async function handOver(): Promise<void> {
  const conduit = Conduit.fromFd(SOCKET);
  const listening = createServer();
  listening.listen({ port: 0, host: '127.0.0.1', backlog: BACKLOG });
  await once(listening, 'listening');
  const address = listening.address();
  const server = StreamServer.fromServer(listening);
  readyAtOnce(typeof address === 'object' ? address?.port : undefined);
  for await (const batch of server.batches()) {
    await conduit.transferEach(batch.descriptors);
  }
}

async function serve(): Promise<void> {
  const conduit = Conduit.fromFd(SOCKET);
  await ready();
  for await (const batch of conduit.batches()) {
    for (const descriptor of batch) {
      const stream = descriptor.toStreamSocket();
      await stream.write(REPLY);
      stream.close();
    }
  }
}

void (job.role === 'sender' ? handOver : serve)();
