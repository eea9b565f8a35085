"""The processes of a group, and the disturbances they meet."""

import itertools
import os
import signal
import socket
import subprocess
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

from SoakDriver.books import Account, Memory
from SoakDriver.relay import Relay

LIMIT = 30  # seconds for a process to start or to end
PAUSES = (0.5, 4)  # seconds between two events of a group
BOTH_WAYS = ("pair", "channel")  # the types of which both ends are senders
senders = itertools.count(1)


@dataclass
class Role:
    """One socket, from its start to its end. Its replacement is another one."""

    name: str
    type: str
    rate: int
    settings: list
    takes: bool
    sender: int = field(default_factory=lambda: next(senders))
    killed: bool = False
    is_old: bool = False  # it has lived for seconds
    is_last: bool = False  # it has lived to the end

    def arguments(self):
        return [f"type={self.type}", f"name={self.name}", f"sender={self.sender}", f"rate={self.rate}", *self.settings]


class Process:
    """A process with one socket, or with all of an inproc group."""

    def __init__(self, program, directory, group, roles):
        self.group, self.roles, self.memory, self.stopped = group, roles, Memory(), False
        words = " -- ".join(" ".join(role.arguments()) for role in roles).split(" ")
        self.began = time.monotonic()
        self.log = open(Path(directory) / f"{roles[0].name}.log", "w+")
        self.child = subprocess.Popen(
            [str(program), str(directory), str(group.io_threads), *words], stdout=subprocess.PIPE, stderr=self.log, text=True
        )

    def wait_ready(self):
        if self.child.stdout.readline().strip() != "ready":
            raise RuntimeError(f"{self.roles[0].name} does not start: {self.complaint()}")

    def complaint(self):
        self.log.flush()
        self.log.seek(0)
        return self.log.read()[-2000:].strip()

    def signal(self, number):
        if self.child.poll() is None:
            os.kill(self.child.pid, number)

    def stand_still(self, seconds):
        """Sleeps; returns early when the run ends."""
        self.stopped = True
        self.signal(signal.SIGSTOP)
        threading.Timer(seconds, self.go_on).start()

    def go_on(self):
        self.stopped = False
        self.signal(signal.SIGCONT)

    def end(self, number):
        """Sends a signal and waits; returns what the process reports apart from its books."""
        self.go_on()
        self.signal(number)
        try:
            status = self.child.wait(LIMIT)
        except subprocess.TimeoutExpired:
            self.child.kill()
            self.child.wait()
            for role in self.roles:
                role.killed = True
            return [f"{self.roles[0].name} did not end: {self.complaint()}"]
        if number != signal.SIGKILL and status != 0:
            return [f"{self.roles[0].name} ended with {status}: {self.complaint()}"]
        return []


