"""A speaker of the kernel on the bench: a FIFO in the place of its event node.

The box writes `struct input_event` of EV_SND: a tone begins, a tone of 0 Hz ends it.
"""

import asyncio
import os
import struct
from pathlib import Path

EVENT = struct.Struct("llHHi")  # tv_sec, tv_usec, type, code, value: 24 bytes on 64 bits
EV_SND, SND_TONE = 0x12, 0x02
FAULTS = {"unplug": "the node is gone until clear", "clear": "plugged in"}
_READ_BYTES = EVENT.size * 100


class Speaker:
    """One speaker; `sounds` counts the tones that began and ended."""

    kind = "beeper"
    faults = FAULTS

    def __init__(self, name: str, node: Path) -> None:
        self.name = name
        self.sounds = 0
        self.unknown_events = 0
        self._node = node
        self._fd = -1
        self._hz = 0

    @property
    def path(self) -> str:
        return str(self._node)

    @property
    def plugged(self) -> bool:
        return self._fd >= 0

    @property
    def active_faults(self) -> list[str]:
        return [] if self.plugged else ["unplug"]

    @property
    def silent(self) -> bool:
        return self._hz == 0

    def start(self) -> None:
        if self.plugged:
            return
        self._node.unlink(missing_ok=True)
        os.mkfifo(self._node, 0o600)
        self._fd = os.open(self._node, os.O_RDWR | os.O_NONBLOCK)  # its own writer: no end of file
        asyncio.get_running_loop().add_reader(self._fd, self._readable)

    def stop(self) -> None:
        if self.plugged:
            asyncio.get_running_loop().remove_reader(self._fd)
            os.close(self._fd)
            self._fd = -1
            self._node.unlink(missing_ok=True)

    def fault(self, name: str) -> None:
        if name == "unplug":
            self.stop()
        else:
            self.start()

    def _readable(self) -> None:
        for _, _, kind, code, hz in EVENT.iter_unpack(os.read(self._fd, _READ_BYTES)):
            if (kind, code) != (EV_SND, SND_TONE):
                self.unknown_events += 1
            elif hz == 0 and self._hz:
                self.sounds += 1
            self._hz = hz
