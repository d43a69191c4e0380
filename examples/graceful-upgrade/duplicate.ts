import { type Descriptive, type Descriptor, get, put, socketPair } from 'fd-conduit';

/** A second descriptor of something, sent by this process to itself; the first stays as it is. */
export async function duplicate(handle: Descriptive): Promise<Descriptor> {
  const [here, there] = socketPair();
  await put(here, [handle]);
  const [descriptor] = await get(there, 1, { as: 'descriptor' });
  here.close();
  there.close();
  return descriptor as Descriptor;
}
