"""libzmq as the peer in a test.

Holds any number of sockets and executes commands: each line on standard input is a command as a JSON object, each line on
standard output the reply to one. Every socket has its own thread, so that commands to different sockets run in parallel; those
to one socket run in order. Ends when its standard input does.

The operation `authenticate`, which concerns the process, starts pyzmq's handler of ZAP.

A command has `id`, `socket` (a number chosen by the caller), `operation` (a method of Peer) and that method's arguments. A
reply has the same `id` and the result of the operation, or `error`, `errno` and `traceback`. The operation `stop` has the
`id` of a command that is still running, and has no reply of its own.
"""

import json
import os
import queue
import sys
import tempfile
import threading
import time
import traceback
from pathlib import Path

import zmq
from zmq.auth.thread import ThreadAuthenticator
from zmq.utils.monitor import recv_monitor_message

from patterns import NUMBERED, OrderCheck, pattern

# Replies have standard output for themselves: OpenPGM, which libzmq uses for epgm, prints warnings there.
sys.stdout = os.fdopen(os.dup(1), "w")
os.dup2(2, 1)

# How long a waiting socket may take to notice `stop`.
SLICE = 20


def frame(description):
    if "hex" in description:
        return bytes.fromhex(description["hex"])
    return pattern(description["size"], description["seed"])


def shown(message):
    """A message in readable form."""
    parts = [repr(part) if len(part) <= 80 else f"{part[:60]!r}… ({len(part)} bytes)" for part in message[:20]]
    return "[" + ", ".join(parts) + (f", … {len(message)} frames" if len(message) > 20 else "") + "]"


class Stopped(Exception):
    pass


class Peer(threading.Thread):
    """One socket, its thread and the operations on it."""

    def __init__(self, context, answer, peers, arguments):
        super().__init__(daemon=True)
        self.context = context
        self.answer = answer
        self.peers = peers
        self.commands = queue.Queue()
        self.command = None
        self.stopped = set()
        self.progress = None
        self.socket = None
        self.commands.put(arguments)

    def run(self):
        while True:
            command = self.commands.get()
            self.command, operation = command.pop("id"), command.pop("operation")
            command.pop("socket")
            self.progress = None
            try:
                reply = getattr(self, operation)(**command) or {}
            except BaseException as error:
                reply = {
                    "error": f"{type(error).__name__}: {error}" + (f" ({self.progress()})" if self.progress else ""),
                    "errno": zmq.Errno(error.errno).name if isinstance(error, zmq.ZMQError) else None,
                    "traceback": traceback.format_exc(),
                }
            self.answer(id=self.command, **reply)
            if operation == "close":
                return

    # Lifetime

    def open(self, type, options, monitored):
        self.socket = self.context.socket(getattr(zmq, type))
        self.socket.linger = 0
        self.events = self.socket.get_monitor_socket() if monitored else None
        self.set(options)

    def set(self, options):
        name = None
        self.progress = lambda: f"option {name}"
        for option in options:
            name = option["name"]
            value = bytes.fromhex(option["hex"]) if "hex" in option else option["integer"]
            self.socket.setsockopt(getattr(zmq, name), value)

    def get(self, name):
        value = self.socket.getsockopt(getattr(zmq, name))
        return {"hex": value.hex()} if isinstance(value, bytes) else {"integer": value}

    def close(self, linger):
        if self.events:
            self.socket.disable_monitor()
        self.socket.close(linger)

    # Endpoints

    def bind(self, endpoint):
        self.socket.bind(endpoint)
        return {"endpoint": self.socket.last_endpoint.rstrip(b"\0").decode()}

    def connect(self, endpoint):
        self.socket.connect(endpoint)

    def unbind(self, endpoint):
        self.socket.unbind(endpoint)

    def disconnect(self, endpoint):
        self.socket.disconnect(endpoint)

    def wait_event(self, name, timeout):
        deadline, seen = deadline_after(timeout), []
        self.progress = lambda: f"waiting for {name}, seen: {', '.join(seen) or 'no event'}"
        while True:
            self.wait(zmq.POLLIN, deadline, self.events)
            event = recv_monitor_message(self.events)
            seen.append(zmq.Event(event["event"]).name)
            if seen[-1] == name:
                return {"integer": event["value"], "endpoint": event["endpoint"].decode()}

    # Messages

    def send(self, message, count, timeout):
        deadline, frames = deadline_after(timeout), [frame(part) for part in message]
        done = 0
        self.progress = lambda: f"{done} of {count} sent"
        while done < count:
            self.put(frames, deadline)
            done += 1

    def fill(self, message, limit):
        """Sends until the socket would block."""
        frames, done = [frame(part) for part in message], 0
        try:
            while done < limit:
                self.socket.send_multipart(frames, zmq.DONTWAIT)
                done += 1
        except zmq.Again:
            pass
        return {"integer": done}

    def receive(self, count, timeout):
        deadline, messages = deadline_after(timeout), []
        self.progress = lambda: f"{len(messages)} of {count} received: {', '.join(map(shown, messages[:5]))}"
        while len(messages) < count:
            messages.append(self.take(deadline))
        return {"messages": [[part.hex() for part in message] for message in messages]}

    def expect(self, message, count, timeout):
        deadline, expected = deadline_after(timeout), [frame(part) for part in message]
        done = 0
        self.progress = lambda: f"{done} of {count} as expected, the next one expected: {shown(expected)}"
        while done < count:
            found = self.take(deadline)
            if found != expected:
                raise ValueError(f"received {shown(found)}")
            done += 1

    def expect_nothing(self, duration):
        if self.socket.poll(duration):
            raise ValueError(f"received {shown(self.socket.recv_multipart())} where none was expected")

    # Streams of messages

    def flood(self, prefix, stream, first, count, size, timeout):
        deadline, head = deadline_after(timeout), [frame(part) for part in prefix]
        tail = b"." * (size - NUMBERED.size)
        number = first
        self.progress = lambda: f"{number - first} of {count} sent"
        while number < first + count:
            self.put(head + [NUMBERED.pack(stream, number) + tail], deadline)
            number += 1

    def verify(self, first, count, size, timeout):
        """Receives numbered messages; the last frame has the number."""
        deadline, check = deadline_after(timeout), OrderCheck(size, first)
        done = 0
        self.progress = lambda: f"{done} of {count} in order"
        while done < count:
            check.take(self.take(deadline)[-1])
            done += 1
        return {"streams": {str(stream): following for stream, following in check.next.items()}}

    def drain(self, until, timeout):
        """Counts messages up to one that equals `until`, or until there are no more."""
        deadline, last, done = deadline_after(timeout), until and [frame(part) for part in until], 0
        self.progress = lambda: f"{done} received"
        try:
            while True:
                if self.take(deadline) == last:
                    break
                done += 1
        except (Stopped, TimeoutError):
            if last:
                raise
        return {"integer": done}

    def echo(self, limit):
        """Echoes messages, `limit` times or until it is stopped."""
        done = 0
        try:
            while limit is None or done < limit:
                message = self.take(None)
                self.put(message, None)
                done += 1
        except Stopped:
            pass
        return {"integer": done}

    def proxy(self, backend):
        """Forwards messages between this socket and `backend` until it is stopped."""
        other, poller, done = self.peers[backend].socket, zmq.Poller(), 0
        poller.register(self.socket, zmq.POLLIN)
        poller.register(other, zmq.POLLIN)
        try:
            while True:
                self.check_stop()
                for ready, _ in poller.poll(SLICE):
                    target = other if ready is self.socket else self.socket
                    self.put(ready.recv_multipart(), None, target)
                    done += 1
        except Stopped:
            pass
        return {"integer": done}

    # Waiting

    def take(self, deadline):
        while True:
            try:
                return self.socket.recv_multipart(zmq.DONTWAIT)
            except zmq.Again:
                pass
            self.wait(zmq.POLLIN, deadline)

    def put(self, message, deadline, socket=None):
        socket = socket or self.socket
        while True:
            try:
                return socket.send_multipart(message, zmq.DONTWAIT)
            except zmq.Again:
                pass
            self.wait(zmq.POLLOUT, deadline, socket)

    def wait(self, what, deadline, socket=None):
        while True:
            self.check_stop()
            rest = SLICE if deadline is None else (deadline - time.monotonic()) * 1000
            if (socket or self.socket).poll(max(0, min(SLICE, rest)), what):
                return
            if rest <= 0:
                raise TimeoutError("too late")

    def check_stop(self):
        if self.command in self.stopped:
            raise Stopped("stopped")


