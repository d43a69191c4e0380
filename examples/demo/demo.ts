// Two processes with a conduit between them. An open file, a live connection and a listening
// socket go from one to the other; the demo tells who held what, and checks that it is true.
import { type ChildProcess, fork } from 'node:child_process';
import { on, once } from 'node:events';
import { join } from 'node:path';
import { Conduit } from 'fd-conduit';
import { type Deed, Scene } from './narrate';
import { giveConnection, giveFile, giveServer, type Reports } from './sender';

/** A demo that hangs has failed. */
const DEADLINE_MS = 30_000;

const SCENES = [
  { title: '1. A file, read half-way and deleted', give: giveFile },
  { title: '2. A TCP connection, in the middle of a conversation', give: giveConnection },
  { title: '3. A listening socket', give: giveServer },
];

async function main(): Promise<void> {
  const [ours, theirs] = Conduit.pair();
  const receiver = fork(join(__dirname, 'receiver.js'), {
    stdio: ['ignore', 'inherit', 'inherit', theirs.fd, 'ipc'],
  });
  // The child has it now; while our copy is open, its end would not look like the end to us.
  theirs.close();
  console.log('Two processes, and a conduit between them:');
  console.log(
    `  sender    pid ${process.pid}, which opens, accepts and listens (the client is here too)`,
  );
  console.log(`  receiver  pid ${receiver.pid}, which goes on where the sender stopped`);

  const next = reportsOf(receiver);
  const exit = once(receiver, 'exit');
  for (const { title, give } of SCENES) {
    await play(new Scene(title), (scene) => give(scene, ours, next));
  }
  ours.close();
  const [code] = await exit;
  if (code !== 0) {
    throw new Error(`the receiver exited with ${code}`);
  }
  console.log('\nAll went as it should.');
}

/** Tells the scene even where it breaks off, as the last line before is where to look. */
async function play(scene: Scene, run: (scene: Scene) => Promise<void>): Promise<void> {
  try {
    await run(scene);
  } finally {
    scene.print();
  }
  const [falseClaim] = scene.falseClaims;
  if (falseClaim !== undefined) {
    throw new Error(`this is not true: ${falseClaim}`);
  }
}

function reportsOf(receiver: ChildProcess): Reports {
  const reports = on(receiver, 'message', { close: ['exit'] });
  return async () => {
    const { value, done } = await reports.next();
    if (done) {
      throw new Error('the receiver ended before its time');
    }
    return value[0] as Deed;
  };
}

function fail(why: unknown): never {
  console.error(`\nThe demo failed: ${why instanceof Error ? why.message : why}`);
  process.exit(1);
}

setTimeout(fail, DEADLINE_MS, `it was not done after ${DEADLINE_MS / 1000} seconds`).unref();
process.once('uncaughtException', fail);
main().catch(fail);
