"""P7: from process start to READY=1 with a journal of a million entries."""

import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

from tests.bench.million import million
from tests.bench.row import ROUNDS, Part, middle
from tests.bench.unit import unit_environment
from tests.stage import ROOT, Bench, tool

# As long as the unit waits. The shop of the million never closed a day: once a start that trusts
# the clock closes two hundred days of 5,000 entries, which takes half a minute and is not measured.
READY_WITHIN_S = 120.0


def ready() -> Sequence[Part]:
    """P7: process start to READY with the bench's devices configured; the median of five."""
    folder = million()
    with tempfile.TemporaryDirectory() as beside:
        bench = _bench(Path(beside))
        try:
            config = Path(beside) / "memberbox.toml"
            text = config.read_text()
            state = f'state_dir = "{Path(beside) / "state"}"'
            assert state in text, "the bench's config has no state_dir to point elsewhere"
            config.write_text(text.replace(state, f'state_dir = "{folder}"'))
            took = [_start(config) for _ in range(ROUNDS + 1)]  # the first warms the disk cache
        finally:
            bench.send_signal(signal.SIGTERM)
            bench.wait()
    return [Part("P7.ready_s", middle(took[1:]), 0.6)]


def _start(config: Path) -> float:
    with (
        tempfile.TemporaryDirectory() as folder,
        socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as notify,
    ):
        notify.bind(f"{folder}/notify")
        notify.settimeout(READY_WITHIN_S)
        environment = {**unit_environment(), "NOTIFY_SOCKET": f"{folder}/notify"}
        environment["MEMBERBOX_SHARE"] = str(ROOT / "config")
        began = time.perf_counter()
        with (config.parent / "box.log").open("ab") as log:
            box = subprocess.Popen(
                [tool("memberbox"), "--config", str(config), "run"],
                stdout=log,
                stderr=log,
                env=environment,
            )
        try:
            while b"READY=1" not in notify.recv(4096):
                continue
            return time.perf_counter() - began
        finally:
            box.send_signal(signal.SIGTERM)
            box.wait()


def _bench(folder: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "tests.hardware_sim", "--dir", str(folder)]
    bench = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE)
    assert bench.stdout is not None
    assert b"ready" in bench.stdout.readline()
    Bench(folder / "bench.sock").close()
    return bench
