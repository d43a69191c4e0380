// What the running server does for an upgrade.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Descriptor, put, UnixServer } from 'fd-conduit';
import type { Conversation } from './conversation';
import { BATCH, OK, readText, writeText } from './wire';

/** How long the new copy has for all of it. */
const DEADLINE_MS = 10_000;

/** Hands everything to a new copy. False where that failed, and this server goes on. */
export async function handOver(
  listener: Descriptor,
  all: ReadonlySet<Conversation>,
): Promise<boolean> {
  const directory = await mkdtemp(join(tmpdir(), 'upgrade-'));
  const path = join(directory, 'socket');
  const signal = AbortSignal.timeout(DEADLINE_MS);
  const leaving = [...all];
  try {
    // Step 2: it opens a Unix domain socket for the upgrade, which only its own user can use.
    using upgrade = UnixServer.bindAndListen(path, { mode: 0o600 });

    // Step 3: it starts a new copy of itself, and tells it the socket's name.
    spawn(process.execPath, [...process.execArgv, process.argv[1] as string, path], {
      stdio: ['ignore', 'inherit', 'inherit'],
    }).unref();

    // Step 4: the new copy connects, and starts reading.
    using via = await upgrade.accept({ signal });

    // Step 5: it sends its state with the number of connections, then the connections.
    const state = await Promise.all(leaving.map((conversation) => conversation.pause()));
    await writeText(via, JSON.stringify(state), signal);
    await put(via, [listener], { signal });
    for (let start = 0; start < leaving.length; start += BATCH) {
      const batch = leaving.slice(start, start + BATCH);
      await put(
        via,
        batch.map(({ socket }) => socket),
        { signal },
      );
    }

    // Step 6 is the new copy's. Step 7: it receives "OK", and can go.
    return (await readText(via, signal)) === OK;
  } catch (error) {
    console.error('No upgrade:', error);
    for (const conversation of leaving) {
      conversation.resume();
    }
    return false;
  } finally {
    await rm(directory, { recursive: true });
  }
}
