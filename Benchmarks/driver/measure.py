"""Runs of the sides in turn, and the medians of their results."""

from dataclasses import dataclass, field
from statistics import median

from . import programs


@dataclass(frozen=True)
class Side:
    """The program at each end."""

    name: str
    local: str  # prefix of the program's name
    remote: str

    def commands(self, workload):
        ends = [(self.local, workload.local)] + ([(self.remote, workload.remote)] if workload.remote else [])
        return [prefix + template for prefix, template in ends]


class BareSide(Side):
    def commands(self, workload):
        if workload.bare is None or "{role}" not in workload.bare:
            return [workload.bare] if workload.bare else []
        return [workload.bare.replace("{role}", role) for role in ("local", "remote")]


OURS = Side("ours", "", "")
LIBZMQ = Side("libzmq", "libzmq_", "libzmq_")
BARE = BareSide("bare", "", "")
MIXED = (Side("ours → libzmq", "libzmq_", ""), Side("libzmq → ours", "", "libzmq_"))  # remote → local


@dataclass
class Run:
    """One run of one side. Pair 0 is the warm-up, which is not evaluated."""

    workload: str
    side: str
    pair: int
    ends: list = field(default_factory=list)
    error: str = ""

    def as_json(self):
        return vars(self)


class Session:
    def __init__(self, directory, pairs, scale, timeout, cpu):
        self.directory, self.pairs, self.scale, self.timeout, self.cpu = directory, pairs, scale, timeout, cpu
        self.endpoints = programs.Endpoints()

    def sides(self, workload, mixed):
        """Those whose programs are built."""
        wanted = [OURS, LIBZMQ, *(MIXED if mixed and workload.remote else ()), BARE]
        return [side for side in wanted if self._is_built(side.commands(workload))]

    def _is_built(self, commands):
        return commands != [] and all((self.directory / command.split()[0]).exists() for command in commands)

    def measure(self, workload, sides):
        """A B A B …: each pair runs every side once, so that disturbances of the machine affect all of them."""
        for pair in range(self.pairs + 1):
            for side in sides:
                yield self._run(workload, side, pair)

    def _run(self, workload, side, pair):
        count = int(workload.count * self.scale)
        if workload.whole_turns:
            count = -(-count // workload.peers) * workload.peers
        values = {
            "size": workload.size, "peers": workload.peers,
            "count": count * (workload.bare_factor if side is BARE else 1),
            "endpoint": self.endpoints.new(workload.transport),
        }
        commands = [command.format(**values).split() for command in side.commands(workload)]
        environment = {}
        if side is not BARE:
            environment = {**workload.environment, **({"LD_PRELOAD": programs.drafts()} if workload.drafts else {})}
        run = Run(workload.name, side.name, pair)
        try:
            run.ends = programs.run(
                [[str(self.directory / name), *arguments] for name, *arguments in commands],
                self.cpu if workload.pinned else None, self.timeout, environment,
            )
            if not any(workload.metric.key in end for end in run.ends):
                raise programs.RunFailed(f"no {workload.metric.key} in any result line")
        except programs.RunFailed as failure:
            run.error = str(failure)
        return run


class Row:
    """The summary of a workload's runs. A side that is missing or failed has no number."""

    def __init__(self, workload, runs):
        self.workload = workload
        self.errors = [run for run in runs if run.error]
        self.by_side = {}
        for run in runs:
            if run.pair > 0 and not run.error:
                self.by_side.setdefault(run.side, {})[run.pair] = run

    def number(self, run, key=None):
        metric = self.workload.metric
        key = key or metric.key
        return next(end[key] for end in run.ends if key in end and metric.end in ("any", end["end"]))

    def value(self, side, key=None):
        runs = self.by_side.get(side)
        return median(self.number(run, key) for run in runs.values()) if runs else None

    def ratios(self, side, other, key=None):
        """Of each pair."""
        a, b = self.by_side.get(side, {}), self.by_side.get(other, {})
        pairs = [(self.number(a[pair], key), self.number(b[pair], key)) for pair in a if pair in b]
        return [mine / theirs for mine, theirs in pairs if theirs > 0]

    def cpu_per_million(self, side):
        """CPU seconds of all processes of a run, per million counted items."""
        runs = self.by_side.get(side)
        if not runs or not any("count" in end for run in runs.values() for end in run.ends):
            return None
        return median(
            sum(end["cpu_seconds"] for end in run.ends) * 1e6 / self.number_counted(run) for run in runs.values()
        )

    def number_counted(self, run):
        """The count of the end that reports the metric."""
        return next((end["count"] for end in run.ends if self.workload.metric.key in end and "count" in end), 0)
