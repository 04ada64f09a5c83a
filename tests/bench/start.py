"""P7: from process start to READY=1 with a journal of a million entries."""

import hashlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import Future
from itertools import islice
from pathlib import Path

from daemon.ledger.views import Durable, Outcome
from tests.bench.commit import BOX, open_store
from tests.bench.row import ROUNDS, Part, middle
from tests.bench.sales import Till
from tests.stage import ROOT, Bench, tool

ENTRIES = 1_000_000
AT_ONCE = 512  # drafts handed over together while the journal is made
READY_WITHIN_S = 30.0


def ready() -> Sequence[Part]:
    """P7: process start to READY with the bench's devices configured; the median of five."""
    folder = _million()
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
        environment = {**os.environ, "NOTIFY_SOCKET": f"{folder}/notify"}
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


def _million() -> Path:
    """Return a state directory with a million sales; made once for each shape of the files."""
    shape = hashlib.sha256()
    for path in sorted((ROOT / "daemon/ledger").rglob("*")):
        if path.suffix in (".py", ".sql"):
            shape.update(path.read_bytes())
    folder = ROOT / ".bench" / f"million-{shape.hexdigest()[:12]}"
    if (folder / "made").exists():
        return folder
    for old in (ROOT / ".bench").glob("million-*"):
        shutil.rmtree(old)
    sys.stdout.write(f"P7: making a journal of {ENTRIES:,} entries, once ...\n")
    sys.stdout.flush()
    store = open_store(folder)
    drafts = islice(Till(1, "p7").drafts(), ENTRIES)
    waiting: list[Future[Outcome]] = []
    for number, draft in enumerate(drafts):
        waiting.append(store.submit(draft))
        if len(waiting) == AT_ONCE:
            assert all(isinstance(future.result(), Durable) for future in waiting)
            waiting.clear()
        if number % 100_000 == 0 and sys.stdout.isatty():
            sys.stdout.write(f"\r{number:,}")
            sys.stdout.flush()
    store.close()
    assert store.chain.box == BOX
    (folder / "made").touch()
    return folder
