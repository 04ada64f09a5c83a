"""The cable of everything that reads something and tells it over a serial line."""

from collections.abc import Callable
from pathlib import Path

from tests.hardware_sim.ptys import Pty
from tests.hardware_sim.sentences import RefusedError

FAULTS = {
    "unplug": "the adapter is pulled, the terminal gone until clear",
    "noise": "garbage on the line, once and now",
    "clear": "plugged in",
}
_NOISE = bytes((0x00, 0xFF, 0x7F, 0x02, 0x0A, 0x81, 0x30))


def _deaf(data: bytes) -> None:
    """What the box writes to most readers is lost."""


class SerialSource:
    """One end of a line; what the box writes goes to on_bytes."""

    faults = FAULTS

    def __init__(
        self, name: str, kind: str, link: Path, baud: int, on_bytes: Callable[[bytes], None] = _deaf
    ) -> None:
        self.name, self.kind = name, kind
        self._pty = Pty(link, baud)
        self._on_bytes = on_bytes

    @property
    def path(self) -> str:
        return self._pty.path

    @property
    def plugged(self) -> bool:
        return self._pty.plugged

    @property
    def active_faults(self) -> list[str]:
        return [] if self.plugged else ["unplug"]

    def start(self) -> None:
        self._pty.plug(self._on_bytes)

    def stop(self) -> None:
        self._pty.unplug()

    def fault(self, name: str) -> None:
        """Set or clear a fault of FAULTS. Raises RefusedError."""
        if name == "unplug":
            self._pty.unplug()
        elif name == "clear":
            self._pty.plug(self._on_bytes)
        else:
            self.send(_NOISE)

    def send(self, data: bytes) -> None:
        """Send data to the box. Raises RefusedError."""
        if not self.plugged:
            raise RefusedError(f"{self.name} is unplugged. Fault it clear to plug it in.")
        if not self._pty.is_open():
            raise RefusedError(
                f"nobody reads {self.name}: nothing has {self.path} open. Start the box first."
            )
        self._pty.write(data)
