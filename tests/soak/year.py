"""A simulated year of a busy shop at full speed: `make soak-year`. What grows is named.

The real box lives it (tests/soak/year_box.py) with real devices' other ends, broker and
headquarters. Each evening it is measured from outside. At the end the evenings of the last quarter
are held against those of the second; the first is left out, since a process grows into its work.
"""

import argparse
import os
import random
import re
import signal
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from statistics import median

import msgspec

from tests.soak.year_box import LEAKS
from tests.soak.year_shop import Shop, YearStage
from tests.stage import StageError

QUARTERS = 4
BACKUP_EVERY_DAYS = 7
# How much more the last quarter may have than the second one.
HANDLES_MORE = 2  # a page that has just reloaded
MEMORY_MORE_KIB = 2048  # of the allocator; a leak of 120 bytes a sale is more in a year
BLOCKS_MORE = 4096  # of Python's; what waits for its collector comes and goes
PAGES_MORE_BYTES = 1 << 20  # a WAL, and pages that a database takes some at a time
RATE_MORE = 1.25  # bytes an entry: indexes get deeper, slowly
# SQLite's caches fill with the year, up to their ceilings: books 2048 KiB, journal 512, local 256,
# a copier's 64, and the statements that each connection keeps ready.
SQLITE_MOST_KIB = 4096

_BLOCK = 512  # st_blocks

Typical = Callable[[Iterable[int]], float]


class Evening(msgspec.Struct, frozen=True, kw_only=True):
    """What was seen after a Z."""

    day: date
    sales: int  # so far, and so are the others
    entries: int
    memory_kib: int
    sqlite_kib: int  # of the memory
    blocks: int  # of the memory: Python's objects
    handles: int
    threads: int
    written_bytes: int
    disk: Mapping[str, int]  # by file, with its WAL
    copy_bytes: int
    files: int


@dataclass(slots=True)
class Year:
    evenings: list[Evening] = field(default_factory=list)
    kinds: Counter[str] = field(default_factory=Counter)
    backups: int = 0
    proof: Mapping[str, object] = field(default_factory=dict)

    @property
    def good(self) -> bool:
        return bool(self.proof.get("ok")) and not growing(self.evenings)


def run(
    stage: YearStage,
    days: int,
    sales: int,
    seed: int,
    *,
    progress: Callable[[Evening], None] = lambda _: None,
    enough: Callable[[], bool] = lambda: False,
) -> Year:
    """Live so many days, or until it is enough. The stage must be set up. Raises StageError."""
    year = Year()
    shop = Shop(stage, sales, seed)
    for number in range(days):
        today = shop.live(number)
        if number % BACKUP_EVERY_DAYS == 0:
            done = stage.box("backup", str(stage.aside / "0018.mbb"))
            if not done.get("ok"):
                raise StageError(f"backup: {done}")
            year.backups += 1
        year.evenings.append(_look(stage, today, shop.sold))
        progress(year.evenings[-1])
        if enough():
            break
    tail = stage.box("journal", "tail", "--count", str(year.evenings[-1].entries + 1))
    year.kinds = Counter(str(one["kind"]) for one in tail["entries"])
    year.proof = stage.box("verify", "--full")
    return year


def _look(stage: YearStage, today: date, sold: int) -> Evening:
    pid = stage.processes["box"].pid
    proc = Path("/proc") / str(pid)
    said = (proc / "status").read_text() + (proc / "io").read_text()
    state = stage.bench_dir / "state"
    entries = stage.status()["seq"]
    assert isinstance(entries, int)
    held = stage.ahead.held
    disk: Counter[str] = Counter()
    for path in state.rglob("*"):
        if path.is_file():
            name = path.name.removesuffix("-wal").removesuffix("-shm")
            disk[name if name.endswith(".db") else "other"] += _taken(path)
    return Evening(
        day=today,
        sales=sold,
        entries=entries,
        memory_kib=_number(said, "VmRSS"),
        sqlite_kib=held.sqlite_bytes >> 10,
        blocks=held.blocks,
        handles=len(os.listdir(proc / "fd")),
        threads=_number(said, "Threads"),
        written_bytes=_number(said, "write_bytes"),
        disk=disk,
        copy_bytes=sum(_taken(path) for path in stage.copy.rglob("*") if path.is_file()),
        files=sum(path.is_file() for path in state.rglob("*")),
    )


def _taken(path: Path) -> int:
    return path.stat().st_blocks * _BLOCK


def _number(text: str, name: str) -> int:
    found = re.search(rf"^{name}:\s+(\d+)", text, re.MULTILINE)
    assert found is not None, f"the kernel does not say {name}"
    return int(found[1])


# -- what grows ------------------------------------------------------------------------------------


