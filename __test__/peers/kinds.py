"""Makes one descriptor of a kind that Node cannot make, and sends it over the socket that it has as
descriptor 3; or with a further command line, runs that with it as descriptor 3."""

import ctypes
import os
import select
import socket
import sys

libc = ctypes.CDLL(None, use_errno=True)
CLOCK_MONOTONIC = 1
SYS_IO_URING_SETUP = 425
SYS_USERFAULTFD = {'x86_64': 323, 'aarch64': 282, 'riscv64': 282, 'armv7l': 388}
UFFD_USER_MODE_ONLY = 1


def made(number):
    if number < 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    return number


def signalfd():
    # More than a sigset_t has, on every C library.
    return made(libc.signalfd(-1, ctypes.create_string_buffer(128), 0))


MAKE = {
    'memfd': lambda: os.memfd_create('memory'),
    'pidfd': lambda: os.pidfd_open(os.getpid()),
    'eventfd': lambda: os.eventfd(0),
    'epoll': lambda: os.dup((epoll := select.epoll()).fileno()),
    'timerfd': lambda: made(libc.timerfd_create(CLOCK_MONOTONIC, 0)),
    'signalfd': signalfd,
    'inotify': lambda: made(libc.inotify_init1(0)),
    'io-uring': lambda: made(
        libc.syscall(SYS_IO_URING_SETUP, 1, ctypes.create_string_buffer(120))
    ),
    'userfaultfd': lambda: made(
        libc.syscall(SYS_USERFAULTFD[os.uname().machine], UFFD_USER_MODE_ONLY)
    ),
    'pipe': lambda: os.pipe()[0],
    'tty': lambda: os.openpty()[0],
    'socket': lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).detach(),
}

if len(sys.argv) > 2:
    os.dup2(MAKE[sys.argv[1]](), 3)
    # Where it was 3 already, dup2 leaves it close-on-exec.
    os.set_inheritable(3, True)
    os.execvp(sys.argv[2], sys.argv[2:])
with socket.socket(fileno=3) as via:
    socket.send_fds(via, [b'x'], [MAKE[sys.argv[1]]()])