def deadline_after(milliseconds):
    return time.monotonic() + milliseconds / 1000


def start_authenticator(context, denied, passwords, keys):
    """pyzmq's handler of ZAP for all sockets of the context that name no domain."""
    authenticator = ThreadAuthenticator(context)
    authenticator.start()
    if denied:
        authenticator.deny(*denied)
    authenticator.configure_plain("*", passwords)
    # It reads the files of czmq's certificates once, on its own thread, as the last of these commands.
    with tempfile.TemporaryDirectory() as directory:
        for number, key in enumerate(keys):
            Path(directory, f"{number}.key").write_text(f'metadata\ncurve\n    public-key = "{key}"\n')
        authenticator.configure_curve("*", directory)
        deadline = deadline_after(10_000)
        while "*" not in authenticator.thread.authenticator.certs:
            if time.monotonic() > deadline:
                raise TimeoutError("the authenticator does not read its certificates")
            time.sleep(0.001)
    return authenticator


def main(context, version, kind):
    """Executes commands. Each socket is a `kind` of Peer."""
    threading.stack_size(256 * 1024)
    peers, writing, authenticators = {}, threading.Lock(), []

    def answer(**reply):
        line = json.dumps({key: value for key, value in reply.items() if value is not None})
        with writing:
            print(line, flush=True)

    answer(id=0, endpoint=version)
    for line in sys.stdin:
        command = json.loads(line)
        number = command["socket"]
        if command["operation"] == "open":
            peers[number] = kind(context, answer, peers, command)
            peers[number].start()
        elif command["operation"] == "authenticate":
            arguments = {name: command[name] for name in ("denied", "passwords", "keys")}
            authenticators.append(start_authenticator(context, **arguments))
            answer(id=command["id"])
        elif command["operation"] == "stop":
            peers[number].stopped.add(command["id"])
        else:
            peers[number].commands.put(command)
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    own = zmq.Context()
    own.max_sockets = min(own.get(zmq.SOCKET_LIMIT), 8192)
    main(own, zmq.zmq_version(), Peer)
