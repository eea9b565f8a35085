"""Installing what is missing, building, and running the one or two processes of a run."""

import functools
import json
import os
import select
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent.parent
PACKAGES = ("libev-dev", "libsodium-dev", "libssl-dev", "libzmq3-dev", "valgrind")


class RunFailed(Exception):
    pass


def install_missing():
    """On Debian and its derivatives; elsewhere the build reports what is missing."""
    if shutil.which("dpkg-query") is None:
        return
    query = ["dpkg-query", "--show", "--showformat=${db:Status-Status}"]
    missing = [p for p in PACKAGES if subprocess.run([*query, p], capture_output=True, text=True).stdout != "installed"]
    if missing:
        sudo = [] if os.geteuid() == 0 else ["sudo"]
        subprocess.run([*sudo, "apt-get", "update", "--quiet"], check=True, stdout=sys.stderr)
        subprocess.run([*sudo, "apt-get", "install", "--yes", "--quiet", *missing], check=True, stdout=sys.stderr)


SWIFT_BUILD = [str(PACKAGE.parent / ".ci/swift-build"), "-c", "release", "--package-path", str(PACKAGE)]


def build():
    subprocess.run(SWIFT_BUILD, check=True, stdout=sys.stderr)


def binaries():
    """The directory of the built programs."""
    command = [*SWIFT_BUILD, "--show-bin-path"]
    return Path(subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip())


@functools.cache
def drafts():
    """The libzmq with draft types, which takes the place of the system's; built at the first time."""
    script = [str(PACKAGE.parent / "Tests/drafts")]
    return subprocess.run(script, check=True, capture_output=True, text=True).stdout.strip()


class Endpoints:
    """Unique addresses: a free port, or a path in a private directory."""

    def __init__(self):
        self.directory = tempfile.TemporaryDirectory(prefix="bench-")
        self.made = 0

    def new(self, transport):
        self.made += 1
        if transport == "ipc":
            return f"ipc://{self.directory.name}/{self.made}"
        if transport in ("epgm", "udp"):
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
                probe.bind(("127.0.0.1", 0))
                port = probe.getsockname()[1]
            return f"udp://127.0.0.1:{port}" if transport == "udp" else f"epgm://127.0.0.1;239.192.1.1:{port}"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            address = f"{transport}://127.0.0.1:{probe.getsockname()[1]}"
            return f"{address}/bench" if transport == "ws" else address


def run(commands, cpu, timeout, environment):
    """Runs the commands side by side and returns the result line of each.

    Waits on the processes' descriptors, so that the driver itself uses no CPU meanwhile.
    """
    pin = None if cpu is None else lambda: os.sched_setaffinity(0, {cpu})
    processes, deadline = [], time.monotonic() + timeout
    try:
        for command in commands:
            processes.append(
                subprocess.Popen(
                    command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, preexec_fn=pin,
                    env={**os.environ, **environment},
                )
            )
        _wait(processes, deadline)
        return [_result(process) for process in processes]
    finally:
        for process in processes:
            if process.poll() is None:
                process.kill()
            process.communicate()


def _wait(processes, deadline):
    running = {os.pidfd_open(process.pid): process for process in processes}
    try:
        poll = select.poll()
        for descriptor in running:
            poll.register(descriptor, select.POLLIN)
        while running:
            left = deadline - time.monotonic()
            if left <= 0:
                names = ", ".join(Path(p.args[0]).name for p in running.values())
                raise RunFailed(f"timed out: {names}")
            for descriptor, _ in poll.poll(left * 1000):
                poll.unregister(descriptor)
                os.close(descriptor)
                process = running.pop(descriptor)
                if process.wait() != 0:
                    name = Path(process.args[0]).name
                    raise RunFailed(f"{name} ended with {process.returncode}: {process.stderr.read().strip()}")
    finally:
        for descriptor in running:
            os.close(descriptor)


def _result(process):
    lines = process.stdout.read().strip().splitlines()
    try:
        return json.loads(lines[-1])
    except (IndexError, ValueError):
        raise RunFailed(f"{Path(process.args[0]).name} printed no result line") from None
