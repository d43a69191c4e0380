// Datagrams with addresses: whoever asks is answered where the question came from.
import { mkdtempSync, rmdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { UnixSocket } from 'fd-conduit';

async function main(): Promise<void> {
  const directory = mkdtempSync(join(tmpdir(), 'unet-'));
  const service = UnixSocket.bind(join(directory, 'service'));
  const client = UnixSocket.bind(join(directory, 'client'));

  await client.write(Buffer.from('What is it?'), { to: join(directory, 'service') });
  const buffer = Buffer.alloc(64);
  const question = await service.read(buffer);
  const answer = Buffer.from(`${question.bytesRead} bytes from a ${question.from?.kind}`);
  await service.write(answer, { to: question.from?.bytes ?? '' });
  const { bytesRead } = await client.read(buffer);
  console.log(buffer.toString('utf8', 0, bytesRead));

  service.close();
  client.close();
  rmdirSync(directory);
}

void main();
