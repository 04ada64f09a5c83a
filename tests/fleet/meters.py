"""What processes cost, read from /proc: memory and processor time of one and of its children."""

import os
from pathlib import Path

import msgspec

TICKS = os.sysconf("SC_CLK_TCK")


class Cost(msgspec.Struct, frozen=True):
    """Of a process and its children."""

    cpu_s: float
    resident_mb: float

    def since(self, earlier: "Cost | None") -> float:
        """Return the processor time between two looks, in seconds; None: it did not run then."""
        return self.cpu_s - (0.0 if earlier is None else earlier.cpu_s)


def resident_mb(pid: int | None = None) -> float:
    """Return a process's memory, of what it shares its part; ours when none is given."""
    text = Path(f"/proc/{pid or os.getpid()}/smaps_rollup").read_text()
    return next(int(line.split()[1]) for line in text.splitlines() if line[:4] == "Pss:") / 1024


def cost(pid: int) -> Cost:
    """Return what a process and its children have cost so far; one that ended costs nothing."""
    cpu_s, memory = 0.0, 0.0
    for one in (pid, *children(pid)):
        try:
            # After the name in brackets: utime, stime, and both of children that have ended.
            fields = Path(f"/proc/{one}/stat").read_text().rpartition(")")[2].split()
            cpu_s += sum(int(fields[at]) for at in (11, 12, 13, 14)) / TICKS
            memory += resident_mb(one)
        except OSError:
            continue
    return Cost(cpu_s, memory)


def children(pid: int) -> list[int]:
    """Return the children of a process, of all its threads."""
    found: list[int] = []
    for one in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            found += [int(word) for word in one.read_text().split()]
        except OSError:
            continue
    return found
