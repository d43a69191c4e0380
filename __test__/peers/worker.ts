// A worker thread that receives in every way from the path that it is given, until it is
// terminated. It has no receiveFile under way at that time, only one that is over: Node itself
// loses the file that `fs.promises.open` is about to open in a worker that is terminated.
import { openSync } from 'node:fs';
import { parentPort, threadId, workerData } from 'node:worker_threads';
import { Conduit } from 'fd-conduit';

async function main(path: string): Promise<void> {
  const conduit = await Conduit.connect(path);
  const [here, there] = Conduit.pair();
  await there.transferFd(openSync('/dev/null', 'r'));
  const file = await here.receiveFile();
  void there.receive();
  void here.receiveSocket();
  void Conduit.listen(`\0${path} ${threadId}`).accept();
  parentPort?.postMessage(file.fd);
  for await (const descriptor of conduit) {
    parentPort?.postMessage(descriptor.fd);
  }
}

void main(workerData as string);
