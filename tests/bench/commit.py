"""P1 and P2: what a durable sale costs in time, bytes and flushes."""

import shutil
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from zoneinfo import ZoneInfo

from daemon.clock import SystemClock
from daemon.entropy import SystemEntropy
from daemon.ledger.codec import encode
from daemon.ledger.sealing import seal_draft
from daemon.ledger.store import Store
from tests.bench.row import ROUNDS, Part, middle
from tests.bench.sales import Till
from tests.stage import ROOT

SALES = 300  # of each, a round
STEADY_SALES = 1500  # before and while P2 looks: several checkpoints of every file
BOX = "0018"


def open_store(folder: Path) -> Store:
    clock = SystemClock(ZoneInfo("Asia/Shanghai"))
    return Store.open(
        folder, BOX, clock=clock, entropy=SystemEntropy(), closing_hour=4, software="bench"
    )


def durable_commit() -> Sequence[Part]:
    """P1: a sale of four lines against a bare one-row SQLite commit of as many bytes."""
    with tempfile.TemporaryDirectory(dir=bench_disk()) as folder:
        store = open_store(Path(folder) / "state")
        till = Till(4, "p1").drafts()
        data = encode(seal_draft(next(till), store.chain, seq=1, prev="0" * 64))
        bare = _bare(Path(folder) / "bare.db")
        ratios = []
        for _ in range(ROUNDS):
            ours, theirs = [], []
            for _ in range(SALES):  # one by one in turn: both meet the same disk
                draft = next(till)
                began = time.perf_counter()
                store.commit(draft)
                ours.append(time.perf_counter() - began)
                began = time.perf_counter()
                bare.execute("INSERT INTO entry (data) VALUES (?)", (data,))  # commits by itself
                theirs.append(time.perf_counter() - began)
            ratios.append(middle(ours) / middle(theirs))
        store.close()
        bare.close()
    return [Part("P1.commit", middle(ratios), 1.3)]


def bytes_written() -> Sequence[Part]:
    """P2: bytes and flushes of a sale in steady state, all files, one line and ten."""
    parts = []
    for lines in (1, 10):
        measured = _steady(lines, [])
        limit = 8192 + 3 * measured["entry_bytes"]
        parts.append(Part(f"P2.bytes_{lines}", measured["bytes"], limit))
        if shutil.which("strace"):
            flushes = _flushes(lines)
            parts.append(Part(f"P2.flushes_{lines}", flushes, 1.05))
        else:
            sys.stdout.write("P2.flushes not measured: install strace\n")
    return parts


def _steady(lines: int, wrap: Sequence[str]) -> dict[str, float]:
    with tempfile.TemporaryDirectory(dir=bench_disk()) as folder:
        command = [*wrap, sys.executable, "-m", "tests.bench.steady", folder, str(lines)]
        done = subprocess.run(
            [*command, str(STEADY_SALES)], cwd=ROOT, capture_output=True, text=True, check=True
        )
    names = ("sales", "bytes", "entry_bytes")
    return dict(zip(names, map(float, done.stdout.split()), strict=True))


def _flushes(lines: int) -> float:
    """Return flushes per sale: strace counts them from the first to the last, start included."""
    with tempfile.NamedTemporaryFile(suffix=".strace") as counted:
        calls = "trace=fsync,fdatasync,sync_file_range"
        _steady(lines, ["strace", "-f", "-qq", "-e", calls, "-o", counted.name])
        flushes = Path(counted.name).read_text().count("sync(")
    return flushes / (2 * STEADY_SALES)


def _bare(path: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(path, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("CREATE TABLE entry (id INTEGER PRIMARY KEY, data BLOB NOT NULL)")
    return connection


def bench_disk() -> Path:
    """Return a folder on the checkout's disk: /tmp may be memory."""
    folder = ROOT / ".bench"
    folder.mkdir(exist_ok=True)
    return folder
