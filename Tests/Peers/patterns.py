"""Message contents that the Swift side of a test also generates (Tests/Support/Bytes)."""

import struct


def _noise():
    state, out = 1, bytearray()
    for _ in range(65_521):
        state = (state * 1_664_525 + 1_013_904_223) & 0xFFFFFFFF
        out.append(state >> 24)
    return bytes(out)


NOISE = _noise()


def pattern(size, seed=0):
    start = (seed * 7_919) % len(NOISE)
    repeats = (start + size) // len(NOISE) + 1
    return (NOISE * repeats)[start : start + size]


NUMBERED = struct.Struct(">IQ")


class OrderCheck:
    """Checks numbered messages, and raises at the first one out of order in its stream.

    A stream starts at `first`; None lets it start anywhere, as a late subscriber's does.
    """

    def __init__(self, size, first):
        self.size = size
        self.first = first
        self.next = {}

    def take(self, message):
        if len(message) != self.size:
            raise ValueError(f"{len(message)} bytes instead of {self.size}: {message[:40]!r}")
        stream, number = NUMBERED.unpack_from(message)
        due = self.next.get(stream, number if self.first is None else self.first)
        if number != due:
            raise ValueError(f"stream {stream} has {number} where {due} was due")
        self.next[stream] = number + 1
