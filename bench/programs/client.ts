// Connects to 127.0.0.1 again and again, and expects "ok" and the end: PORT COUNT. What client.c
// does, where there is no compiler.
import { once } from 'node:events';
import { connect } from 'node:net';
import { text } from 'node:stream/consumers';

const AT_A_TIME = 64;
const [port, count] = process.argv.slice(2).map(Number) as [number, number];
const untimed = Math.floor(count / 10);
let started = 0;
let ended = 0;
let right = 0;
let start = process.hrtime.bigint();

async function talk(): Promise<void> {
  while (started < count) {
    started += 1;
    const socket = connect(port, '127.0.0.1');
    const closed = once(socket, 'close');
    const [heard] = await Promise.all([text(socket), closed]);
    right += heard === 'ok' ? 1 : 0;
    ended += 1;
    if (ended === untimed) start = process.hrtime.bigint();
  }
}

async function main(): Promise<void> {
  await Promise.all(Array.from({ length: AT_A_TIME }, talk));
  const nanoseconds = process.hrtime.bigint() - start;
  console.log('result', count - untimed, String(nanoseconds), right, count - right);
}

void main();
