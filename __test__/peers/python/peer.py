"""A program that passes descriptors with Python's own socket module.

One command a line comes in as JSON, and one reply a line goes out; bytes are base64. A command
that fails replies {"error": "EPIPE"} or the like.
"""

import array
import base64
import errno
import json
import os
import socket
import struct
import sys

TYPES = {
    'stream': socket.SOCK_STREAM,
    'seqpacket': socket.SOCK_SEQPACKET,
    'dgram': socket.SOCK_DGRAM,
}
CREDENTIALS = struct.Struct('iII')
SO_PASSCRED = getattr(socket, 'SO_PASSCRED', 16)

# The sockets that the commands are about.
sockets = {}


def adopt(fd, **_):
    sockets['connection'] = socket.socket(fileno=fd)
    return {'fd': fd}


def connect(path, type='stream', **_):
    connection = socket.socket(socket.AF_UNIX, TYPES[type])
    connection.connect(address(path))
    sockets['connection'] = connection
    return {'fd': connection.fileno()}


def bind(path, type='dgram', **_):
    """A socket that is bound and not connected, for datagrams."""
    bound = socket.socket(socket.AF_UNIX, TYPES[type])
    bound.bind(address(path))
    sockets['connection'] = bound
    return {'fd': bound.fileno()}


def listen(path, type='stream', **_):
    server = socket.socket(socket.AF_UNIX, TYPES[type])
    server.bind(address(path))
    server.listen()
    sockets['server'] = server
    return {'fd': server.fileno()}


def accept(**_):
    connection, _ = sockets['server'].accept()
    sockets['connection'] = connection
    return {'fd': connection.fileno()}


def pair(type='seqpacket', **_):
    """Sends one end of a new pair to the other side, and goes on with the other end."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, TYPES[type])
    with sockets['connection'] as before, theirs:
        socket.send_fds(before, [b'x'], [theirs.fileno()])
    sockets['connection'] = ours
    return {'fd': ours.fileno()}


def send(buffers, fds=(), **_):
    """By socket.send_fds, as most programs do; it ignores its flags and its address."""
    return {'sent': socket.send_fds(sockets['connection'], buffers, list(fds))}


def send_control(buffers, groups=(), credentials=None, path=None, **_):
    """One control message for each group of descriptors, and one for the credentials."""
    control = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array('i', fds)) for fds in groups]
    if credentials:
        packed = CREDENTIALS.pack(*credentials)
        control.append((socket.SOL_SOCKET, socket.SCM_CREDENTIALS, packed))
    to = address(path) if path else None
    return {'sent': sockets['connection'].sendmsg(buffers, control, 0, to)}


def receive(sizes, maxFds=0, **_):
    """By socket.recv_fds."""
    received = socket.recv_fds(sockets['connection'], sum(sizes), maxFds)
    payload, fds, flags, sender = received
    return {
        'payload': payload,
        'fds': [held(fd) for fd in fds],
        'truncated': bool(flags & socket.MSG_CTRUNC),
        'sender': name(sender),
    }


def receive_control(sizes, maxFds=0, **_):
    """What recv_fds leaves out: the sender's credentials."""
    room = socket.CMSG_SPACE(4 * maxFds) + socket.CMSG_SPACE(CREDENTIALS.size)
    payload, control, flags, sender = sockets['connection'].recvmsg(sum(sizes), room)
    reply = {'payload': payload, 'fds': [], 'truncated': bool(flags & socket.MSG_CTRUNC)}
    reply['sender'] = name(sender)
    for level, kind, data in control:
        if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
            fds = array.array('i')
            fds.frombytes(data[: len(data) - len(data) % fds.itemsize])
            reply['fds'] += [held(fd) for fd in fds]
        elif (level, kind) == (socket.SOL_SOCKET, socket.SCM_CREDENTIALS):
            reply['pid'], reply['uid'], reply['gid'] = CREDENTIALS.unpack(data)
    return reply


def pass_credentials(**_):
    sockets['connection'].setsockopt(socket.SOL_SOCKET, SO_PASSCRED, 1)


def credentials(**_):
    packed = sockets['connection'].getsockopt(
        socket.SOL_SOCKET, socket.SO_PEERCRED, CREDENTIALS.size
    )
    pid, uid, gid = CREDENTIALS.unpack(packed)
    return {'pid': pid, 'uid': uid, 'gid': gid}


def shutdown(**_):
    sockets['connection'].shutdown(socket.SHUT_RDWR)


def release(**_):
    return {'fd': sockets['connection'].detach()}


def close(**_):
    sockets['connection'].close()


def close_server(**_):
    sockets['server'].close()


def open_file(path, **_):
    return {'fds': [held(os.open(path, os.O_RDWR))]}


def stat(fds, **_):
    return {'fds': [held(fd) for fd in fds]}


def read_all(fd, **_):
    """From the file's offset on, which came along with the descriptor."""
    parts = iter(lambda: os.read(fd, 4096), b'')
    return {'payload': b''.join(parts)}


def write_all(fd, buffers, **_):
    return {'sent': sum(os.write(fd, buffer) for buffer in buffers)}


def close_fds(fds, **_):
    for fd in fds:
        os.close(fd)


COMMANDS = {
    'adopt': adopt,
    'connect': connect,
    'bind': bind,
    'listen': listen,
    'accept': accept,
    'pair': pair,
    'send': send,
    'sendControl': send_control,
    'receive': receive,
    'receiveControl': receive_control,
    'passCredentials': pass_credentials,
    'credentials': credentials,
    'shutdown': shutdown,
    'release': release,
    'close': close,
    'closeServer': close_server,
    'open': open_file,
    'stat': stat,
    'readAll': read_all,
    'writeAll': write_all,
    'closeFds': close_fds,
}


def held(fd):
    return {'fd': fd, 'inode': os.fstat(fd).st_ino}


def address(path):
    """An abstract name begins with @ here, as a NUL byte is awkward to look at."""
    return '\0' + path[1:] if path.startswith('@') else path


def name(sender):
    if isinstance(sender, bytes):
        return '@' + sender[1:].decode()
    return sender or ''


def run(line):
    command = json.loads(line)
    if 'buffers' in command:
        command['buffers'] = [base64.b64decode(buffer) for buffer in command['buffers']]
    try:
        return COMMANDS[command.pop('do')](**command) or {}
    except OSError as failure:
        return {'error': errno.errorcode.get(failure.errno, 'ERROR'), 'message': str(failure)}
    except Exception as failure:
        return {'error': 'ERROR', 'message': repr(failure)}


def encode(value):
    return base64.b64encode(value).decode()


for request in sys.stdin:
    print(json.dumps(run(request), default=encode), flush=True)
