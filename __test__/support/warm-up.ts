import { Conduit } from 'fd-conduit';

/** Opens what all of the library's sockets of a thread share, once. */
export async function warmUp(): Promise<void> {
  const ends = Conduit.pair();
  await ends[0].receive({ timeoutMs: 1 }).catch(() => undefined);
  for (const end of ends) {
    end.close();
  }
}
