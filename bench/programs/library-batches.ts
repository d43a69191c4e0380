// This library, one descriptor a message, many messages a call.
import { Conduit, putEach } from 'fd-conduit';
import { job, openFiles, ready, SOCKET, Tally } from './conversation.js';

const A_CALL = 64;

async function send(files: readonly number[]): Promise<void> {
  const conduit = Conduit.fromFd(SOCKET);
  const list = Array.from({ length: A_CALL }, (_, index) => files[index % files.length] as number);
  await ready();
  for (let sent = 0; sent < job.count; sent += A_CALL) {
    const rest = job.count - sent;
    await putEach(conduit, rest < A_CALL ? list.slice(0, rest) : list);
  }
}

async function receive(files: readonly number[]): Promise<void> {
  const conduit = Conduit.fromFd(SOCKET);
  const tally = new Tally(files);
  await ready();
  for await (const batch of conduit.batches({ max: A_CALL })) {
    const { fds, count } = batch;
    fds.forEach((fd, index) => {
      tally.check(fd, index);
    });
    batch.close();
    tally.take(count);
    if (tally.isComplete) break;
  }
  tally.finish();
}

void (job.role === 'sender' ? send : receive)(openFiles());
