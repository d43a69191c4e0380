"""Peers that mean no good, over descriptor 3. The first argument names what to do; what needs
numbers takes them from the arguments behind it. It prints 'ready' once its part is done, and the
patient ones wait until standard input ends."""

import array
import errno
import os
import signal
import socket
import struct
import sys
import time

connection = socket.socket(fileno=3)
# The socket came non-blocking: O_NONBLOCK is shared by all who hold it.
connection.setblocking(True)
SO_PASSCRED = getattr(socket, 'SO_PASSCRED', 16)


def rights(numbers):
    return (socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', numbers))


def own_credentials():
    packed = struct.pack('iII', os.getpid(), os.getuid(), os.getgid())
    return (socket.SOL_SOCKET, socket.SCM_CREDENTIALS, packed)


def send(payload, control, to=connection):
    """Goes on where the kernel has too many descriptors in flight already."""
    while True:
        try:
            return to.sendmsg([payload], control)
        except OSError as failure:
            if failure.errno != errno.ETOOMANYREFS:
                raise
            time.sleep(0.001)


def null():
    return os.open('/dev/null', os.O_RDONLY)


def ready():
    print('ready', flush=True)


def wait():
    sys.stdin.read()


def flood(messages, descriptors, stays=''):
    """Plain data, each message with descriptors that nobody asked for."""
    fds = [null()] * int(descriptors)
    for _ in range(int(messages)):
        send(b'data', [rights(fds)])
    ready()
    if stays:
        wait()


def mixed():
    """Credentials before, behind and between descriptors."""
    one, two = null(), null()
    orders = [
        [own_credentials(), rights([one])],
        [rights([one]), own_credentials()],
        [rights([one]), own_credentials(), rights([two])],
        [own_credentials()],
    ]
    for control in orders:
        send(b'x', control)
    ready()


def half(payload_bytes, descriptors):
    """The first half of a message, and then no more."""
    send(b'h' * (int(payload_bytes) // 2), [rights([null()] * int(descriptors))])
    ready()
    os.kill(os.getpid(), signal.SIGKILL)


def deaf():
    """Never reads."""
    ready()
    wait()


def killed_reading(read_bytes):
    """Reads some of a long message, and is gone."""
    left = int(read_bytes)
    while left > 0:
        left -= len(connection.recv(left))
    os.kill(os.getpid(), signal.SIGKILL)


def reset(received):
    """Takes some descriptors, sends something, and closes with the rest unread."""
    for _ in range(int(received)):
        _, fds, _, _ = socket.recv_fds(connection, 1, 1)
        for fd in fds:
            os.close(fd)
    connection.send(b'x')
    connection.close()
    ready()


def nested(depth):
    """A socket in a socket in a socket."""
    inside = null()
    for _ in range(int(depth)):
        near, far = socket.socketpair()
        send(b'x', [rights([inside])], near)
        inside = far.detach()
        near.close()
    send(b'x', [rights([inside])])
    ready()


globals()[sys.argv[1]](*sys.argv[2:])
