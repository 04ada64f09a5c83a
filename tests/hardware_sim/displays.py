"""Line displays on the bench: a terminal, a strict interpreter behind it, and faults."""

from pathlib import Path

from tests.hardware_sim.dm_display import DmDisplay
from tests.hardware_sim.led import LedDisplay
from tests.hardware_sim.linedisplay import LineDisplay
from tests.hardware_sim.ptys import Pty
from tests.hardware_sim.string_display import StringDisplay

PROTOCOLS = ("cd5220", "led8n", "dm-d", "utc", "aedex")

FAULTS = {
    "unplug": "the adapter is pulled, the terminal gone until clear",
    "stall": "stops reading: writes block when the line is full, until clear",
    "clear": "plugged in, switched on and reading",
}


class Display:
    """One display at the end of a serial line. Plugging it in switches it on anew."""

    kind = "line_display"
    faults = FAULTS

    def __init__(self, name: str, link: Path, baud: int, protocol: str) -> None:
        assert protocol in PROTOCOLS, protocol
        self.name, self.protocol, self.baud = name, protocol, baud
        self.glass = self._switched_on()
        self._pty = Pty(link, baud)
        self._stalled = False

    @property
    def path(self) -> str:
        return self._pty.path

    @property
    def plugged(self) -> bool:
        return self._pty.plugged

    @property
    def active_faults(self) -> list[str]:
        return ([] if self.plugged else ["unplug"]) + (["stall"] if self._stalled else [])

    def start(self) -> None:
        self._pty.plug(self._on_bytes)

    def stop(self) -> None:
        self._pty.unplug()

    def fault(self, name: str) -> None:
        """Set or clear a fault of FAULTS."""
        self._stalled = name == "stall"
        if name == "unplug":
            self._pty.unplug()
            self.glass, self._pty.baud = self._switched_on(), self.baud
        elif name == "clear":
            self._pty.plug(self._on_bytes)
        self._pty.stall(stalled=self._stalled)

    def baud_seen(self) -> int:
        """The rate the box has set."""
        return self._pty.baud_seen()

    def _switched_on(self) -> LineDisplay | LedDisplay | DmDisplay | StringDisplay:
        if self.protocol == "led8n":
            return LedDisplay(baud=self.baud)
        if self.protocol == "dm-d":
            return DmDisplay()
        return LineDisplay() if self.protocol == "cd5220" else StringDisplay(self.protocol)

    def _on_bytes(self, data: bytes) -> None:
        self.glass.feed(data)
        if isinstance(self.glass, LedDisplay):
            self._pty.baud = self.glass.baud
