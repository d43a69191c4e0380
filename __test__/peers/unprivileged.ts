// Drops its privileges in the directory of its second argument, which cannot be written to from
// then on, and prints what becomes of the server of its first argument there.
import { once } from 'node:events';
import { chmodSync, existsSync, readdirSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { join } from 'node:path';
import { Conduit, type ConduitServer, isConduitError, UnixServer } from 'fd-conduit';
import { isOpen } from '../support/descriptors.js';
import { textOf } from '../support/tcp.js';

const NOBODY = 65_534;

function dropPrivileges(directory: string): void {
  chmodSync(directory, 0o555);
  if (process.getuid?.() === 0) {
    process.setgid?.(NOBODY);
    process.setuid?.(NOBODY);
  }
}

/** How closing went: the error's fields, whether the descriptor is open, whether the file is there. */
function closing(server: ConduitServer | UnixServer, path: string): string {
  const { fd } = server;
  try {
    server.close();
    return 'closed';
  } catch (error) {
    if (!isConduitError(error) || error.type !== 'FailedClose') {
      throw error;
    }
    const { type, code, errno, syscall } = error;
    server.close();
    return [type, code, errno, syscall, isOpen(fd), existsSync(path)].join(' ');
  }
}

const actions: Record<string, (directory: string, path: string) => Promise<string>> = {
  'net.Server': async (directory, path) => {
    const server = createServer().listen(path);
    await once(server, 'listening');
    chmodSync(path, 0o777);
    dropPrivileges(directory);
    const [one, other] = Conduit.pair();
    const outcome = await one.transfer(server).then(
      () => 'transferred',
      (error: Error) => error.message,
    );
    const there = await (await other.receive()).toNetServer();
    there.once('connection', (socket) => socket.end('answered there'));
    const answer = await textOf(connect(path).end());
    there.close();
    one.close();
    other.close();
    return `${outcome}; ${readdirSync(directory)}; ${answer}`;
  },
  UnixServer: async (directory, path) => {
    const server = UnixServer.bindAndListen(path);
    dropPrivileges(directory);
    return closing(server, path);
  },
  ConduitServer: async (directory, path) => {
    const server = Conduit.listen(path);
    dropPrivileges(directory);
    return closing(server, path);
  },
  signal: async (directory, path) => {
    const controller = new AbortController();
    const { fd } = Conduit.listen(path, { signal: controller.signal });
    dropPrivileges(directory);
    const caught = once(process, 'uncaughtException');
    controller.abort();
    const [error] = await caught;
    return `${isConduitError(error) ? error.type : error} ${isOpen(fd)}`;
  },
};

const [, , name = '', directory = ''] = process.argv;
void actions[name]?.(directory, join(directory, 'socket')).then(console.log);