class Running:
    """A group that is running."""

    def __init__(self, program, directory, group, number):
        self.program, self.directory, self.group, self.number = program, directory, group, number
        self.account, self.ended, self.names = Account(group), [], itertools.count(1)
        self.relays, self.allowance, self.growth_mb = [], 0, 0
        pattern = group.pattern
        self.endpoints = {}
        self.members = [pattern.senders, pattern.receivers]
        binder = next((member for member in self.members if member.binds), None)
        places = ["proxy-front", "proxy-back"] if pattern.proxy else [f"place-{i}" for i in range(binder.count)]
        for place in places:
            self.endpoints[place] = self._endpoint(place)
        roles = [
            self._role(member, index) for member in reversed(self.members) for index in range(member.count)
        ]
        if pattern.proxy:
            roles.insert(0, self._proxy())
        self.processes = []
        try:
            for bundle in [roles] if group.transport == "inproc" else [[role] for role in roles]:
                self._begin(bundle)
        except BaseException:
            self.kill()
            raise

    # Starting

    def _endpoint(self, place):
        """The endpoints to bind and to connect to."""
        if self.group.transport == "inproc":
            return f"inproc://{place}", f"inproc://{place}"
        if self.group.transport == "ipc":
            path = f"ipc://{self.directory}/{self.number}-{place}"
            return path, path
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        path = "/soak" if self.group.transport in ("ws", "wss") else ""
        form = f"{self.group.transport}://127.0.0.1:{{}}{path}"
        if not self.group.wild:
            return form.format(port), form.format(port)
        self.relays.append(Relay(port))
        return form.format(port), form.format(self.relays[-1].port)

    def _role(self, member, index):
        name = f"{self.number}-{member.type}-{index}.{next(self.names)}"
        pattern, settings = self.group.pattern, [f"mark={member.mark}", f"breaks={member.breaks}", *self._certificate()]
        if pattern.proxy:
            place = "proxy-front" if member is pattern.senders else "proxy-back"
            settings.append(f"connect={self.endpoints[place][1]}")
        elif member.binds:
            settings.append(f"bind={self.endpoints[f'place-{index}'][0]}")
        else:
            settings += [f"connect={outer}" for _, outer in self.endpoints.values()]
        takes = member is pattern.receivers or member.type in BOTH_WAYS
        role = Role(name, member.type, member.rate, settings, takes)
        role.member, role.index = member, index
        return role

    def _certificate(self):
        """One for all servers, which is its own authority."""
        if self.group.transport != "wss":
            return []
        certificate, key = Path(self.directory) / "certificate.pem", Path(self.directory) / "key.pem"
        if not certificate.exists():
            subprocess.run(
                ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
                 "-subj", "/CN=soak", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", certificate],
                check=True, capture_output=True,
            )
        return [f"certificate={certificate}", f"key={key}", f"authorities={certificate}"]

    def _proxy(self):
        binds = [f"bind={self.endpoints[place][0]}" for place in ("proxy-front", "proxy-back")]
        role = Role(f"{self.number}-proxy.{next(self.names)}", "proxy", 0, binds, False)
        role.member, role.index = None, 0
        return role

    def _begin(self, roles):
        process = Process(self.program, self.directory, self.group, roles)
        self.processes.append(process)
        process.wait_ready()

    # Disturbances

    def soak(self, random, seconds):
        """The group's own thread: a disturbance every few seconds, and a check once a second."""
        try:
            end = time.monotonic() + seconds
            # First they connect.
            looks, event = time.monotonic(), time.monotonic() + 1 + random.uniform(*PAUSES)
            while (now := time.monotonic()) < end:
                if now >= looks:
                    looks = now + 1
                    self.look()
                if now >= event:
                    self.disturb(random)
                    event = time.monotonic() + random.uniform(*PAUSES)
                time.sleep(0.1)
        except Exception as error:
            self.account.faults.append(f"{type(error).__name__}: {error}")

    def disturb(self, random):
        """A disturbance for this group."""
        kinds = ["stop", "restart"] + (["cut", "kill", "cut"] if self.group.wild else [])
        kind = random.choice(kinds)
        standing = [process for process in self.processes if not process.stopped]
        if kind == "cut":
            random.choice(self.relays).cut(hard=random.random() < 0.5)
            self._allow()
        elif standing and kind == "stop":
            random.choice(standing).stand_still(random.uniform(0.1, 1.5))
        elif self.group.transport != "inproc" and standing:
            # In a calm group only senders are restarted: messages that have reached a receiver end with it.
            ending = [p for p in standing if self.group.wild or (p.roles[0].rate and not p.roles[0].takes)]
            if not ending:
                return
            self._replace(random.choice(ending), kind, random)
        else:
            return
        self.group.events[kind] += 1

    def _replace(self, process, kind, random):
        role = process.roles[0]
        if kind == "kill":
            number = signal.SIGKILL
            role.killed = True
            self._allow()
        else:
            # After all messages under way have arrived; in a wild group possibly at once.
            number = signal.SIGTERM if not self.group.wild or random.random() < 0.5 else signal.SIGINT
            if self.group.wild:
                self._allow()
        self._retire(process, number)
        self.processes.remove(process)
        successor = self._role(role.member, role.index) if role.member else self._proxy()
        self._begin([successor])

    def _allow(self):
        """What a cut connection may lose: everything under way, at most as much as is sent while it is unusable."""
        sending = self.group.pattern.senders
        both = self.group.pattern.receivers.rate
        copies = self.group.pattern.receivers.count if self.group.pattern.books == "every" else 1
        self.allowance += (sending.rate * sending.count + both) * 2 * copies

    def _retire(self, process, number):
        for role in process.roles:
            role.is_old = time.monotonic() - process.began > 5
        self.account.faults += process.end(number)
        self.ended.append(process)

    def look(self):
        for process in self.processes:
            if process.child.poll() is not None and not process.stopped:
                self.account.faults.append(f"{process.roles[0].name} has ended: {process.complaint()}")
            elif not process.stopped:
                process.memory.take(process.child.pid)

    # Ending

    def finish(self):
        """Ends all processes, senders first, and balances the books."""
        for process in self.processes:
            process.go_on()
            for role in process.roles:
                role.is_last = True
        order = sorted(self.processes, key=lambda p: (p.roles[0].takes, p.roles[0].rate == 0))
        if self.group.pattern.senders.type in BOTH_WAYS:
            for process in order:
                process.signal(signal.SIGTERM)  # both must receive until neither has anything left to send
        for process in order:
            self._retire(process, signal.SIGTERM)
        roles = [role for process in self.ended for role in process.roles]
        self.account.balance(self.directory, roles, self.allowance)
        for process in self.ended:
            growth = process.memory.growth()
            self.growth_mb = max(self.growth_mb, round(growth[0]) if growth else 0)
            if growth and growth[0] > Memory.GROWTH_MB:
                self.account.faults.append(f"{process.roles[0].name}: memory rises, by {growth[0]:.0f} MB")
            if growth and growth[1] > Memory.DESCRIPTORS:
                self.account.faults.append(f"{process.roles[0].name}: descriptors rise, by {growth[1]}")
        for relay in self.relays:
            relay.close()
        return self.account

    def kill(self):
        for process in self.processes:
            if process.child.poll() is None:
                process.child.kill()
                process.child.wait()
