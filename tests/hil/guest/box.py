"""The box of this guest, as its own control socket tells of it."""

import json
import socket
import time

CONTROL = "/run/memberbox/control.sock"
PAUSE_S = 0.05
ANSWER_WITHIN_S = 60.0


class Box:
    def status(self) -> dict[str, object]:
        """What `memberbox status` says. Raises OSError while nobody answers."""
        with socket.socket(socket.AF_UNIX) as wire:
            wire.settimeout(ANSWER_WITHIN_S)
            wire.connect(CONTROL)
            wire.sendall(b'{"ask": "status"}\n')
            with wire.makefile("rb") as lines:
                said: dict[str, object] = json.loads(lines.readline())
        return said

    def wait_for(self, wanted: dict[str, object], limit_s: float = 180.0) -> dict[str, object]:
        """Return the status as soon as it says this: a field, or `devices.NAME`: the state."""
        until_s = time.monotonic() + limit_s
        said: dict[str, object] = {}
        while time.monotonic() < until_s:
            try:
                said = self.status()
            except OSError as error:
                said = {"silent": str(error)}
            if all(_field(said, name) == value for name, value in wanted.items()):
                return said
            time.sleep(PAUSE_S)
        raise TimeoutError(f"not {wanted}, but {json.dumps(said, ensure_ascii=False)}")


def _field(said: dict[str, object], name: str) -> object:
    devices = said.get("devices", {})
    assert isinstance(devices, dict)
    if name.startswith("devices."):
        return devices.get(name.removeprefix("devices."), {}).get("state")
    return said.get(name)
