import { readdirSync, readlinkSync } from 'node:fs';

/**
 * What this process has open: each number with what is behind it. Links and not `fstat`, because
 * Deno answers EBADF for a number that it did not open itself.
 */
export function openDescriptors(): string[] {
  const directory = process.platform === 'linux' ? '/proc/self/fd' : '/dev/fd';
  const numbers = readdirSync(directory).map(Number);
  return numbers.flatMap((number) => described(directory, number)).sort();
}

/** Runs `body`; afterwards exactly the descriptors of before are open. */
export async function exactly(body: () => Promise<void>): Promise<void> {
  const before = openDescriptors();
  await body();
  // What the runtime closes it closes in later turns of its loop.
  for (let turn = 0; turn < 100; turn += 1) {
    if (openDescriptors().join() === before.join()) {
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  const after = openDescriptors();
  const more = after.filter((line) => !before.includes(line));
  const fewer = before.filter((line) => !after.includes(line));
  throw new Error(`descriptors differ: more ${more.join(', ')}; fewer ${fewer.join(', ')}`);
}

function described(directory: string, number: number): string[] {
  try {
    const link = process.platform === 'linux' ? readlinkSync(`${directory}/${number}`) : '';
    // Runtimes make an epoll for each worker and close the last one late: those are counted only.
    const name = link.startsWith('anon_inode:') ? link : `${number} ${link}`;
    return link.startsWith('/proc/') ? [] : [name];
  } catch {
    // The listing's own, which is closed by now.
    return [];
  }
}
