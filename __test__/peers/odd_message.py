"""Sends one message over descriptor 3 as no conduit would: the payload and, for each number of
the list, one control message with so many descriptors, as JSON in the first argument."""

import array
import json
import os
import socket
import sys

request = json.loads(sys.argv[1])
rights = []
for count in request["descriptors"]:
    numbers = [os.open("/dev/null", os.O_RDONLY) for _ in range(count)]
    rights.append((socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", numbers)))
with socket.socket(fileno=3) as conduit:
    conduit.sendmsg([request["payload"].encode()], rights)
