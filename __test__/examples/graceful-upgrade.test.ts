import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import test from 'ava';

const SERVER = join(__dirname, '..', '..', 'examples', 'graceful-upgrade', 'server.js');
const CLIENTS = 100;
const UPGRADES = 3;

/** One side of a conversation: it sends lines of many lengths, and notes what it is told. */
class Client {
  readonly #socket: Socket;
  readonly #answers: AsyncIterator<string>;
  /** The counts that are to come. */
  readonly #expected: number[] = [];
  #sent = 0;
  #answered = 0;
  /** The processes that answered. */
  readonly pids = new Set<string>();
  /** Counts that were wrong, or came twice. */
  readonly wrong: string[] = [];

  constructor(port: number) {
    this.#socket = connect(port, '127.0.0.1');
    this.#answers = createInterface({ input: this.#socket })[Symbol.asyncIterator]();
  }

  /** Sends so many lines without waiting for an answer. */
  say(lines: number): void {
    for (let count = 0; count < lines; count += 1) {
      const line = `${'x'.repeat((this.#sent * 7) % 5000)}\n`;
      this.#sent += line.length;
      this.#expected.push(this.#sent);
      this.#socket.write(line);
    }
  }

  /** Reads the answers to all that was said. */
  async hear(): Promise<void> {
    for (; this.#answered < this.#expected.length; this.#answered += 1) {
      const { value = 'the end' } = await this.#answers.next();
      const [pid = '', count] = value.split(' ');
      this.pids.add(pid);
      if (count !== String(this.#expected[this.#answered])) {
        this.wrong.push(`${value} instead of ${this.#expected[this.#answered]}`);
        return;
      }
    }
  }

  end(): void {
    this.#socket.destroy();
  }
}

/** The next line with a port and a process, of whichever copy prints it. */
function announcements(child: ChildProcess): () => Promise<[port: number, pid: number]> {
  const lines = createInterface({ input: child.stdout as NodeJS.ReadableStream });
  const iterator = lines[Symbol.asyncIterator]();
  return async () => {
    const { value } = await iterator.next();
    const [, port, pid] = /listening on (\d+), pid (\d+)/.exec(value) ?? [];
    return [Number(port), Number(pid)];
  };
}

test('a hundred conversations go on through three upgrades, and every byte is counted once', async (t) => {
  const first = spawn(process.execPath, [SERVER], { stdio: ['ignore', 'pipe', 'inherit'] });
  const next = announcements(first);
  let [port, pid] = await next();
  t.teardown(() => process.kill(pid, 'SIGKILL'));
  const exit = once(first, 'exit');
  const clients = Array.from({ length: CLIENTS }, () => new Client(port));
  for (const client of clients) {
    client.say(5);
  }
  await Promise.all(clients.map((client) => client.hear()));
  for (let count = 0; count < UPGRADES; count += 1) {
    for (const client of clients) {
      client.say(5);
    }
    process.kill(pid, 'SIGUSR2');
    for (let turn = 0; turn < 20; turn += 1) {
      await new Promise(setImmediate);
      for (const client of clients) {
        client.say(1);
      }
    }
    const before = port;
    [port, pid] = await next();
    t.is(port, before);
    for (const client of clients) {
      client.say(5);
    }
    await Promise.all(clients.map((client) => client.hear()));
  }
  t.deepEqual(await exit, [0, null]);
  t.deepEqual(
    clients.flatMap(({ wrong }) => wrong),
    [],
  );
  t.true(clients.every(({ pids }) => pids.size === UPGRADES + 1));
  const late = new Client(port);
  late.say(1);
  await late.hear();
  t.deepEqual([...late.pids], [String(pid)]);
  for (const client of [...clients, late]) {
    client.end();
  }
});
