"""A keyboard by uinput: without flow control, so a fast one overruns whoever reads it."""

import time

import evdev
from evdev import ecodes


class Uinput:
    """One device; its node is given a stable name, as udev gives one to a port."""

    def __init__(self) -> None:
        self._device: evdev.UInput | None = None

    def plug(self, name: str) -> str:
        """Make it; return its node."""
        self._device = evdev.UInput(
            {ecodes.EV_KEY: range(1, 120)}, name=name, vendor=0x0801, product=0x0001
        )
        return str(self._device.device.path)

    def unplug(self) -> None:
        assert self._device is not None
        self._device.close()

    def type(self, strokes: list[list[int]], gap_s: float = 0.0) -> None:
        """Press and let go: [key held, or 0, key], by the kernel's codes."""
        assert self._device is not None
        for held, key in strokes:
            for code, value in ((held, 1), (key, 1), (key, 0), (held, 0)):
                if code:
                    self._device.write(ecodes.EV_KEY, code, value)
                    self._device.syn()
            time.sleep(gap_s)
