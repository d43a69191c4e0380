"""One of two processes, in Python: ROLE WORKLOAD COUNT SIZE FOLDER, its socket as descriptor 3.

What the workloads are, and what is said on standard output: bench/workloads.ts, bench/pair.ts.
"""
import array
import os
import signal
import socket
import struct
import sys
import time

FILES, SAMPLE, PARTS, PART, SOCKET_BUFFER, LIMIT_SECONDS = 16, 64, 4, 16384, 1 << 20, 60

role, workload = sys.argv[1:3]
count, size = int(sys.argv[3]), int(sys.argv[4])
files = [os.open(os.path.join(sys.argv[5], str(i)), os.O_RDONLY) for i in range(FILES)]
inodes = [os.fstat(file).st_ino for file in files]
wrong = 0


def ready(port=None):
    print('ready', os.getpid(), *([] if port is None else [port]), flush=True)
    if port is None and not os.read(0, 1):
        sys.exit()


def result(operations, start, received):
    print('result', operations, time.perf_counter_ns() - start, received, wrong, flush=True)


def take(fd, place):
    global wrong
    if place % SAMPLE == 0 and os.fstat(fd).st_ino != inodes[place % FILES]:
        wrong += 1
    os.close(fd)


def send_stream(connection):
    cycle = files * (size // FILES + 2)
    ready()
    for sent in range(0, count, size):
        first = sent % FILES
        many = min(size, count - sent)
        socket.send_fds(connection, [b'p'], cycle[first:first + many])


def receive_stream(connection):
    received = untimed = start = 0
    ready()
    while received < count:
        data, fds, _flags, _address = socket.recv_fds(connection, 1, size)
        if not data:
            break
        for fd in fds:
            take(fd, received)
            received += 1
        if not start and received >= count // 10:
            untimed, start = received, time.perf_counter_ns()
    result(received - untimed, start, received)


def ask(connection):
    received = start = 0
    ready()
    for i in range(count):
        if i == count // 10:
            start = time.perf_counter_ns()
        socket.send_fds(connection, [b'p'], [files[i % FILES]])
        for fd in socket.recv_fds(connection, 1, 1)[1]:
            take(fd, received)
            received += 1
    result(count - count // 10, start, received)


def answer(connection):
    ready()
    while True:
        data, fds, _flags, _address = socket.recv_fds(connection, 1, 1)
        if not data:
            break
        socket.send_fds(connection, [data], fds)
        for fd in fds:
            os.close(fd)


def make_parts(connection):
    for option in (socket.SO_SNDBUF, socket.SO_RCVBUF):
        connection.setsockopt(socket.SOL_SOCKET, option, SOCKET_BUFFER)
    return [bytearray(PART) for _ in range(PARTS)]


def send_packets(connection):
    parts = make_parts(connection)
    ready()
    for i in range(count):
        for part in parts:
            struct.pack_into('=I', part, 0, i)
        rights = array.array('i', [files[i % FILES]])
        connection.sendmsg(parts, [(socket.SOL_SOCKET, socket.SCM_RIGHTS, rights)])


def receive_packets(connection):
    global wrong
    parts = make_parts(connection)
    room = socket.CMSG_SPACE(array.array('i').itemsize)
    received = start = 0
    ready()
    for i in range(count):
        if i == count // 10:
            start = time.perf_counter_ns()
        data, control, _flags, _address = connection.recvmsg_into(parts, room, socket.MSG_CMSG_CLOEXEC)
        wrong += data != PARTS * PART
        wrong += sum(struct.unpack_from('=I', part)[0] != i for part in parts)
        for _level, _type, rights in control:
            take(array.array('i', rights)[0], received)
            received += 1
    result(count - count // 10, start, received)


def hand_over(connection):
    server = socket.create_server(('127.0.0.1', 0), backlog=1024)
    ready(server.getsockname()[1])
    while True:
        accepted, _address = server.accept()
        socket.send_fds(connection, [b'p'], [accepted.fileno()])
        accepted.close()


def serve(connection):
    ready()
    while True:
        data, fds, _flags, _address = socket.recv_fds(connection, 1, 1)
        if not data:
            break
        for fd in fds:
            os.write(fd, b'ok')
            os.close(fd)


WORKLOADS = {
    'single': (send_stream, receive_stream),
    'full': (send_stream, receive_stream),
    'round-trip': (ask, answer),
    'packets': (send_packets, receive_packets),
    'connections': (hand_over, serve),
}

signal.alarm(LIMIT_SECONDS)
inherited = socket.socket(fileno=3)
# Who made the pair may have made it non-blocking.
inherited.setblocking(True)
WORKLOADS[workload][role == 'receiver'](inherited)
while True:
    signal.pause()