def growing(evenings: Sequence[Evening]) -> list[str]:
    """Return what was not flat, with its figures; disks may grow with the journal, no faster."""
    early, late = quarters(evenings)
    found = []

    def compare(what: str, of: Callable[[Evening], int], more: int, typical: Typical) -> None:
        before, after = typical(map(of, early)), typical(map(of, late))
        if after > before + more:
            found.append(f"{what}: {before:.0f} in the second quarter, {after:.0f} in the last")

    def follow(what: str, of: Callable[[Evening], int]) -> None:
        before, after = rate(early, of), rate(late, of)
        slack = PAGES_MORE_BYTES / max(1, late[-1].entries - late[0].entries)
        if after > before * RATE_MORE + slack:
            found.append(f"{what}: {before:.0f} bytes an entry, then {after:.0f}")

    # What waits for the collector comes and goes; what leaks is there on the best evening too.
    compare("handles", lambda one: one.handles, HANDLES_MORE, min)
    compare("threads", lambda one: one.threads, 0, min)
    compare("files", lambda one: one.files, 0, min)
    beside = "memory in KiB, beside SQLite's"
    compare(beside, lambda one: one.memory_kib - one.sqlite_kib, MEMORY_MORE_KIB, median)
    compare("blocks of Python", lambda one: one.blocks, BLOCKS_MORE, min)
    compare("bytes of local.db", lambda one: one.disk["local.db"], PAGES_MORE_BYTES, median)
    follow("journal.db", lambda one: one.disk["journal.db"])
    follow("books.db", lambda one: one.disk["books.db"])
    follow("written", lambda one: one.written_bytes)
    most = max(one.sqlite_kib for one in evenings)
    if most > SQLITE_MOST_KIB:
        found.append(f"memory of SQLite: {most} KiB, and its caches end at {SQLITE_MOST_KIB}")
    return found


def quarters(evenings: Sequence[Evening]) -> tuple[Sequence[Evening], Sequence[Evening]]:
    """Return the second quarter and the last one, each with the evening before it."""
    length = len(evenings) // QUARTERS
    assert length, "a year of less than four days shows nothing"
    return evenings[length - 1 : 2 * length], evenings[-length - 1 :]


def rate(part: Sequence[Evening], of: Callable[[Evening], int]) -> float:
    """Return how much came with each entry."""
    first, last = part[0], part[-1]
    return (of(last) - of(first)) / max(1, last.entries - first.entries)


# -- the report ------------------------------------------------------------------------------------


def report(year: Year) -> str:
    """Return the year as a table of its quarters' ends, and what it comes to."""
    evenings = year.evenings
    steps = [0, *(len(evenings) * part // 4 - 1 for part in (1, 2, 3, 4))]
    names = "evening | sales | entries | memory KiB | SQLite's | Python's blocks | handles"
    names += " | threads | journal.db | books.db | local.db | files | second copy"
    rows = [f"| {names} |", "| --- |" + " ---: |" * names.count("|")]
    for one in (evenings[step] for step in steps):
        sizes = (f"{one.disk[name] / 1e6:.1f}" for name in ("journal.db", "books.db", "local.db"))
        cells = [one.day, one.sales, one.entries, one.memory_kib, one.sqlite_kib]
        cells += [one.blocks, one.handles, one.threads]
        cells += [*sizes, one.files, f"{one.copy_bytes / 1e6:.1f}"]
        rows.append(f"| {' | '.join(map(str, cells))} |")
    first, last = evenings[0], evenings[-1]
    days, sold = len(evenings) - 1, max(1, last.sales - first.sales)
    written = last.written_bytes - first.written_bytes
    kept = sum(last.disk.values()) - sum(first.disk.values())
    journal = last.disk["journal.db"] - first.disk["journal.db"]
    rows += [
        "",
        f"written to the disk: {written / max(1, days) / 1e6:.2f} MB a day, {written / sold:.0f} "
        f"bytes a sale; kept: {kept / sold:.0f} bytes a sale, {journal / sold:.0f} in the journal",
        "entries: " + ", ".join(f"{kind} {count}" for kind, count in year.kinds.most_common()),
        *(f"NOT FLAT: {one}" for one in growing(evenings)),
    ]
    return "\n".join(rows)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make soak-year", description=__doc__)
    parser.add_argument("--days", type=int, default=365)
    parser.add_argument("--sales", type=int, default=100, help="a day")
    parser.add_argument("--seed", type=int, default=0, help="0: a fresh one")
    parser.add_argument("--leak", choices=LEAKS, default="", help="what the box leaks: must fail")
    asked = parser.parse_args()
    seed = asked.seed or random.SystemRandom().randrange(1, 2**31)
    stopped: list[int] = []  # SIGTERM: this day is lived to its end, and what was seen is told
    signal.signal(signal.SIGTERM, lambda which, _: stopped.append(which))
    lived: list[Evening] = []

    def progress(one: Evening) -> None:
        lived.append(one)
        _tell(one)

    with tempfile.TemporaryDirectory() as folder, YearStage(Path(folder), asked.leak) as stage:
        stage.set_up()
        try:
            year = run(
                stage,
                asked.days,
                asked.sales,
                seed,
                progress=progress,
                enough=lambda: bool(stopped),
            )
        except (StageError, AssertionError) as error:
            words = stage.words("box")[-2000:]
            if len(lived) >= QUARTERS:
                sys.stdout.write(f"\n{report(Year(lived))}\n")
            sys.stdout.write(f"\nsoak-year: {error} (seed {seed})\n{words}\n")
            return 1
    sys.stdout.write(f"\n{report(year)}\n\n{_in_short(year)}; seed {seed}\n")
    return 0 if year.good else 1


def _in_short(year: Year) -> str:
    grows = growing(year.evenings)
    return (
        f"soak-year: {len(year.evenings)} days, {year.evenings[-1].sales} sales, "
        f"{year.backups} backups: {f'{len(grows)} NOT FLAT' if grows else 'flat'}, "
        f"verify {'ok' if year.proof.get('ok') else year.proof}"
    )


def _tell(one: Evening) -> None:
    sys.stdout.write(
        f"\r{one.day} {one.sales} sales, {one.memory_kib} KiB, {one.handles} handles, "
        f"{one.threads} threads "
    )
    sys.stdout.flush()


if __name__ == "__main__":
    raise SystemExit(main())
