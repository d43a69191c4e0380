"""What the kernel does, shown without the library: each function is one row of the table in
docs/reliability.md, and prints what it saw as JSON."""

import array
import json
import os
import socket
import sys


def rights(numbers):
    return [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', numbers))]


def null(count):
    return [os.open('/dev/null', os.O_RDONLY) for _ in range(count)]


def open_count():
    return len(os.listdir('/proc/self/fd'))


def empty_stream():
    """Descriptors without a byte."""
    one, other = socket.socketpair()
    sent = one.sendmsg([b''], rights(null(1)))
    one.send(b'x')
    _, control, _, _ = other.recvmsg(16, socket.CMSG_SPACE(4))
    return {'sent': sent, 'arrived': len(control)}


def small_control():
    """Three descriptors, and room for one."""
    one, other = socket.socketpair()
    one.sendmsg([b'x'], rights(null(3)))
    before = open_count()
    _, _, flags, _ = other.recvmsg(16, socket.CMSG_LEN(4))
    return {'truncated': bool(flags & socket.MSG_CTRUNC), 'opened': open_count() - before}


def rounding():
    """Two descriptors, and CMSG_SPACE for one."""
    one, other = socket.socketpair()
    one.sendmsg([b'x'], rights(null(2)))
    before = open_count()
    _, _, flags, _ = other.recvmsg(16, socket.CMSG_SPACE(4))
    return {'truncated': bool(flags & socket.MSG_CTRUNC), 'opened': open_count() - before}


def peek():
    """One descriptor, looked at twice."""
    one, other = socket.socketpair()
    one.sendmsg([b'x'], rights(null(1)))
    before = open_count()
    for _ in range(2):
        other.recvmsg(16, socket.CMSG_SPACE(4), socket.MSG_PEEK)
    return {'opened': open_count() - before}


def too_many():
    one, _other = socket.socketpair()
    try:
        one.sendmsg([b'x'], rights(null(1) * 254))
    except OSError as failure:
        return {'errno': failure.errno}
    return {'errno': 0}


print(json.dumps(globals()[sys.argv[1]]()))
