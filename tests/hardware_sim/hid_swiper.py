"""USB card readers that are no keyboards, on the bench: a packet pipe in the place of hidraw.

    MagTek, 337 bytes    0-2 status of t1..t3, bit 0 error   3-5 lengths   6 encode type
                         7-116 t1   117-226 t2   227-336 t3   (what is behind a length: anything)
    ID TECH, 509 bytes   0-6 the same   7-8 length of all data, low byte first   9-508 data

Every swipe is one report, also one that could not be read. A packet pipe gives the reader whole
writes, as hidraw gives whole reports.
"""

import random
from pathlib import Path

from tests.hardware_sim.pipes import Pipe
from tests.hardware_sim.sentences import refuse_unless

FAULTS = {
    "unplug": "closed and gone until clear",
    "encrypted": "sends encrypted reports until clear",
    "unreadable": "no track can be decoded until clear",
    "clear": "plugged in and healthy",
}
TRACK_BYTES = 110
TYPE_ISO, TYPE_UNDETERMINED = 0, 5
_STARTS = "%;+"


class HidSwiper:
    """One reader; layout magtek or idtech."""

    kind = "card_reader"
    faults = FAULTS

    def __init__(self, name: str, path: Path, layout: str = "magtek") -> None:
        assert layout in ("magtek", "idtech"), layout
        self.name, self.path, self.layout = name, str(path), layout
        self._pipe = Pipe(path, packets=True)
        self._active: set[str] = set()
        self._undefined = random.Random(337)

    @property
    def plugged(self) -> bool:
        return self._pipe.plugged

    @property
    def active_faults(self) -> list[str]:
        return sorted(self._active)

    def start(self) -> None:
        self._pipe.plug()

    def stop(self) -> None:
        self._pipe.unplug()

    def fault(self, name: str) -> None:
        """Set or clear a fault of FAULTS."""
        if name == "clear":
            self._active.clear()
            self._pipe.plug()
        elif name == "unplug":
            self._active = {"unplug"}
            self._pipe.unplug()
        else:
            self._active.add(name)

    async def swipe(self, tracks: str) -> None:
        """Pull a card through; tracks with their sentinels, `E` for a bad one. RefusedError."""
        refuse_unless(tracks.isascii(), f"{self.name}: tracks are ASCII, not {tracks!r}")
        if "encrypted" in self._active:
            await self._pipe.write(self._undefined.randbytes(887))
            return
        await self._pipe.write(self.report("" if "unreadable" in self._active else tracks))

    def report(self, tracks: str) -> bytes:
        """The report of a swipe."""
        parts = [piece + "?" for piece in tracks.replace("\r", "").split("?") if piece]
        found = {part[0]: part for part in parts}
        texts = [found.get(start, "") for start in _STARTS]
        status = bytes(int(not parts or text[1:-1] == "E") for text in texts)
        data = [b"" if text[1:-1] == "E" else text.encode() for text in texts]
        kind = TYPE_ISO if any(data) else TYPE_UNDETERMINED
        head = status + bytes(len(each) for each in data) + bytes((kind,))
        if self.layout == "idtech":
            whole = b"".join(data)
            body = len(whole).to_bytes(2, "little") + whole
            return (head + body).ljust(509, b"\0")
        rubbish = self._undefined.randbytes
        return head + b"".join(each + rubbish(TRACK_BYTES - len(each)) for each in data)
