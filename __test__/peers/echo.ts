// Sends back all that it receives by its conduit, as a process (descriptor 3) or a worker.
import { workerData } from 'node:worker_threads';
import { Conduit } from 'fd-conduit';

async function main(fd: number): Promise<void> {
  using conduit = Conduit.fromFd(fd);
  for await (const descriptor of conduit) {
    await conduit.transfer(descriptor);
  }
}

void main((workerData as number | undefined) ?? 3);
