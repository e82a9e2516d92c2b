"""Runs a command: `measure.py PROGRAM ARGUMENT…`.

Prints one line of JSON: processor time (user and system) and time in seconds, the peak of memory in MB (10^6 bytes), as the
system accounts them for the whole process with all its threads.
"""
import json
import os
import subprocess
import sys
import time

start = time.perf_counter()
process = subprocess.Popen(sys.argv[1:], stdout=subprocess.DEVNULL)
_, status, usage = os.wait4(process.pid, 0)
wall = time.perf_counter() - start
if status != 0:
    sys.exit(f'{sys.argv[1]} ended with status {status}')
# Linux counts kilobytes of 1024 bytes.
print(json.dumps({'cpu': usage.ru_utime + usage.ru_stime, 'wall': wall, 'peakMb': usage.ru_maxrss * 1024 / 1e6}))
