"""The workloads. A new one is a line in one of the tables below.

Commands are written for our programs; libzmq's have the same arguments and the prefix `libzmq_`. Placeholders in
braces are fields of the workload, and `{endpoint}`, which is new for every run.
"""

from dataclasses import dataclass, field, replace
from typing import Optional


@dataclass(frozen=True)
class Metric:
    """The metric of a run: a key of the result line of one end."""

    key: str
    unit: str
    higher_is_better: bool
    end: str = "any"  # "local" or "remote" where both ends report the key


RATE = Metric("messages_per_second", "/s", True)
LATENCY = Metric("p50_us", "µs", False)
PER_CONNECTION = Metric("bytes_per_connection", "B", False)
PER_SUBSCRIPTION_PUBLISHER = Metric("bytes_per_subscription", "B", False, "local")
PER_SUBSCRIPTION_SUBSCRIBER = Metric("bytes_per_subscription", "B", False, "remote")


@dataclass(frozen=True)
class Workload:
    name: str
    local: str
    remote: str = ""  # none: one process holds both ends
    bare: Optional[str] = None  # the program of the physical limit, called with its role first
    bare_factor: int = 1  # factor on the count of the limit, to run long enough
    metric: Metric = RATE
    transport: str = "tcp"
    size: int = 64
    count: int = 0
    peers: int = 0  # clients, subscribers, subscriptions, timers or descriptors
    whole_turns: bool = False  # the count is a multiple of the peers
    pinned: bool = False  # every process of the row on one CPU
    environment: dict = field(default_factory=dict)  # for our programs and libzmq's, beside their arguments
    drafts: bool = False  # libzmq has the types of the row in drafts only
    quick: bool = False
    goals: dict = field(default_factory=dict)  # ratio, share, cpu: against libzmq, the limit, libzmq; value: absolute
    series: Optional[str] = None  # the curve of --plot that this row is a point of


def human_size(size):
    for unit, factor in (("MiB", 1 << 20), ("KiB", 1 << 10)):
        if size >= factor and size % factor == 0:
            return f"{size // factor} {unit}"
    return f"{size} B"


def two_digits(number):
    factor = 10 ** max(0, len(str(int(number))) - 2)
    return int(number) // factor * factor


KI = 1024
THROUGHPUT_SIZES = (1, 16, 64, 256, KI, 4 * KI, 16 * KI, 64 * KI, 256 * KI, KI * KI)
LATENCY_SIZES = (1, 64, KI, 16 * KI, 64 * KI, KI * KI)
QUICK_SIZES = {"tcp": (64, KI, 64 * KI), "ipc": (64,)}
THROUGHPUT_GOALS = {
    64: {"ratio": 5.5, "share": 0.40, "cpu": 0.25},
    KI: {"ratio": 5.0, "share": 0.80},
    64 * KI: {"ratio": 1.8, "share": 0.90},
}


def throughput(transport, size, io_threads=0):
    count = two_digits(1e9 / (60 + 0.2 * size))  # about a second for the faster side
    if transport == "inproc":
        goals = {"ratio": 4.0} if size == 64 else {}
        return Workload(
            f"inproc PUSH→PULL {human_size(size)}", "inproc_thr {size} {count}",
            transport=transport, size=size, count=count, goals=goals, series="throughput", quick=size == 64,
        )
    name = f"{transport} PUSH→PULL {human_size(size)}"
    if io_threads:
        # libzmq always has one: a socket with its own I/O thread is compared with that.
        return Workload(
            f"{name}, {io_threads} I/O thread", "local_thr {endpoint} {size} {count}", "remote_thr {endpoint} {size} {count}",
            transport=transport, size=size, count=count, goals={"ratio": 1.0, "cpu": 1.0},
            environment={"BENCH_IO_THREADS": str(io_threads)},
        )
    return Workload(
        name,
        "local_thr {endpoint} {size} {count}", "remote_thr {endpoint} {size} {count}",
        bare="bare_thr {role} {endpoint} {size} {count}", bare_factor=1 + int(2e9 / (count * (size + 9))),
        transport=transport, size=size, count=count, goals=THROUGHPUT_GOALS.get(size, {}), series="throughput",
        quick=size in QUICK_SIZES.get(transport, ()),
    )


