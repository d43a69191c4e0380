// Texts on a stream, each with its length before it, so that whoever reads stops where the
// descriptors begin.
import type { UnixSocket } from 'fd-conduit';

/** What the new copy says when it has taken over. */
export const OK = 'OK';

/** How many descriptors go in one message. */
export const BATCH = 253;

export async function writeText(
  via: UnixSocket,
  text: string,
  signal?: AbortSignal,
): Promise<void> {
  const payload = Buffer.from(text);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(payload.length);
  await via.write(Buffer.concat([length, payload]), { signal });
}

export async function readText(via: UnixSocket, signal?: AbortSignal): Promise<string> {
  const length = await readExactly(via, 4, signal);
  return (await readExactly(via, length.readUInt32BE(), signal)).toString();
}

async function readExactly(via: UnixSocket, bytes: number, signal?: AbortSignal): Promise<Buffer> {
  const buffer = Buffer.alloc(bytes);
  for (let at = 0; at < bytes; ) {
    const { bytesRead, isEnd } = await via.read(buffer.subarray(at), { signal });
    if (isEnd) {
      throw new Error('The other copy is gone');
    }
    at += bytesRead;
  }
  return buffer;
}
