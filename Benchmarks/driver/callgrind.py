"""Exact counts of a program under valgrind's callgrind."""

import os
import re
import subprocess
import tempfile
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .programs import RunFailed

# The quantities, and the functions whose calls they sum up. These are entered through the PLT, which callgrind ignores:
# a call is attributed to the function itself, from any caller. swift_bridgeObjectRetain and similar functions are not
# listed because they call these.
COUNTED = {
    "retains": ("swift_retain", "swift_retain_n"),
    "releases": ("swift_release", "swift_release_n"),
    "mallocs": ("malloc", "calloc", "realloc", "posix_memalign", "aligned_alloc", "memalign"),
    "objects": ("swift_allocObject",),
    "slow_allocs": ("swift_slowAlloc",),
}
# The C library's aligned allocation calls its malloc: one allocation, not two.
INSIDE_MALLOC = ("_mid_memalign", "calloc", "realloc", "posix_memalign", "aligned_alloc", "memalign")
QUANTITIES = ("instructions", *COUNTED)


def parse(text):
    """Instructions in all, and how often each function was called."""
    names, calls, caller, called = {}, Counter(), "", ""
    instructions = 0
    for line in text.splitlines():
        if match := re.match(r"(c?)fn=\((\d+)\)(?: (.*))?$", line):
            is_called, number, name = match.groups()
            if name is not None:
                names[number] = re.sub(r"'\d+$", "", name)  # a recursion level
            if is_called:
                called = names[number]
            else:
                caller = names[number]
        elif match := re.match(r"calls=(\d+) ", line):
            if not (called == "malloc" and caller.startswith(INSIDE_MALLOC)):
                calls[called] += int(match.group(1))
        elif match := re.match(r"(?:summary|totals): (\d+)", line):
            instructions = max(instructions, int(match.group(1)))
    return instructions, calls


def count(command, timeout):
    """Runs the program once; a count for each of QUANTITIES."""
    with tempfile.TemporaryDirectory(prefix="gate-") as directory:
        out = Path(directory) / "callgrind.out"
        # Debian's valgrind cannot read the debug information that Swift writes; the names of functions are enough.
        bare = Path(directory) / Path(command[0]).name
        subprocess.run(["strip", "--strip-debug", "-o", bare, command[0]], check=True)
        valgrind = ["valgrind", "--tool=callgrind", "--demangle=no", "--quiet", f"--callgrind-out-file={out}"]
        environment = {**os.environ, "SWIFT_DETERMINISTIC_HASHING": "1"}
        try:
            done = subprocess.run(
                [*valgrind, bare, *command[1:]], env=environment, timeout=timeout, capture_output=True, text=True
            )
        except subprocess.TimeoutExpired:
            raise RunFailed("timed out") from None
        if done.returncode != 0:
            raise RunFailed(f"ended with {done.returncode}: {done.stderr.strip()}")
        instructions, calls = parse(out.read_text())
    sums = {quantity: sum(calls[name] for name in functions) for quantity, functions in COUNTED.items()}
    return {"instructions": instructions, **sums}


def per_message(command, messages, timeout):
    """The difference between a run and one with twice as many messages, which cancels the cost of start and end.

    `command` takes the number of messages and returns the argument list.
    """
    with ThreadPoolExecutor() as pool:  # side by side: counts do not depend on what else runs
        once, twice = pool.map(lambda number: count(command(number), timeout), (messages, 2 * messages))
    return {quantity: (twice[quantity] - once[quantity]) / messages for quantity in QUANTITIES}
