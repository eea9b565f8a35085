"""The books: the messages sent, and what happened to them."""

import struct
from pathlib import Path

# As in `Benchmarks/Sources/soak/Ledger.swift`.
ENTRIES = ("accepted", "refused", "received", "torn", "twice", "disordered", "dropped", "queued", "unsent", "failed", "finished")
BEYOND = 4096  # bytes behind the last message sent, in which nothing may have been entered


def ledger(directory, name):
    path = Path(directory) / f"{name}.ledger"
    if not path.exists():
        return dict.fromkeys(ENTRIES, 0)
    with path.open("rb") as file:
        return dict(zip(ENTRIES, struct.unpack(f"<{len(ENTRIES)}Q", file.read(8 * len(ENTRIES)))))


def entered(directory, name, sender, count):
    """The numbers below `count` of a sender's messages that a socket has entered, as bits, and whether there are others."""
    path = Path(directory) / f"{name}.{sender}.bits"
    if not path.exists():
        return 0, False
    with path.open("rb") as file:
        bits = int.from_bytes(file.read(count // 8 + BEYOND), "little")
    return bits & ((1 << count) - 1), bits >> count != 0


class Account:
    """The books of one group."""

    def __init__(self, group):
        self.group = group
        self.sent = self.received = self.missing = self.dropped = self.unsent = self.failed = 0
        self.faults = []

    def balance(self, directory, processes, allowance):
        """`processes` are all sockets that the group ever had, each with name, type and sender, and `killed` if it was."""
        ledgers = {process.name: ledger(directory, process.name) for process in processes}
        for process in processes:
            numbers = ledgers[process.name]
            for fault in ("torn", "twice", "disordered"):
                # A cut connection may still be read while its successor is: order holds only within a connection.
                if numbers[fault] and not (fault == "disordered" and self.group.wild):
                    self.faults.append(f"{process.name}: {numbers[fault]} {fault}")
            if not process.killed and not numbers["finished"]:
                self.faults.append(f"{process.name} did not close")
            self.dropped += numbers["dropped"]
            self.unsent += numbers["unsent"]
            self.failed += numbers["failed"]
        for process in processes:
            if process.rate:
                self._balance_sender(directory, process, processes, ledgers)
        accounted = self.dropped + self.unsent + self.failed
        if self.missing > accounted + allowance:
            self.faults.append(f"{self.missing} missing, of which {accounted} are accounted for and {allowance} may be lost")
        if not self.group.wild and self.missing < self.unsent:
            self.faults.append(f"{self.unsent} reported as unsent, of which only {self.missing} are missing")

    def _balance_sender(self, directory, sender, processes, ledgers):
        count = ledgers[sender.name]["accepted"]
        self.sent += count
        if not count:
            if not sender.killed and sender.is_old:
                self.faults.append(f"{sender.name} could send nothing")
            return
        books = self.group.pattern.books
        recipients = [sender] if books == "own" else [p for p in processes if p is not sender and p.takes]
        union = 0
        for recipient in recipients:
            bits, others = entered(directory, recipient.name, sender.sender, count)
            if others:
                self.faults.append(f"{recipient.name} received what {sender.name} never sent")
            if books == "every":
                self._balance_subscriber(sender, recipient, bits, count)
            elif union & bits:
                self.faults.append(f"{(union & bits).bit_count()} of {sender.name} arrived twice")
            union |= bits
        if books != "every":
            self.received += union.bit_count()
            self.missing += count - union.bit_count()

    def _balance_subscriber(self, sender, recipient, bits, count):
        """A subscriber must receive everything from its first message on, and up to its last one if it ended before the publisher."""
        if not bits:
            together = all(role.is_old and role.is_last and not role.killed for role in (sender, recipient))
            if together and not self.group.wild:
                self.faults.append(f"{recipient.name} received nothing of {sender.name}")
            return
        first = (bits & -bits).bit_length() - 1
        end = count if recipient.is_last and not self.group.wild else bits.bit_length()
        self.received += bits.bit_count()
        self.missing += end - first - bits.bit_count()


class Memory:
    """Memory and descriptors of one process, a sample a second."""

    WARM_UP = 20  # samples that do not count
    GROWTH_MB = 12
    DESCRIPTORS = 8

    def __init__(self):
        self.samples = []

    def take(self, pid):
        try:
            status = Path(f"/proc/{pid}/status").read_text()
            descriptors = len(list(Path(f"/proc/{pid}/fd").iterdir()))
        except OSError:
            return
        anonymous = next((line.split()[1] for line in status.splitlines() if line.startswith("RssAnon")), None)
        if anonymous:
            self.samples.append((int(anonymous) / 1024, descriptors))

    def growth(self):
        """Megabytes and descriptors by which the median of the last quarter exceeds the maximum of the second; None if there are too few."""
        if len(self.samples) < 2 * self.WARM_UP:
            return None
        quarter = len(self.samples) // 4
        early, late = self.samples[quarter:2 * quarter], self.samples[3 * quarter:]
        return tuple(sorted(sample[i] for sample in late)[len(late) // 2] - max(sample[i] for sample in early) for i in (0, 1))
