import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { openSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Worker } from 'node:worker_threads';
import { Conduit, UnixServer } from 'fd-conduit';
import { type Case, inDirectory } from './cases.js';

const PEER = join(__dirname, 'peer.js');

/** Starts a program of the core suite in a process of its own. */
function start(...args: string[]): { child: ChildProcess; ended: Promise<void> } {
  const { CORE_RUNTIME = 'null' } = process.env;
  const command: string[] = JSON.parse(CORE_RUNTIME) ?? [process.execPath];
  const [program = '', ...before] = command;
  const child = spawn(program, [...before, PEER, ...args], {
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  const ended = once(child, 'close').then(([code, signal]) => {
    assert.deepEqual([code, signal], [0, null], `the peer ended with ${code ?? signal}`);
  });
  return { child, ended };
}

export const processCases: readonly Case[] = [
  {
    name: 'two processes: a file there, another back, 200 times',
    body: () =>
      inDirectory(async (directory) => {
        const path = join(directory, 'socket');
        const text = join(directory, 'text');
        await writeFile(text, 'there');
        const server = Conduit.listen(path);
        const { ended } = start('swap', path, join(directory, 'back'));
        const conduit = await server.accept({ timeoutMs: 60_000 });
        for (let round = 0; round < 200; round += 1) {
          await conduit.transferFd(openSync(text, 'r'));
          const back = await conduit.receiveFile({ timeoutMs: 60_000 });
          assert.equal(await back.readFile('utf8'), `there and back ${round}`);
          await back.close();
        }
        conduit.close();
        server.close();
        await ended;
      }),
  },
  {
    name: 'two processes: SEQPACKET with a payload and descriptors',
    body: () =>
      inDirectory(async (directory) => {
        const path = join(directory, 'socket');
        const server = UnixServer.bindAndListen(path, { type: 'seqpacket' });
        const { ended } = start('packets', path);
        const socket = await server.accept({ timeoutMs: 60_000 });
        const buffer = new Uint8Array(64);
        for (let count = 0; count < 50; count += 1) {
          const message = await socket.read(buffer, { maxDescriptors: 50, timeoutMs: 60_000 });
          assert.deepEqual([message.bytesRead, message.count], [count, count]);
          message.close();
        }
        assert.equal((await socket.read(buffer)).isEnd, true);
        socket.close();
        server.close();
        await ended;
      }),
  },
  {
    name: 'a program that forgets an open conduit, and a receive with unref, exits by itself',
    body: async () => {
      await start('forget').ended;
    },
  },
  {
    name: 'a program whose only work is a receive stays alive for it',
    body: () =>
      inDirectory(async (directory) => {
        const path = join(directory, 'socket');
        const server = Conduit.listen(path);
        const { ended, child } = start('wait', path);
        const conduit = await server.accept({ timeoutMs: 60_000 });
        await new Promise((resolve) => setTimeout(resolve, 300));
        assert.equal(child.exitCode, null);
        await conduit.transferFd(openSync('/dev/null', 'r'));
        await ended;
        conduit.close();
        server.close();
      }),
  },
  {
    name: 'a worker that is ended while it waits takes nothing along and leaves nothing open',
    body: async () => {
      for (const how of ['terminate', 'exit']) {
        const worker = new Worker(PEER, { argv: ['worker', how] });
        await once(worker, 'message');
        const gone = once(worker, 'exit');
        if (how === 'terminate') {
          await worker.terminate();
        } else {
          worker.postMessage('exit');
        }
        await gone;
      }
    },
  },
];
