import { closeSync } from 'node:fs';
import test, { type ExecutionContext } from 'ava';
import { Conduit, socketPair, type UnixSocket } from 'fd-conduit';
import { openFd, textOfDescriptor } from '../support/conduits.js';
import { exactly } from '../support/descriptors.js';
import { rejection } from '../support/errors.js';
import { temporaryFile } from '../support/files.js';

// macOS has no packet sockets.
const packetTest = process.platform === 'darwin' ? test.skip : test;

/** A conduit over packets, and the socket at its other end. */
function packetConduit(t: ExecutionContext): { conduit: Conduit; socket: UnixSocket } {
  const [socket, theirs] = socketPair({ type: 'seqpacket' });
  const conduit = Conduit.fromFd(theirs.fd);
  theirs.close();
  t.teardown(() => {
    socket.close();
    conduit.close();
  });
  return { conduit, socket };
}

packetTest('an empty packet without a descriptor is BadCtrlMesg, and not the end', async (t) => {
  const { conduit, socket } = packetConduit(t);
  const fd = openFd(temporaryFile(t, 'with an empty packet'));
  await socket.write(new Uint8Array(0));
  await socket.write(new Uint8Array(0), { descriptors: [fd] });
  await socket.write(Buffer.of(0));
  socket.close();
  const empty = await rejection(t, conduit.receive(), 'BadCtrlMesg');
  t.like(empty, { reason: 'none', bytesRead: 0, descriptorsReceived: 0 });
  t.is(textOfDescriptor(await conduit.receive()), 'with an empty packet');
  t.like(await rejection(t, conduit.receive(), 'BadCtrlMesg'), { reason: 'none', bytesRead: 1 });
  await rejection(t, conduit.receive(), 'EndOfStream');
  await rejection(t, conduit.receive(), 'EndOfStream');
  closeSync(fd);
});

packetTest('an empty packet that a waiting receive gets is not the end', async (t) => {
  const { conduit, socket } = packetConduit(t);
  const waiting = conduit.receive();
  const next = conduit.receive();
  await socket.write(new Uint8Array(0));
  t.is((await rejection(t, waiting, 'BadCtrlMesg')).reason, 'none');
  socket.close();
  await rejection(t, next, 'EndOfStream');
});

packetTest('empty packets that came before the conduit was made are not the end', async (t) => {
  const [socket, theirs] = socketPair({ type: 'seqpacket' });
  await socket.write(new Uint8Array(0));
  using conduit = Conduit.fromFd(theirs.fd);
  theirs.close();
  t.is((await rejection(t, conduit.receive(), 'BadCtrlMesg')).reason, 'none');
  socket.close();
  await rejection(t, conduit.receive(), 'EndOfStream');
});

packetTest(
  'a packet larger than a conduit takes is PacketTooLarge, and closes what came',
  async (t) => {
    const { conduit, socket } = packetConduit(t);
    const fd = openFd(temporaryFile(t, 'the next'));
    await exactly(t, async () => {
      await socket.write(Buffer.from('hello'), { descriptors: [fd] });
      const error = await rejection(t, conduit.receive(), 'PacketTooLarge');
      t.like(error, { code: 'EMSGSIZE', packetBytes: 5, bufferBytes: 1, descriptorsReceived: 1 });
      await socket.write(Buffer.of(0), { descriptors: [fd] });
      t.is(textOfDescriptor(await conduit.receive()), 'the next');
    });
    closeSync(fd);
  },
);
