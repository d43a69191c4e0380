import { isConduitError, type SocketType, socketPair, type UnixSocket } from 'fd-conduit';
import { type Extent, measure } from './measure.js';

const LARGEST = 1 << 20;
const BATCH_BYTES = 1 << 24;
const SOCKET_BUFFER_BYTES = 1 << 20;

/** What one message costs that carries much payload: by a stream, and by packets. */
export async function payload(extent: Extent): Promise<void> {
  await carry('stream', 'stream', extent);
  if (process.platform !== 'darwin') {
    await carry('packets', 'seqpacket', extent);
  }
}

async function carry(series: string, type: SocketType, extent: Extent): Promise<void> {
  const [here, there] = socketPair({ type });
  for (const end of [here, there]) {
    end.sendBufferSize = SOCKET_BUFFER_BYTES;
    end.receiveBufferSize = SOCKET_BUFFER_BYTES;
  }
  const room = new Uint8Array(LARGEST);
  for (let bytes = 1; bytes <= LARGEST; bytes *= 4) {
    const whole = new Uint8Array(bytes);
    if (type === 'seqpacket' && !(await passes(whole, here, there))) break;
    const messages = Math.min(Math.floor(BATCH_BYTES / bytes), extent.messages);
    await measure(series, bytes, { ...extent, messages }, async (times) => {
      for (let sent = 0; sent < times; sent += 1) {
        const sending = here.write(whole);
        await receive(there, room, bytes);
        await sending;
      }
    });
  }
  here.close();
  there.close();
}

async function receive(socket: UnixSocket, room: Uint8Array, bytes: number): Promise<void> {
  for (let received = 0; received < bytes; ) {
    const { bytesRead } = await socket.read(received === 0 ? room : room.subarray(received));
    received += bytesRead;
  }
}

/** Whether a packet may be so large here. */
async function passes(packet: Uint8Array, here: UnixSocket, there: UnixSocket): Promise<boolean> {
  try {
    await here.write(packet);
  } catch (error) {
    if (isConduitError(error) && error.type === 'FailedTransfer') {
      return false;
    }
    throw error;
  }
  await there.read(new Uint8Array(packet.length));
  return true;
}
