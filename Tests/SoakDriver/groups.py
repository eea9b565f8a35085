"""The load: groups of sockets that exchange messages. A new one is a row of GROUPS."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Member:
    """A number of sockets of a type, with the same settings."""

    type: str
    count: int = 1
    binds: bool = False
    rate: int = 0  # messages per second; 0 for a receiver
    breaks: int = 0  # a slow reader's pause after 200 messages, in milliseconds
    mark: int = 1000


@dataclass(frozen=True)
class Pattern:
    """The senders and receivers of messages, and which messages must arrive where.

    `books` says how a sender's messages are entered: `once` by exactly one of the receivers, `every` by each of them, `own` by the
    sender itself, to which they return.
    """

    name: str
    books: str
    senders: Member
    receivers: Member
    proxy: bool = False


PIPELINE = Pattern("PUSH → PULL", "once", Member("push", 2, rate=400), Member("pull", 3, binds=True))
PIPELINE_BACK = Pattern("PUSH → PULL", "once", Member("push", 2, binds=True, rate=400), Member("pull", 3, breaks=30))
PIPELINE_LOW = Pattern("PUSH → PULL, marks of 1", "once", Member("push", 2, rate=200, mark=1), Member("pull", 2, binds=True, mark=1))
ROUTED = Pattern("DEALER ↔ ROUTER", "own", Member("dealer", 3, rate=200), Member("router", binds=True))
ROUTED_SLOW = Pattern("DEALER ↔ slow ROUTER", "own", Member("dealer", 3, rate=200), Member("router", binds=True, breaks=100))
ASKED = Pattern("REQ ↔ REP", "own", Member("req", 3, rate=200), Member("rep", 2, binds=True))
PUBLISHED = Pattern("PUB → SUB", "every", Member("pub", binds=True, rate=400), Member("sub", 3))
PUBLISHED_SLOW = Pattern("PUB → slow SUB", "every", Member("pub", binds=True, rate=400), Member("sub", 2, breaks=700, mark=200))
PROXIED = Pattern("PUB → XSUB|XPUB → SUB", "every", Member("pub", 2, rate=200), Member("sub", 2), proxy=True)
PAIRED = Pattern("PAIR ↔ PAIR", "once", Member("pair", rate=300), Member("pair", binds=True, rate=300))
SCATTERED = Pattern("SCATTER → GATHER", "once", Member("scatter", 2, rate=400), Member("gather", 3, binds=True))
SERVED = Pattern("CLIENT ↔ SERVER", "own", Member("client", 3, rate=200), Member("server", binds=True))
CHANNELLED = Pattern("CHANNEL ↔ CHANNEL", "once", Member("channel", rate=300), Member("channel", binds=True, rate=300))
PEERED = Pattern("PEER ↔ PEER", "own", Member("peer-client", 3, rate=200), Member("peer-server", binds=True))
RADIATED = Pattern("RADIO → DISH", "every", Member("radio", binds=True, rate=400), Member("dish", 3))
STREAMED = Pattern("STREAM ↔ STREAM", "own", Member("stream-client", 2, rate=300), Member("stream-server", binds=True))


@dataclass
class Group:
    """Sockets of one pattern over one transport.

    In a calm group processes are stopped for a while, readers are slow, and senders are restarted; nothing may be lost. In a wild
    one, connections are cut and processes are killed as well.
    """

    pattern: Pattern
    transport: str
    io_threads: int = 0
    wild: bool = False
    events: dict = field(default_factory=lambda: {"restart": 0, "stop": 0, "cut": 0, "kill": 0})

    @property
    def name(self):
        threads = f", {self.io_threads} I/O thread" if self.io_threads else ""
        return f"{self.pattern.name}, {self.transport}{threads}{', wild' if self.wild else ''}"


def groups():
    return [
        Group(PIPELINE, "tcp"), Group(PIPELINE, "tcp", 1), Group(PIPELINE_BACK, "ipc"), Group(PIPELINE_BACK, "ipc", 1),
        Group(PIPELINE, "inproc"), Group(PIPELINE_LOW, "tcp"), Group(PIPELINE_LOW, "ipc", 1), Group(PIPELINE_LOW, "inproc"),
        Group(ROUTED, "tcp", 1), Group(ROUTED_SLOW, "ipc"), Group(ROUTED, "inproc"),
        Group(ASKED, "ipc"), Group(ASKED, "tcp", 1), Group(ASKED, "inproc"),
        Group(PUBLISHED, "tcp"), Group(PUBLISHED_SLOW, "ipc", 1), Group(PUBLISHED, "inproc"),
        Group(PROXIED, "tcp"), Group(PROXIED, "ipc", 1), Group(PROXIED, "inproc"),
        Group(PAIRED, "ipc"), Group(PAIRED, "tcp", 1), Group(PAIRED, "inproc"),
        Group(STREAMED, "tcp"), Group(STREAMED, "tcp", 1),
        Group(SCATTERED, "tcp", 1), Group(SCATTERED, "ipc"), Group(SCATTERED, "inproc"), Group(SCATTERED, "ws"),
        Group(SERVED, "ipc"), Group(SERVED, "tcp", 1), Group(SERVED, "inproc"), Group(SERVED, "wss"),
        Group(CHANNELLED, "tcp"), Group(CHANNELLED, "ipc", 1), Group(CHANNELLED, "inproc"),
        Group(PEERED, "tcp"), Group(PEERED, "ipc", 1), Group(PEERED, "inproc"),
        Group(RADIATED, "tcp"), Group(RADIATED, "ipc", 1), Group(RADIATED, "inproc"), Group(RADIATED, "ws", 1),
        Group(PIPELINE, "ws", 1), Group(PIPELINE_BACK, "ws"), Group(ROUTED, "ws"), Group(PUBLISHED, "ws", 1),
        Group(PIPELINE, "wss"), Group(ROUTED, "wss", 1), Group(PUBLISHED, "wss"),
        Group(PIPELINE, "tcp", wild=True), Group(PIPELINE_BACK, "tcp", 1, wild=True), Group(ROUTED, "tcp", wild=True),
        Group(ASKED, "tcp", 1, wild=True), Group(PUBLISHED, "tcp", wild=True), Group(PROXIED, "tcp", wild=True),
        Group(PAIRED, "tcp", wild=True), Group(STREAMED, "tcp", wild=True), Group(PIPELINE, "ws", wild=True),
        Group(SCATTERED, "tcp", wild=True), Group(SERVED, "tcp", 1, wild=True), Group(SERVED, "ws", wild=True),
        Group(CHANNELLED, "tcp", wild=True), Group(PEERED, "tcp", wild=True), Group(RADIATED, "ws", wild=True),
        Group(PIPELINE, "wss", 1, wild=True), Group(SERVED, "wss", wild=True),
    ]