def curve(size, **goals):
    """The same with CURVE."""
    count = two_digits(1e9 / (1000 + 5 * size))
    return Workload(
        f"tcp PUSH→PULL {human_size(size)}, CURVE", "local_thr {endpoint} {size} {count}",
        "remote_thr {endpoint} {size} {count}", size=size, count=count, goals=goals, environment={"BENCH_CURVE": "1"},
    )


def web_socket(size, **goals):
    """Over ws, for which there is no bare program."""
    count = two_digits(1e9 / (200 + size))
    return Workload(
        f"ws PUSH→PULL {human_size(size)}", "local_thr {endpoint} {size} {count}",
        "remote_thr {endpoint} {size} {count}", transport="ws", size=size, count=count, goals=goals,
    )


def by_socket(workload):
    """The same ipc row without shared memory, to compare the two."""
    return replace(
        workload, name=f"{workload.name}, by socket", environment={**workload.environment, "BENCH_SHARED_MEMORY": "0"},
        goals={}, series=None, quick=False,
    )


def latency(transport, size, pinned, busy_poll=0):
    name = f"{transport} REQ/REP {human_size(size)}" + (", one CPU" if pinned else "")
    name += f", busyPoll {busy_poll} µs" if busy_poll else ""
    common = dict(
        metric=LATENCY, transport=transport, size=size, count=two_digits(1e9 / (40_000 + 0.6 * size)),
        pinned=pinned, series=None if pinned or busy_poll else "latency",
        environment={"BENCH_BUSY_POLL": str(busy_poll)} if busy_poll else {},
    )
    if transport == "inproc":
        return Workload(name, "inproc_lat {size} {count}", **common)
    goals = {"ratio": 0.42, "share": 1.15} if pinned else {"ratio": 0.60}
    return Workload(
        name, "local_lat {endpoint} {size} {count}", "remote_lat {endpoint} {size} {count}",
        bare="bare_lat {role} {endpoint} {size} {count}",
        goals=goals if transport == "tcp" and size == 64 and not busy_poll else {},
        quick=transport == "tcp" and size == 64 and not busy_poll, **common,
    )


def two_roles(name, program, arguments, **rest):
    """A program that takes its end as an argument."""
    return Workload(
        name, f"{program} local {{endpoint}} {arguments}", f"{program} remote {{endpoint}} {arguments}", **rest
    )


def router(clients, count, **rest):
    name = f"tcp ROUTER, {clients} DEALER, 64 B"
    arguments = "{size} {peers} {count}"
    return two_roles(
        name, "router_reqrep", arguments, bare=f"bare_router_reqrep {{role}} {{endpoint}} {arguments}", peers=clients,
        count=count, **rest
    )


def server(clients, count, **rest):
    """libzmq's side is its ROUTER with DEALERs, because it has these types in drafts only; the limit is our own."""
    arguments = "{size} {peers} {count}"
    return two_roles(
        f"tcp SERVER, {clients} CLIENT, 64 B; limit: ROUTER, DEALER", "router_reqrep", arguments,
        bare=f"router_reqrep {{role}} {{endpoint}} {arguments}", peers=clients, count=count,
        environment={"BENCH_NUMBERED": "1"}, **rest
    )


def radio(size, **rest):
    """In datagrams, which may be lost."""
    return two_roles(
        f"udp RADIO → DISH {human_size(size)}", "radio_thr", "{size} {count}", transport="udp", size=size, count=2_000_000,
        drafts=True, **rest
    )


def fanout(subscribers, count, **rest):
    name = f"tcp PUB → {subscribers} SUB, 64 B"
    return two_roles(name, "fanout", "{size} {peers} {count}", peers=subscribers, count=count, **rest)


def matching(subscriptions, count, **rest):
    name = f"tcp PUB, {subscriptions} subscriptions, 64 B"
    return two_roles(name, "matching", "{size} {peers} {count}", peers=subscriptions, count=count, **rest)


def reactor(name, what, outstanding, count):
    """Without a libzmq counterpart: the limit is plain libev."""
    arguments = f"{what} {{peers}} {{count}}"
    return Workload(
        f"reactor: {name}", f"reactor_bench {arguments}", bare=f"bare_reactor {arguments}", peers=outstanding,
        count=count, transport="none",
    )


