import { fstatSync } from 'node:fs';
import type { Server, Socket } from 'node:net';

/** An open descriptor as a process sees it: the number is its own, the inode is everybody's. */
export interface Holding {
  readonly fd: number;
  readonly inode: number;
}

/** What this process holds under a number. */
export function holding(fd: number): Holding {
  return { fd, inode: fstatSync(fd).ino };
}

/** What this process holds with a socket. Node has no public way to ask for the number. */
export function holdingOf(socket: Socket | Server): Holding {
  const { _handle } = socket as unknown as { _handle: { fd: number } };
  return holding(_handle.fd);
}

/** Whether this process still holds it. Its number alone may long be somebody else's. */
export function isHeld({ fd, inode }: Holding): boolean {
  try {
    return fstatSync(fd).ino === inode;
  } catch {
    return false;
  }
}
