"""The programs that the pages talk to, and free ports for them."""

import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import time
from urllib.parse import urlencode

SECONDS = 30 * float(os.environ.get("ZMQ_REACTOR_TEST_SLOWNESS", "1"))


class Ports(contextlib.ExitStack):
    """Free TCP ports of 127.0.0.1. They stay bound without listening, so that the system assigns them to no other socket, and
    a server which binds with SO_REUSEADDR can listen there repeatedly."""

    def free(self):
        bound = self.enter_context(socket.socket())
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        bound.bind(("127.0.0.1", 0))
        return bound.getsockname()[1]


class Program:
    """A process. What it prints is shown when it fails."""

    def __init__(self, *arguments):
        self.name = str(arguments[0])
        self.output = tempfile.TemporaryFile()
        self._process = subprocess.Popen(
            [str(word) for word in arguments], stdin=subprocess.PIPE, stdout=self.output, stderr=subprocess.STDOUT
        )

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    def text(self):
        # The process writes at the offset of the file, which must not change.
        return os.pread(self.output.fileno(), 1 << 20, 0).decode(errors="replace")

    def expect_output(self, text):
        deadline = time.monotonic() + SECONDS
        while text not in self.text():
            assert self._process.poll() is None and time.monotonic() < deadline, f"no {text!r} from {self.name}:\n{self.text()}"
            time.sleep(0.01)

    def tell(self, line):
        self._process.stdin.write(f"{line}\n".encode())
        self._process.stdin.flush()

    def freeze(self):
        self._process.send_signal(signal.SIGSTOP)

    def kill(self):
        self._process.kill()
        self._process.wait()

    def stop(self):
        """Ends it with SIGTERM, which it has to do cleanly."""
        self._process.terminate()
        self.expect_exit()

    def expect_exit(self):
        try:
            status = self._process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            raise AssertionError(f"{self.name} does not end:\n{self.text()}") from None
        assert status == 0, f"{self.name} ended with status {status}:\n{self.text()}"


class Servers:
    """The programs of the group `browser`, on free ports."""

    def __init__(self, programs, files, ports, interval=1):
        self.programs = programs
        self._interval = interval
        self._files = files
        self._http, self._weather, self._tasks, self._board = (ports.free() for _ in range(4))
        self.running = {}

    @property
    def endpoints(self):
        return {
            "weather": f"ws://127.0.0.1:{self._weather}/weather",
            "tasks": f"ws://127.0.0.1:{self._tasks}/tasks",
            "board": f"ws://127.0.0.1:{self._board}/board",
        }

    def url(self, **query):
        return f"http://127.0.0.1:{self._http}/" + (f"?{urlencode(query)}" if query else "")

    def start(self, *names):
        arguments = {
            "http-server": ["--files", self._files, "--bind", f"tcp://127.0.0.1:{self._http}"],
            "weather-server": ["--interval", self._interval, "--bind", self.endpoints["weather"]],
            "task-board": ["--requests", self.endpoints["tasks"], "--updates", self.endpoints["board"]],
        }
        for name in names:
            self.running[name] = Program(self.programs / name, *arguments[name])
            if name == "http-server":
                self.running[name].expect_output("in a browser")

    def __enter__(self):
        try:
            self.start("http-server", "weather-server", "task-board")
        except BaseException:
            self._kill()
            raise
        return self

    def _kill(self):
        for program in self.running.values():
            program.kill()

    def __exit__(self, failure, *_):
        try:
            for program in self.running.values() if failure is None else ():
                program.stop()
        finally:
            self._kill()
