// The compiler is the test of the types: each wrong use has to be an error of its own. Nothing of
// the wrong uses is run.
import type { FileHandle } from 'node:fs/promises';
import type { Socket } from 'node:net';
import test from 'ava';
import {
  type BadCtrlMesgError,
  type Credentials,
  Descriptor,
  type DescriptorKind,
  type DescriptorList,
  get,
  IoVector,
  isConduitError,
  type Message,
  type NamedFileHandle,
  optionConstants,
  put,
  StreamServer,
  type StreamSocket,
  socketPair,
  type UnixAddress,
  UnixServer,
  UnixSocket,
} from 'fd-conduit';

/** Whether two types are the same. */
type Same<One, Other> =
  (<T>() => T extends One ? 1 : 2) extends <T>() => T extends Other ? 1 : 2 ? true : false;

/** Compiles where the types are the same. */
function same<One, Other>(_isSame: Same<One, Other>): void {}

/** Compiles what is in it, and does not run it. */
function compiles(_body: (socket: UnixSocket, bytes: Uint8Array) => unknown): void {}

test('get gives what it is asked for', (t) => {
  compiles(async (socket) => {
    same<Awaited<ReturnType<typeof file>>, NamedFileHandle[]>(true);
    const file = () => get(socket, 1);
    const named = await get(socket, 1, { names: ['one'] });
    same<typeof named, NamedFileHandle[]>(true);
    const [handle] = named;
    const asFile: FileHandle | undefined = handle;
    same<NonNullable<typeof handle>['name'], string | undefined>(true);
    const descriptors = await get(socket, 1, { as: 'descriptor' });
    same<typeof descriptors, Descriptor[]>(true);
    const sockets = await get(socket, 1, { as: 'socket', timeoutMs: 1 });
    same<typeof sockets, Socket[]>(true);
    // @ts-expect-error There is no such kind.
    await get(socket, 1, { as: 'number' });
    // @ts-expect-error A number is no transport.
    await get(3, 1);
    // @ts-expect-error The count is not left out.
    await get(socket);
    // @ts-expect-error Files are no net.Sockets.
    const wrong: Socket[] = await get(socket, 1);
    return [asFile, wrong];
  });
  t.pass();
});

test('put takes whatever has a descriptor, and nothing else', (t) => {
  compiles(async (socket) => {
    const handles: readonly (number | FileHandle | Socket | Descriptor | UnixSocket)[] = [
      1,
      socket,
    ];
    const sent = await put(socket, handles);
    same<typeof sent, void>(true);
    // @ts-expect-error A path is no descriptor.
    await put(socket, ['/dev/null']);
    // @ts-expect-error It is a list.
    await put(socket, 1);
  });
  t.pass();
});

test('reads bring a message, tries maybe none', (t) => {
  compiles(async (socket, bytes) => {
    const message = await socket.read(bytes);
    same<typeof message, Message>(true);
    same<typeof message.credentials, Credentials | undefined>(true);
    same<typeof message.from, UnixAddress | undefined>(true);
    same<ReturnType<typeof message.extract>, number[]>(true);
    const tried = socket.tryRead(bytes);
    same<typeof tried, Message | undefined>(true);
    const waited = socket.readVecSync(new IoVector([1]), { timeoutMs: 1, maxDescriptors: 2 });
    same<typeof waited, Message>(true);
    // @ts-expect-error A synchronous call never waits without a bound.
    socket.readSync(bytes);
    // @ts-expect-error Nor with a signal, which could not be aborted meanwhile.
    socket.readSync(bytes, { timeoutMs: 1, signal: AbortSignal.abort() });
    // @ts-expect-error A try does not wait.
    socket.tryRead(bytes, { timeoutMs: 1 });
    // @ts-expect-error A length is no buffer.
    await socket.read(16);
    // @ts-expect-error A message is not written.
    message.bytesRead = 1;
  });
  t.pass();
});

test('writes take bytes and tell how many left', (t) => {
  compiles(async (socket, bytes) => {
    const written = await socket.writeVec([bytes], { credentials: true, to: '\0name' });
    same<typeof written, number>(true);
    const tried = socket.tryWrite(bytes, { descriptors: [0] });
    same<typeof tried, number | undefined>(true);
    // @ts-expect-error A text is no bytes.
    await socket.write('text');
    // @ts-expect-error All of them, or this process.
    await socket.write(bytes, { credentials: { pid: 1 } });
    // @ts-expect-error One buffer is not many.
    await socket.writeVec(bytes);
  });
  t.pass();
});

test('sockets are made by their functions only, of the types that there are', (t) => {
  compiles(async () => {
    const ends = socketPair({ type: 'seqpacket' });
    same<typeof ends, [UnixSocket, UnixSocket]>(true);
    same<ReturnType<UnixServer['tryAccept']>, UnixSocket | undefined>(true);
    for await (const socket of UnixServer.adopt(3)) {
      same<typeof socket, UnixSocket>(true);
    }
    // @ts-expect-error There is no such type.
    socketPair({ type: 'raw' });
    // @ts-expect-error The constructor is private.
    new UnixSocket(3, 'stream');
    // @ts-expect-error The constructor is private.
    new Descriptor(3);
    // @ts-expect-error It is one of three.
    ends[0].shutdown('all');
    // @ts-expect-error What only Linux has may be missing.
    ends[0].getOption(optionConstants().SOL_SOCKET, optionConstants().SO_PASSCRED);
  });
  t.pass();
});

test('streams carry bytes, and their servers give descriptors', (t) => {
  compiles(async (_socket, bytes) => {
    const server = StreamServer.adopt(3, { onRetry: ({ code }) => code });
    same<ReturnType<StreamServer['tryAccept']>, Descriptor | undefined>(true);
    for await (const batch of server.batches({ max: 8, timeoutMs: 1 })) {
      same<typeof batch, DescriptorList>(true);
    }
    for await (const descriptor of server) {
      same<typeof descriptor, Descriptor>(true);
      const stream = descriptor.toStreamSocket();
      const bytesRead = await stream.read(bytes, { timeoutMs: 1 });
      same<typeof bytesRead, number>(true);
      same<ReturnType<StreamSocket['tryWrite']>, number | undefined>(true);
      // @ts-expect-error It carries no descriptors.
      await stream.write(bytes, { descriptors: [0] });
      // @ts-expect-error A text is no bytes.
      await stream.write('text');
      // @ts-expect-error It is one of three.
      stream.shutdown('all');
    }
    // @ts-expect-error A path is no net.Server.
    StreamServer.fromServer('app.sock');
    // @ts-expect-error The constructor is private.
    return new StreamSocket(3);
  });
  t.pass();
});

test('kinds and errors are closed sets', (t) => {
  compiles((_socket, _bytes) => {
    const descriptor = Descriptor.adopt(3);
    same<typeof descriptor.kind, DescriptorKind>(true);
    // @ts-expect-error There is no such kind.
    const isDoor = descriptor.kind === 'door';
    const error: unknown = undefined;
    if (isConduitError(error) && error.type === 'BadCtrlMesg') {
      same<typeof error, BadCtrlMesgError>(true);
      same<typeof error.reason, 'none' | 'too-few' | 'too-many' | 'truncated'>(true);
    }
    // @ts-expect-error Any error has to be narrowed first.
    return [isDoor, error.type];
  });
  t.pass();
});
