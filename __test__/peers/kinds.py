"""Sends one descriptor of a kind that Node cannot make, over the socket it has as descriptor 3."""

import ctypes
import os
import select
import socket
import sys

libc = ctypes.CDLL(None, use_errno=True)
CLOCK_MONOTONIC = 1


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
    'pipe': lambda: os.pipe()[0],
    'tty': lambda: os.openpty()[0],
    'socket': lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW).detach(),
}

with socket.socket(fileno=3) as via:
    socket.send_fds(via, [b'x'], [MAKE[sys.argv[1]]()])
