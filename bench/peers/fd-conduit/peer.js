// fd-conduit, each message awaited by itself. argv: ROLE WORKLOAD COUNT BATCH; the socket is fd 3.
const net = require('node:net');
const { Conduit, IoVector, put, UnixSocket } = require('../../..');
const P = require(`${process.env.BENCH_LIB}/nodepeer.js`);

const BYTE = Uint8Array.of(120);
const SOCKET_BUFFER = 1 << 20;
const isSender = P.role === 'sender';

const workloads = {
  W1: single,
  W3: stream,
  W6: single,
  W2: roundTrips,
  W4: connections,
  W5: packets,
};
workloads[P.workload]();

/** One descriptor a message, each awaited. */
async function single() {
  const conduit = Conduit.fromFd(P.SOCK);
  if (isSender) {
    const files = P.openFiles();
    P.ready('', async () => {
      for (let i = 0; i < P.count; i++) {
        await put(conduit, [files[i % files.length]]);
      }
    });
    return;
  }
  const counter = P.counter(P.count);
  P.ready('');
  while (counter.got < P.count) {
    const descriptor = await conduit.receive();
    if (counter.got % P.SAMPLE === 0) counter.check(descriptor.fd, counter.got);
    descriptor.close();
    counter.tick();
    counter.message();
  }
  counter.finish();
}

/** Many descriptors a message, each message awaited. */
async function stream() {
  const { batch } = P;
  const socket = UnixSocket.adopt(P.SOCK);
  if (isSender) {
    const files = P.openFiles();
    const cycle = Array.from({ length: files.length + batch }, (_, j) => files[j % files.length]);
    P.ready('', async () => {
      for (let i = 0; i < P.count; ) {
        const size = Math.min(batch, P.count - i);
        const first = i % files.length;
        await socket.write(BYTE, { descriptors: cycle.slice(first, first + size) });
        i += size;
      }
    });
    return;
  }
  const counter = P.counter(P.count);
  const buffer = new Uint8Array(1);
  P.ready('');
  while (counter.got < P.count) {
    const message = await socket.read(buffer, { maxDescriptors: batch });
    take(counter, message);
    counter.message();
  }
  counter.finish();
}

/** Counts a message's descriptors, looks at a sample of them and closes all. */
function take(counter, message) {
  const { fds } = message;
  const { got } = counter;
  for (let j = (P.SAMPLE - (got % P.SAMPLE)) % P.SAMPLE; j < fds.length; j += P.SAMPLE) {
    counter.check(fds[j], got + j);
  }
  message.close();
  for (let j = 0; j < fds.length; j++) counter.tick();
}

async function roundTrips() {
  const conduit = Conduit.fromFd(P.SOCK);
  if (!isSender) {
    P.ready('');
    for (let i = 0; i < P.count; i++) {
      const descriptor = await conduit.receive();
      await put(conduit, [descriptor.fd]);
      descriptor.close();
    }
    return;
  }
  const files = P.openFiles();
  P.ready('', async () => {
    const latencies = new Float64Array(P.count);
    let bad = 0;
    const start = process.hrtime.bigint();
    for (let i = 0; i < P.count; i++) {
      const sent = process.hrtime.bigint();
      await put(conduit, [files[i % files.length]]);
      const descriptor = await conduit.receive();
      latencies[i] = Number(process.hrtime.bigint() - sent);
      if (i % P.SAMPLE === 0) bad += isOther(descriptor.fd, i);
      descriptor.close();
    }
    P.rtt(latencies, start, P.count, bad);
  });
}

function isOther(fd, i) {
  return require('node:fs').fstatSync(fd).ino === P.inos[i % P.inos.length] ? 0 : 1;
}

async function connections() {
  const conduit = Conduit.fromFd(P.SOCK);
  if (isSender) {
    const server = net.createServer({ pauseOnConnect: true }, (socket) => {
      conduit.transferSocket(socket);
    });
    server.listen({ port: 0, host: '127.0.0.1', backlog: 1024 }, () => {
      P.ready(` port ${server.address().port}`);
    });
    return;
  }
  P.ready('');
  for (;;) {
    const socket = await conduit.receiveSocket();
    socket.write('ok', () => socket.destroy());
  }
}

async function packets() {
  const socket = UnixSocket.adopt(P.SOCK);
  socket.sendBufferSize = SOCKET_BUFFER;
  socket.receiveBufferSize = SOCKET_BUFFER;
  const vector = new IoVector([16384, 16384, 16384, 16384]);
  const heads = vector.buffers.map(
    (buffer) => new Uint32Array(buffer.buffer, buffer.byteOffset, 1),
  );
  if (isSender) {
    const files = P.openFiles();
    P.ready('', async () => {
      for (let i = 0; i < P.count; i++) {
        for (const head of heads) head[0] = i;
        const descriptors = P.batch > 0 ? [files[i % files.length]] : [];
        await socket.writeVec(vector, { descriptors });
      }
    });
    return;
  }
  const counter = P.counter(P.batch > 0 ? P.count : 0);
  P.ready('');
  for (let i = 0; i < P.count; i++) {
    const message = await socket.readVec(vector, { maxDescriptors: P.batch });
    if (message.bytesRead !== P.MSG5) counter.bad++;
    for (const head of heads) if (head[0] !== i) counter.bad++;
    take(counter, message);
    counter.message();
  }
  counter.finish(P.count - 1);
}
