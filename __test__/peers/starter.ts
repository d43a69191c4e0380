// Tries to listen on each path that comes on its standard input, at the given time, and prints
// how that went; an empty line stops the server.
import { createInterface } from 'node:readline';
import { Conduit, type ConduitServer, isConduitError } from 'fd-conduit';

let server: ConduitServer | undefined;

function start(path: string, time: number): string {
  // Two processes hit one microsecond only if neither sleeps until then.
  while (performance.timeOrigin + performance.now() < time) {}
  try {
    server = Conduit.listen(path);
    return 'won';
  } catch (error) {
    return isConduitError(error) && error.type === 'FailedListen' ? error.code : String(error);
  }
}

createInterface({ input: process.stdin }).on('line', (line) => {
  if (line === '') {
    server?.close();
    server = undefined;
    console.log('stopped');
  } else {
    const [path = '', time] = line.split(' ');
    console.log(start(path, Number(time)));
  }
});
