// fd-conduit, many messages a call. argv: ROLE WORKLOAD COUNT BATCH; the socket is fd 3.
const { Conduit, closeDescriptors, putEach } = require('../../..');
const P = require(`${process.env.BENCH_LIB}/nodepeer.js`);

const LIST = 64;
const conduit = Conduit.fromFd(P.SOCK);

if (P.role === 'sender') {
  send();
} else {
  receive();
}

function send() {
  const files = P.openFiles();
  const list = Array.from({ length: LIST }, (_, i) => files[i % files.length]);
  P.ready('', async () => {
    for (let sent = 0; sent < P.count; sent += LIST) {
      await putEach(conduit, P.count - sent < LIST ? list.slice(0, P.count - sent) : list);
    }
  });
}

async function receive() {
  const counter = P.counter(P.count);
  P.ready('');
  for await (const batch of conduit.batches({ max: LIST })) {
    batch.forEach((descriptor, i) => {
      const place = counter.got + i;
      if (place % P.SAMPLE === 0) counter.check(descriptor.fd, place);
    });
    closeDescriptors(batch);
    for (let i = 0; i < batch.length; i++) counter.tick();
    counter.message();
    if (counter.got >= P.count) break;
  }
  counter.finish();
}
