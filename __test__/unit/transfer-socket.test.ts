import { once } from 'node:events';
import { connect, Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { TLSSocket } from 'node:tls';
import test from 'ava';
import { fill, pair } from '../support/conduits.js';
import { rejection } from '../support/errors.js';
import { startRemote } from '../support/remote.js';
import { nextText, tcpPair, tcpServer, textOf } from '../support/tcp.js';

/** More than the buffers of both ends of a connection hold. */
const LARGE = Buffer.alloc(16 * 2 ** 20, 'L');

/** Waits until the socket, which nobody reads from, holds bytes that Node has read. */
async function bytesRead(socket: Socket): Promise<void> {
  while (socket.readableLength === 0) {
    await delay(1);
  }
}

test('what was written before leaves first, however slowly the peer reads', async (t) => {
  const { conduit, remote } = await startRemote(t);
  const { client, served } = await tcpPair(t);
  served.write(LARGE);
  const transfer = conduit.transferSocket(served);
  const there = remote.call('receiveSocket', 'the end');
  t.true(served.writableLength > 0);
  client.end();
  const text = await textOf(client);
  await transfer;
  t.is(text.length, LARGE.length + 'the end'.length);
  t.true(text.endsWith('Lthe end'));
  t.is(await there, '');
});

test('timeoutMs bounds the draining and leaves the socket usable, and reading again', async (t) => {
  const [one, other] = pair(t);
  const { client, served } = await tcpPair(t);
  served.on('data', () => undefined);
  served.write(LARGE);
  const transfer = one.transferSocket(served, { timeoutMs: 20 });
  const error = await rejection(t, transfer, 'Timeout');
  t.like(error, { code: 'ETIMEDOUT', timeoutMs: 20, bytesWritten: 0, descriptorsSent: 0 });
  t.false(served.destroyed);
  client.write('is it there?');
  t.is(await nextText(served), 'is it there?');
  served.end('still here');
  t.is((await textOf(client)).length, LARGE.length + 'still here'.length);
  one.close();
  await rejection(t, other.receive(), 'EndOfStream');
});

test('aborting the draining leaves the socket usable, and reading again', async (t) => {
  const [one] = pair(t);
  const { client, served } = await tcpPair(t);
  served.write(LARGE);
  const controller = new AbortController();
  const transfer = one.transferSocket(served, { signal: controller.signal });
  controller.abort('enough');
  t.is((await rejection(t, transfer, 'Aborted')).cause, 'enough');
  client.write('is it there?');
  t.is(await nextText(served), 'is it there?');
});

test('a later transfer keeps its place behind a socket that drains', async (t) => {
  const [one, other] = pair(t);
  const { client, served } = await tcpPair(t);
  const { served: second } = await tcpPair(t);
  served.write(LARGE);
  const both = Promise.all([one.transferSocket(served), one.transferSocket(second)]);
  const { remotePort } = served;
  client.resume();
  await both;
  const received = await other.receiveSocket();
  t.is(received.remotePort, remotePort);
  received.destroy();
});

test('bytes that Node has read already are UnreadData; after read() the socket goes', async (t) => {
  const { conduit, remote } = await startRemote(t);
  const { client, served } = await tcpPair(t);
  client.write('early');
  await bytesRead(served);
  const error = await rejection(t, conduit.transferSocket(served), 'UnreadData');
  t.like(error, { code: 'ERR_UNREAD_DATA', bytes: 5 });
  t.regex(error.message, /5 bytes/);
  t.false(served.destroyed);
  t.is(String(served.read()), 'early');
  await conduit.transferSocket(served);
  client.end('late');
  t.is(await remote.call('receiveSocket', ''), 'late');
});

test('what comes between read() and the transfer stays in the connection', async (t) => {
  const { conduit, remote } = await startRemote(t);
  const { client, served } = await tcpPair(t);
  client.write('early');
  await bytesRead(served);
  const taken = String(served.read());
  const transfer = conduit.transferSocket(served);
  client.end(' and late');
  await transfer;
  t.is(taken + (await remote.call('receiveSocket', '')), 'early and late');
});

test('a socket that was written to while its transfer waited is not sent, and loses nothing', async (t) => {
  const [one, other] = pair(t);
  const full = await fill(one);
  const { client, served } = await tcpPair(t);
  const transfer = one.transferSocket(served);
  served.write(LARGE);
  await full.drain(other);
  const error = await rejection(t, transfer, 'FailedTransfer');
  t.is(error.code, 'EBUSY');
  served.end();
  t.is((await textOf(client)).length, LARGE.length);
});

test('a transfer that fails leaves the socket usable, and reading again', async (t) => {
  const [one, other] = pair(t);
  other.close();
  const { client, served } = await tcpPair(t);
  const error = await rejection(t, one.transferSocket(served), 'FailedTransfer');
  t.is(error.code, 'EPIPE');
  client.write('still here?');
  t.is(await nextText(served), 'still here?');
  served.end('yes');
  t.is(await textOf(client), 'yes');
});

test('the TCP peer sees neither end nor reset when the connection goes over', async (t) => {
  const { conduit, remote } = await startRemote(t);
  const { client, served } = await tcpPair(t);
  let isEnded = false;
  client.once('end', () => {
    isEnded = true;
  });
  client.resume();
  await conduit.transferSocket(served);
  await delay(50);
  t.false(isEnded);
  t.false(client.destroyed);
  client.end('anybody there?');
  t.is(await remote.call('receiveSocket', 'yes'), 'anybody there?');
});

test('a connecting socket goes as soon as it is connected', async (t) => {
  const { conduit, remote } = await startRemote(t);
  const { server, port } = await tcpServer(t);
  const connection = once(server, 'connection') as Promise<[Socket]>;
  const socket = connect(port, '127.0.0.1');
  // Node makes the descriptor of a TCP connection in the next turn.
  await delay(0);
  socket.write('written while connecting, ');
  await conduit.transferSocket(socket);
  const there = remote.call('receiveSocket', 'and there');
  const [peer] = await connection;
  peer.end();
  t.is(await textOf(peer), 'written while connecting, and there');
  await there;
});

test('a socket that is destroyed while it drains is NoFD', async (t) => {
  const [one] = pair(t);
  const { served } = await tcpPair(t);
  served.write(LARGE);
  const transfer = one.transferSocket(served);
  served.destroy();
  t.is((await rejection(t, transfer, 'NoFD')).code, 'ERR_NO_FD');
});

test('closing the conduit while a socket drains is Closed, and the socket stays usable', async (t) => {
  const [one] = pair(t);
  const { client, served } = await tcpPair(t);
  served.write(LARGE);
  const transfer = one.transferSocket(served);
  one.close();
  await rejection(t, transfer, 'Closed');
  client.write('on');
  t.is(await nextText(served), 'on');
});

test('a TLS socket, a destroyed socket and one without connection are NoFD and untouched', async (t) => {
  const [one] = pair(t);
  const { client, served } = await tcpPair(t);
  const secure = new TLSSocket(served);
  t.regex((await rejection(t, one.transferSocket(secure), 'NoFD')).message, /TLS/);
  t.false(secure.destroyed);
  client.destroy();
  t.is((await rejection(t, one.transferSocket(client), 'NoFD')).code, 'ERR_NO_FD');
  await rejection(t, one.transferSocket(new Socket()), 'NoFD');
});

test('one socket that is transferred twice at once goes once', async (t) => {
  const [one, other] = pair(t);
  const { client, served } = await tcpPair(t);
  const [first, second] = await Promise.allSettled([
    one.transferSocket(served),
    one.transferSocket(served),
  ]);
  t.is(first.status, 'fulfilled');
  t.is(second.status, 'rejected');
  const received = await other.receiveSocket();
  received.end('once');
  t.is(await textOf(client), 'once');
  one.close();
  await rejection(t, other.receive(), 'EndOfStream');
});

test('one of two transfers that is given up does not make the socket read before the other', async (t) => {
  const { conduit, remote } = await startRemote(t);
  const { client, served } = await tcpPair(t);
  served.resume();
  served.write(LARGE);
  const controller = new AbortController();
  const aborted = conduit.transferSocket(served, { signal: controller.signal });
  const transfer = conduit.transferSocket(served);
  controller.abort();
  await rejection(t, aborted, 'Aborted');
  client.write('for the other process');
  await delay(20);
  client.resume();
  await transfer;
  const there = remote.call('receiveSocket', '');
  client.end();
  t.is(await there, 'for the other process');
});
