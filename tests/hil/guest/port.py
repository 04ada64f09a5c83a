"""The wire between host and guest: a virtio-serial port by its name, JSON lines on it."""

import json
import os
import time
from pathlib import Path

CONTROL = "ctl"
PAUSE_S = 0.01  # the port reads as ended while nobody has opened the other side


def device(name: str) -> str:
    """Return the node of a port. Raises FileNotFoundError."""
    for folder in Path("/sys/class/virtio-ports").iterdir():
        if (folder / "name").read_text().strip() == name:
            return f"/dev/{folder.name}"
    raise FileNotFoundError(f"no virtio-serial port {name}")


class Port:
    """One line of JSON each way."""

    def __init__(self, name: str = CONTROL) -> None:
        self._fd = os.open(device(name), os.O_RDWR)
        self._came = b""

    def send(self, said: object) -> None:
        data = json.dumps(said).encode() + b"\n"
        while data:
            data = data[os.write(self._fd, data) :]

    def receive(self) -> dict[str, object]:
        while b"\n" not in self._came:
            data = os.read(self._fd, 65536)
            if not data:
                time.sleep(PAUSE_S)
            self._came += data
        line, self._came = self._came.split(b"\n", 1)
        asked: dict[str, object] = json.loads(line)
        return asked
