"""The bench as its users meet it: a process, a socket, and the ends of cables."""

import json
import os
import select
import signal
import socket
import struct
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import cast

ROOT = Path(__file__).parents[2]
WITHIN_S = 10.0  # everything here takes milliseconds; a busy machine may take longer
EVENT = struct.Struct("llHHi")


class BenchProcess:
    """`python -m tests.hardware_sim` in a folder."""

    def __init__(self, folder: Path, *more: str) -> None:
        self.folder = folder
        command = [sys.executable, "-m", "tests.hardware_sim", "--dir", str(folder), *more]
        self.process = subprocess.Popen(
            command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        assert self.process.stdout
        assert self.process.stdout.readline() == b"ready\n"
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.settimeout(WITHIN_S)
        self._socket.connect(str(folder / "bench.sock"))
        self._lines = self._socket.makefile("rb")

    def ask(self, do: str, **fields: object) -> dict[str, object]:
        """The answer to one request, which must be ok."""
        answer = self.try_ask(do, **fields)
        assert answer["ok"] is True, answer
        return answer

    def try_ask(self, do: str, **fields: object) -> dict[str, object]:
        """The answer to one request."""
        return self.say(json.dumps({"do": do, **fields}).encode())

    def say(self, line: bytes) -> dict[str, object]:
        """The answer to one line."""
        self._socket.sendall(line + b"\n")
        return cast(dict[str, object], json.loads(self._lines.readline()))

    def fault(self, device: str, fault: str, **fields: object) -> dict[str, object]:
        return self.ask("fault", device=device, fault=fault, **fields)

    def receipts(self, device: str = "printer") -> list[dict[str, object]]:
        return cast(list[dict[str, object]], self.ask("paper", device=device)["receipts"])

    def port(self) -> int:
        """The TCP port of the printer."""
        for device in cast(list[dict[str, object]], self.ask("devices")["devices"]):
            if device["name"] == "printer":
                return int(str(device["path"]).rsplit(":", 1)[1])
        raise AssertionError("no printer")

    def close(self) -> int:
        """End it as systemd would; its exit code."""
        self._lines.close()
        self._socket.close()
        self.process.send_signal(signal.SIGTERM)
        code = self.process.wait(WITHIN_S)
        for stream in (self.process.stdout, self.process.stderr):
            assert stream
            stream.close()
        return code


def until(fact: Callable[[], bool]) -> None:
    """Wait for fact to become true."""
    deadline = time.monotonic() + WITHIN_S
    while not fact():
        assert time.monotonic() < deadline, "it did not come about"
        time.sleep(0.01)


def open_pipe(path: Path) -> int:
    """The reading end of a wedge, as contracts say: O_RDONLY and O_NONBLOCK."""
    return os.open(path, os.O_RDONLY | os.O_NONBLOCK)


def take_events(fd: int) -> list[tuple[int, int, int]]:
    """Everything that waits in a pipe, as (type, code, value)."""
    data = b""
    while select.select([fd], [], [], 0)[0]:
        more = os.read(fd, 65536)
        if not more:
            break
        data += more
    assert len(data) % EVENT.size == 0
    return [(kind, code, value) for _, _, kind, code, value in EVENT.iter_unpack(data)]


def struck(events: list[tuple[int, int, int]]) -> list[int]:
    """The codes of the keys that went down."""
    return [code for kind, code, value in events if (kind, value) == (1, 1)]


def read_bytes(fd: int, length: int) -> bytes:
    """Exactly length bytes of a terminal or socket."""
    data = b""
    while len(data) < length:
        assert select.select([fd], [], [], WITHIN_S)[0], f"only {data!r} came"
        data += os.read(fd, length - len(data))
    return data


def is_silent(fd: int, for_s: float = 0.1) -> bool:
    """Whether nothing comes for a while."""
    return not select.select([fd], [], [], for_s)[0]
