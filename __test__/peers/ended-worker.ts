// A worker thread that goes to a named point of a receive, tells that it is there, and is then
// terminated. Where no JavaScript may run behind the point, it blocks there.
import { parentPort, workerData } from 'node:worker_threads';
import { Conduit } from 'fd-conduit';

/** The points of a receive at which a worker is terminated. */
export const POINTS = [
  'before the call',
  'waiting',
  'message queued',
  'between native return and promise',
  'woken, before the promise',
  'after',
  'flooded',
] as const;

/** What the worker is told. */
export interface EndedWorkerData {
  readonly fd: number;
  readonly point: (typeof POINTS)[number];
  /** 1 from when the worker is at its point. */
  readonly flag: Int32Array;
  /** Messages are in the socket already. */
  readonly sent: Int32Array;
}

async function main({ fd, point, flag, sent }: EndedWorkerData): Promise<void> {
  const conduit = Conduit.fromFd(fd);
  const arrive = (): void => {
    Atomics.store(flag, 0, 1);
    parentPort?.postMessage('here');
  };
  const block = (): void => {
    arrive();
    // Never notified: terminate() ends it.
    Atomics.wait(flag, 0, 1);
  };
  const messages = (): void => {
    parentPort?.postMessage('ready');
    Atomics.wait(sent, 0, 0);
  };
  switch (point) {
    case 'before the call':
      messages();
      block();
      return;
    case 'waiting':
      void conduit.receive();
      void conduit.receive();
      arrive();
      return;
    case 'message queued':
      void conduit.receive();
      messages();
      block();
      return;
    case 'between native return and promise':
      messages();
      void conduit.receive();
      block();
      return;
    case 'woken, before the promise': {
      // The first's continuation runs after both were received in one wake-up.
      const first = conduit.receive();
      void conduit.receive();
      messages();
      await first;
      block();
      return;
    }
    case 'after': {
      messages();
      const kept = [await conduit.receive(), await conduit.receive()];
      arrive();
      await conduit.receive();
      void kept;
      return;
    }
    case 'flooded':
      arrive();
      for await (const descriptor of conduit) {
        if (descriptor.fd % 2 === 0) {
          descriptor.close();
        }
      }
  }
}

if (workerData?.point !== undefined) {
  void main(workerData as EndedWorkerData);
}
