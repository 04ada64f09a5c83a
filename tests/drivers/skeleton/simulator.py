"""Simulator: the other end of the cable. Copy to tests/hardware_sim/NAME.py.

Written from the manual, never from our code: it imports nothing of daemon/. One row in
tests/contract/rigs.py puts it under the contract suite, one in tests/hardware_sim/bench.py on the
bench.
"""

from pathlib import Path

from tests.hardware_sim.ptys import Pty

FAULTS = {
    "unplug": "the adapter is pulled, the terminal gone until clear",
    "noise": "garbage on the line, once and now",
    "clear": "plugged in",
}
_CODES = {"ENTER": 0x0D, "CLEAR": 0x18}


class SimulatedKeySwitch:
    kind = "keypad"
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
        if name == "unplug":
            self._pty.unplug()
        elif name == "clear":
            self._pty.plug(_listens_to_nothing)
        else:
            self._pty.write(b"\x02\xff\x00\x0312\x02")

    def press(self, key: str) -> None:
        code = _CODES[key] if key in _CODES else ord(key)
        self._pty.write(bytes((0x02, code, 0x03)))


def _listens_to_nothing(data: bytes) -> None:
    """It hears nothing."""
