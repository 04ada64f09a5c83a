"""P8: the box at rest, with the bench's devices and a live link: memory, threads, processor."""

import os
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench.row import ROUNDS, Part, middle
from tests.stage import Stage

SETTLE_S = 2.0  # after a start: the last imports, the first acknowledgement
LOOK_S = 20.0  # the kernel counts in ticks of 10 ms: 0.5 ms/s each
TICKS_S = os.sysconf("SC_CLK_TCK")


def idle() -> Sequence[Part]:
    """P8, the median of five starts."""
    memory, threads, busy = [], [], []
    with tempfile.TemporaryDirectory() as folder, Stage(Path(folder)) as stage:
        stage.set_up()
        for _ in range(ROUNDS):
            stage.stop("box")
            stage.start_box()
            time.sleep(SETTLE_S)
            pid = stage.processes["box"].pid
            before = _ticks(pid)
            time.sleep(LOOK_S)
            busy.append((_ticks(pid) - before) / TICKS_S * 1000 / LOOK_S)
            status = _status(pid)
            memory.append(status["VmRSS"] / 1024)
            threads.append(status["Threads"])
    return [
        Part("P8.rss_mib", middle(memory), 52.0),
        Part("P8.threads", middle(threads), 8.0),
        Part("P8.cpu_ms_per_s", middle(busy), 3.0),
    ]


def _status(pid: int) -> dict[str, float]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    fields = dict(line.split(":", 1) for line in lines)
    return {name: float(fields[name].split()[0]) for name in ("VmRSS", "Threads")}


def _ticks(pid: int) -> int:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[11]) + int(fields[12])
