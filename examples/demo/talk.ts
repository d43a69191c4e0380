import type { Socket } from 'node:net';

/** Reads one line of a conversation, and nothing beyond it. */
export function readLine(socket: Socket): Promise<string> {
  return new Promise((resolve, reject) => {
    let line = '';
    const onError = (error: Error) => settle(() => reject(error));
    const onEnd = () => onError(new Error('the connection ended in the middle of a line'));
    const onData = (chunk: Buffer) => {
      line += chunk;
      if (line.endsWith('\n')) {
        settle(() => resolve(line.trimEnd()));
      }
    };
    const settle = (outcome: () => void) => {
      socket.pause().off('data', onData).off('end', onEnd);
      outcome();
    };
    // Left in place: a connection that breaks later is noticed where something is missed.
    socket.on('data', onData).once('end', onEnd).once('error', onError).resume();
  });
}
