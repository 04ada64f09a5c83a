"""Who must hear nothing: the console, and a second reader of the same key events."""

import os
import termios
import time

import evdev

CONSOLE = "/dev/tty1"
ARRIVED_S = 0.1  # what was typed has come by then


class Listening:
    """Reads of a console and of input nodes, kept open from `open_all` on."""

    def __init__(self) -> None:
        self._console = -1
        self._nodes: dict[str, evdev.InputDevice[str]] = {}

    def open_all(self, ports: list[str]) -> None:
        """Listen at the console, and at each port beside whoever has it."""
        self._console = os.open(CONSOLE, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY)
        attributes = termios.tcgetattr(self._console)
        attributes[3] &= ~termios.ICANON  # each key at once
        termios.tcsetattr(self._console, termios.TCSANOW, attributes)
        self._nodes = {port: evdev.InputDevice(port) for port in ports}

    def heard(self) -> dict[str, object]:
        """Return what came to the console, and how many events to each port."""
        time.sleep(ARRIVED_S)
        try:
            typed = os.read(self._console, 4096).decode(errors="replace")
        except BlockingIOError:
            typed = ""
        return {"console": typed, **{port: _events(node) for port, node in self._nodes.items()}}


def _events(node: "evdev.InputDevice[str]") -> int:
    try:
        return len(list(node.read()))
    except BlockingIOError:
        return 0
