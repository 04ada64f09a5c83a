"""P3: from ENTER at the keypad to the first byte of the receipt, the entry durable before.

The keypad's pipe and the printer's port are in this process, so one clock sees both ends; the box
is a real one, with broker and headquarters, on the checkout's disk.
"""

import os
import re
import select
import socket
import tempfile
import time
from collections.abc import Sequence
from math import ceil
from pathlib import Path

from tests.bench.row import ROUNDS, Part, middle
from tests.hardware_sim.escpos import Printer
from tests.hardware_sim.wedge import burst, key_strokes
from tests.stage import ROOT, Stage

SALES = 100  # of a round; one of them is over the 99th percentile
SALE_WITHIN_S = 5.0
RECEIPT_BEGINS = b"\x1b@"


def first_byte() -> Sequence[Part]:
    (ROOT / ".bench").mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory(dir=ROOT / ".bench") as folder, Stage(Path(folder)) as stage:
        stage.set_up()
        stage.stop("box")
        with Ends(Path(folder) / "keys") as ends:
            text = stage.config.read_text()
            text = _with_port(text, "keypad", f"pipe:{ends.path}")
            text = _with_port(text, "printer", f"tcp:127.0.0.1:{ends.port}")
            stage.config.write_text(text)
            stage.start_box()
            ends.accept()
            for _ in range(10):  # the first sales warm caches up
                ends.sell()
            rounds = [sorted(ends.sell() * 1000 for _ in range(SALES)) for _ in range(ROUNDS)]
    return [
        Part(
            "P3.first_byte_p99_ms", middle([took[ceil(SALES * 0.99) - 1] for took in rounds]), 10.0
        ),
        Part("P3.first_byte_p50_ms", middle([took[SALES // 2] for took in rounds]), 10.0),
    ]


class Ends:
    """The near ends of the keypad's and of the printer's cable."""

    def __init__(self, path: Path) -> None:
        self.path = path
        os.mkfifo(path)
        reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # else opening to write fails
        self._keys = os.open(path, os.O_WRONLY | os.O_NONBLOCK)
        os.close(reader)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listener.getsockname()[1])
        self._line: socket.socket | None = None
        self._printer = Printer(32)

    def __enter__(self) -> "Ends":
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._keys)
        self._listener.close()
        if self._line is not None:
            self._line.close()

    def accept(self) -> None:
        self._listener.settimeout(SALE_WITHIN_S)
        self._line, _ = self._listener.accept()
        self._serve(0.5, until_receipt=False)

    def sell(self) -> float:
        """Make a sale; return the seconds from the last ENTER to the first byte of its slip."""
        self._press("1", "2", "+")
        self._serve(0.02, until_receipt=False)
        self._press("ENTER")
        self._serve(0.02, until_receipt=False)
        began = time.perf_counter()
        self._press("ENTER")
        came = self._serve(SALE_WITHIN_S, until_receipt=True)
        assert came is not None, "no receipt came out"
        return came - began

    def _press(self, *keys: str) -> None:
        events = b"".join(burst(key_strokes(list(keys)), int(time.monotonic() * 1e6)))
        os.write(self._keys, events)

    def _serve(self, for_s: float, *, until_receipt: bool) -> float | None:
        """Print and answer for so long, or until a slip is cut; return when one began."""
        assert self._line is not None
        receipts, began = len(self._printer.receipts), None
        deadline = time.perf_counter() + for_s
        while (left := deadline - time.perf_counter()) > 0:
            if not select.select([self._line], [], [], left)[0]:
                break
            data = self._line.recv(65536)
            now = time.perf_counter()
            assert data, "the box closed the line"
            if RECEIPT_BEGINS in data and began is None:
                began = now
            self._line.sendall(self._printer.feed(data))
            if until_receipt and len(self._printer.receipts) > receipts:
                break
        return began


def _with_port(text: str, name: str, port: str) -> str:
    """Return the config with the device of that name somewhere else."""
    pattern = rf'(\[\[devices\]\]\nname = "{name}"\n(?:.+\n)*?port = )".+"'
    changed, count = re.subn(pattern, rf'\1"{port}"', text)
    assert count == 1, f"the bench's config has no device {name}"
    return changed
