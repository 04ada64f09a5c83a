"""A MagTek serial swiper on the bench.

One swipe on the wire:    STX  %track1?;track2?+track3?  CR  ETX
"""

from pathlib import Path

from tests.hardware_sim.ptys import Pty
from tests.hardware_sim.sentences import RefusedError, refuse_unless

FAULTS = {
    "unplug": "the adapter is pulled, the terminal gone until clear",
    "noise": "garbage on the line, once and now",
    "clear": "plugged in",
}
FRAME_BYTES_MAX = 512  # three full tracks and their frame are below 300
_NOISE = bytes((0x00, 0xFF, 0x7F, 0x02, 0x3B, 0x81, 0x30, 0x0D))


class SerialSwiper:
    """One swiper that speaks over a serial line."""

    kind = "card_reader"
    faults = FAULTS

    def __init__(self, name: str, link: Path, baud: int) -> None:
        self.name = name
        self._pty = Pty(link, baud)

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
        self._pty.plug(_listens_to_nothing)

    def stop(self) -> None:
        self._pty.unplug()

    def fault(self, name: str) -> None:
        """Set or clear a fault of FAULTS. Raises RefusedError."""
        if name == "unplug":
            self._pty.unplug()
        elif name == "clear":
            self._pty.plug(_listens_to_nothing)
        else:
            self._send(_NOISE)

    def swipe(self, tracks: str) -> None:
        """Send one swipe of tracks with their sentinels. Raises RefusedError."""
        refuse_unless(tracks.isascii(), f"{self.name}: tracks are ASCII, not {tracks!r}")
        frame = b"\x02" + tracks.encode() + b"\r\x03"
        refuse_unless(
            len(frame) <= FRAME_BYTES_MAX, f"{len(frame)} bytes; a swipe is below {FRAME_BYTES_MAX}"
        )
        self._send(frame)

    def _send(self, frame: bytes) -> None:
        if not self.plugged:
            raise RefusedError(f"{self.name} is unplugged. Fault it clear to plug it in.")
        if not self._pty.is_open():
            raise RefusedError(
                f"nobody reads {self.name}: nothing has {self.path} open. Start the box first."
            )
        self._pty.write(frame)


def _listens_to_nothing(data: bytes) -> None:
    """What the box writes to a swiper is lost."""
