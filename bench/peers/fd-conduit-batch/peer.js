// fd-conduit, many messages a call. argv: ROLE WORKLOAD COUNT BATCH; the socket is fd 3.
const { Conduit, putEach } = require('../../..');
const P = require(`${process.env.BENCH_LIB}/nodepeer.js`);

const LIST = P.batch;
const conduit = Conduit.fromFd(P.SOCK);

if (P.role === 'sender') {
  send();
} else {
  receive();
}

function send() {
  const files = P.openFiles();
  const cycle = Array.from({ length: files.length + LIST }, (_, i) => files[i % files.length]);
  P.ready('', async () => {
    for (let sent = 0; sent < P.count; sent += LIST) {
      const first = sent % files.length;
      await putEach(conduit, cycle.slice(first, first + Math.min(LIST, P.count - sent)));
    }
  });
}

async function receive() {
  const counter = P.counter(P.count);
  P.ready('');
  for await (const batch of conduit.batches({ max: LIST })) {
    const { fds } = batch;
    const { got } = counter;
    for (let j = (P.SAMPLE - (got % P.SAMPLE)) % P.SAMPLE; j < fds.length; j += P.SAMPLE) {
      counter.check(fds[j], got + j);
    }
    batch.close();
    for (let j = 0; j < fds.length; j++) counter.tick();
    counter.message();
    if (counter.got >= P.count) break;
  }
  counter.finish();
}
