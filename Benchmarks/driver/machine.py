"""The machine and the versions of a measurement: the table's footer."""

import ctypes
import os
import platform
import re
import subprocess
from pathlib import Path


def _first_line(command):
    try:
        return subprocess.run(command, capture_output=True, text=True).stdout.strip().splitlines()[0]
    except (OSError, IndexError):
        return "unknown"


def _libzmq():
    try:
        library = ctypes.CDLL("libzmq.so.5")
    except OSError:
        return "unknown"
    parts = [ctypes.c_int() for _ in range(3)]
    library.zmq_version(*[ctypes.byref(part) for part in parts])
    return ".".join(str(part.value) for part in parts)


def describe():
    model = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.MULTILINE)
    return {
        "cpu": model.group(1) if model else platform.machine(),
        "cpus": len(os.sched_getaffinity(0)),
        "kernel": f"{platform.system()} {platform.release()}",
        "swift": _first_line(["swift", "--version"]),
        "libzmq": _libzmq(),
        "load": os.getloadavg()[0],
    }


def foot(machine, pairs, cpu):
    return f"""\
{machine['cpus']} × {machine['cpu']}, {machine['kernel']}, {machine['swift']}, libzmq {machine['libzmq']}; \
load before the first run {machine['load']:.2f}.
{pairs} pairs after one warm-up pair, sides in turn; values are medians, ratios are medians of the pairs' ratios \
(smallest–largest).
HWM 1000 messages at each end (libzmq adds the two for inproc); kernel socket buffers as the system sets them; \
libzmq: one I/O thread beside the socket's, ours: I/O on the socket's thread.
Rates are measured at the receiving end, from its first message to its last; publishers wait at the HWM and drop \
nothing. CPU is user and system time of all processes of a run.
Latency is half a round trip, p50 / p99 / p99.9 of recorded samples; "one CPU": every process of the row on CPU {cpu}.
The limit: blocking write and read of the same frames in 64 KiB turns, nothing encoded or decoded; epoll ping-pong; \
for ROUTER, epoll with one read and one write for each frame.\
"""
