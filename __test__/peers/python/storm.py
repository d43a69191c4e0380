"""Sends SIGUSR2 to the process of the first argument, thousands a second, until its input ends.

Without a pause a busy machine does nothing but handle signals.
"""

import os
import signal
import sys
import threading
import time

target = int(sys.argv[1])
threading.Thread(target=lambda: (sys.stdin.read(), os._exit(0)), daemon=True).start()
print('ready', flush=True)
while True:
    os.kill(target, signal.SIGUSR2)
    time.sleep(0.0001)
