// fd-conduit, connections without net.Socket. argv: ROLE WORKLOAD COUNT BATCH; the socket is fd 3.
const { once } = require('node:events');
const net = require('node:net');
const { Conduit, StreamServer } = require('../../..');
const P = require(`${process.env.BENCH_LIB}/nodepeer.js`);

const REPLY = Buffer.from('ok');
const conduit = Conduit.fromFd(P.SOCK);

if (P.role === 'sender') {
  send();
} else {
  receive();
}

async function send() {
  const listening = net.createServer();
  listening.listen({ port: 0, host: '127.0.0.1', backlog: 1024 });
  await once(listening, 'listening');
  const { port } = listening.address();
  const server = StreamServer.fromServer(listening);
  P.ready(` port ${port}`);
  for await (const batch of server.batches()) {
    await conduit.transferEach(batch.descriptors);
  }
}

async function receive() {
  P.ready('');
  for await (const batch of conduit.batches()) {
    for (const descriptor of batch) {
      const stream = descriptor.toStreamSocket();
      await stream.write(REPLY);
      stream.close();
    }
  }
}