def request_client(tasks, count, **rest):
    """Without a libzmq counterpart: the limit is the bare call into the reactor."""
    return Workload(
        f"inproc RequestClient, {tasks} tasks, 64 B; limit: handle.run", "request_client client {size} {peers} {count}",
        bare="request_client run {size} {peers} {count}", peers=tasks, count=count, transport="inproc", **rest
    )


WORKLOADS = (
    [throughput(t, size) for t in ("tcp", "ipc", "inproc") for size in THROUGHPUT_SIZES]
    + [by_socket(throughput("ipc", size)) for size in (64, 64 * KI, KI * KI)]
    + [throughput("tcp", size, io_threads=1) for size in THROUGHPUT_SIZES]
    + [web_socket(64, ratio=4.0), web_socket(KI), web_socket(64 * KI)]
    + [latency(t, 64, pinned=True) for t in ("tcp", "ipc", "inproc")]
    + [latency(t, size, pinned=False) for t in ("tcp", "ipc", "inproc") for size in LATENCY_SIZES]
    + [by_socket(latency("ipc", 64, pinned=False))]
    + [latency(t, 64, pinned=False, busy_poll=50) for t in ("tcp", "ipc", "inproc")]
    + [
        router(1, 20_000),
        router(100, 100_000),
        router(1000, 100_000, goals={"ratio": 3.0}, quick=True),
        server(1000, 100_000, goals={"share": 1.0}),
        fanout(1, 3_000_000),
        fanout(8, 1_500_000, goals={"ratio": 5.0}, quick=True),
        fanout(64, 200_000),
        matching(10, 5_000_000),
        matching(10_000, 3_000_000),
        matching(1_000_000, 500_000),
        Workload("inproc XSUB/XPUB proxy 64 B", "proxy_thr {size} {count}", transport="inproc", count=10_000_000,
                 goals={"ratio": 3.0}, quick=True),
        Workload("inproc XSUB/XPUB proxy 1 KiB", "proxy_thr {size} {count}", transport="inproc", size=KI,
                 count=4_000_000),
        two_roles("tcp connections made", "connect_rate", "{peers} {count}", peers=50, count=5_000,
                  whole_turns=True),
        curve(64, ratio=2.0, cpu=1.0),
        curve(64 * KI, ratio=1.5, cpu=1.0),
        two_roles("tcp connections made, CURVE", "connect_rate", "{peers} {count}", peers=50, count=2_000,
                  whole_turns=True, goals={"ratio": 1.5}, environment={"BENCH_CURVE": "1"}),
        two_roles("ipc connections made", "connect_rate", "{peers} {count}", peers=50, count=5_000,
                  whole_turns=True, transport="ipc"),
        two_roles("tcp memory per idle connection", "idle_memory", "{peers}", peers=1000, metric=PER_CONNECTION,
                  goals={"value": 4096}, quick=True),
        two_roles("memory per subscription, publisher", "subscription_memory", "{peers}", peers=100_000,
                  metric=PER_SUBSCRIPTION_PUBLISHER),
        two_roles("memory per subscription, subscriber", "subscription_memory", "{peers}", peers=100_000,
                  metric=PER_SUBSCRIPTION_SUBSCRIBER),
        # The rate is what the publishers are allowed.
        two_roles("epgm PUB → SUB 1 KiB, 1 Gbit/s", "multicast_thr", "{size} 1000000 {count}", transport="epgm", size=KI,
                  count=300_000, goals={"ratio": 1.0, "cpu": 1.0}),
        radio(64, goals={"ratio": 2.0}),
        radio(KI),
        request_client(1, 100_000),
        request_client(64, 500_000, goals={"value": 150_000}),
        request_client(1000, 500_000),
        reactor("timers started, 100,000 outstanding", "start", 100_000, 3_000_000),
        reactor("timers cancelled, 100,000 outstanding", "cancel", 100_000, 3_000_000),
        reactor("timers fired, 100,000 outstanding", "fire", 100_000, 5_000_000),
        reactor("submitted by another thread", "submit", 0, 10_000_000),
        reactor("events, 100 of 10,000 descriptors at a time", "descriptors", 10_000, 1_000_000),
    ]
)
