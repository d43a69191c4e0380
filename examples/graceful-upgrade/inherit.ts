// What the new copy does for an upgrade.
import { get, UnixSocket } from 'fd-conduit';
import { Conversation } from './conversation';
import { BATCH, OK, readText, writeText } from './wire';

/** Takes everything over from the server at `path`; answers the number of the listening socket. */
export async function inherit(path: string, all: Set<Conversation>): Promise<number> {
  // Step 4: it starts reading from the socket whose name it was told.
  using via = await UnixSocket.connect(path);

  // Step 6: it reads the state, inherits the connections, and checks them …
  const state = JSON.parse(await readText(via)) as number[];
  const [listener] = await get(via, 1, { as: 'descriptor' });
  const connections = [];
  while (connections.length < state.length) {
    const count = Math.min(BATCH, state.length - connections.length);
    connections.push(...(await get(via, count, { as: 'descriptor' })));
  }
  if (listener?.kind !== 'tcp-server' || connections.some(({ kind }) => kind !== 'tcp')) {
    throw new Error('This is not what a server is made of');
  }
  // … and sends "OK". Until it is sent, the old server may still go on itself: read nothing.
  await writeText(via, OK);
  connections.forEach((descriptor, index) => {
    new Conversation(descriptor, state[index] ?? 0, all);
  });
  return listener.release();
}
