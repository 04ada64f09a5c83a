"""Does in the guest what the tests on the host ask for: `{"call": "system.run", "with": {...}}`.

What it can do are the public methods of the parts of Hands; each answer is plain JSON.
"""

import traceback
from pathlib import Path

from tests.hil.guest.box import Box
from tests.hil.guest.gadgets import Gadgets
from tests.hil.guest.listening import Listening
from tests.hil.guest.paper import Paper
from tests.hil.guest.port import Port
from tests.hil.guest.system import System
from tests.hil.guest.uinput import Uinput


class Hands:
    """The parts that can be asked, by name."""

    def __init__(self) -> None:
        self.system = System()
        self.box = Box()
        self.gadgets = Gadgets()
        self.paper = Paper()
        self.listening = Listening()
        self.uinput = Uinput()


def answer(hands: Hands, asked: dict[str, object]) -> dict[str, object]:
    part, _, name = str(asked["call"]).partition(".")
    arguments = asked.get("with", {})
    assert isinstance(arguments, dict) and not name.startswith("_")
    try:
        return {"ok": getattr(getattr(hands, part), name)(**arguments)}
    except Exception:
        return {"error": traceback.format_exc()}


def main() -> None:
    port = Port()
    hands = Hands()
    uptime = float(Path("/proc/uptime").read_text().split()[0])
    port.send({"ok": uptime})  # it is up
    while True:
        port.send(answer(hands, port.receive()))


if __name__ == "__main__":
    main()
