"""A keyboard wedge on the bench: swiper, scanner or keypad, with the faults of its kind."""

import asyncio
import time
from pathlib import Path

from tests.hardware_sim import wedge
from tests.hardware_sim.pipes import Pipe
from tests.hardware_sim.sentences import RefusedError, refuse_unless

GAP_S = 0.15  # no hand is at the next device before: a burst is told after a gap of 100 ms
NO_GAP_S = 0.0  # "wait": false: whoever asks looks himself at what came of it
SLOW_KEY_S = 0.04  # slower than any reader seen (a stall of 35 ms), faster than the end of a swipe
TEXT_CHARS_MAX = 400  # three full tracks are 290; more than one pipe of events holds is no swipe

FAULTS = {
    "unplug": "closed and gone until clear",
    "clear": "plugged in, and every other fault over",
    "caps_lock": "Caps Lock is on until clear, and the device does not make up for it",
    "syn_dropped": "the next burst loses two keys in its middle, and says so by SYN_DROPPED",
    "glued": "the next burst comes twice with nothing between",
    "slow": f"{SLOW_KEY_S * 1000:.0f} ms between keys until clear",
    "alt_codes": "every character as ALT and three keypad digits until clear",
}
_ONCE = ("syn_dropped", "glued")


class Wedge:
    """One device that types. Owns its pipe."""

    faults = FAULTS

    def __init__(self, name: str, kind: str, path: Path) -> None:
        self.name, self.kind, self.path = name, kind, str(path)
        self._pipe = Pipe(path)
        self._active: set[str] = set()
        self._caps_lock_is_on = False
        self._one_at_a_time = asyncio.Lock()

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
            self._caps_lock_is_on = False
            self._pipe.unplug()
        else:
            self._active.add(name)

    async def type_text(self, text: str, *, gap_s: float = GAP_S) -> None:
        """Type text; CR in it is Enter. Returns after a gap. Raises RefusedError."""
        refuse_unless(
            len(text) <= TEXT_CHARS_MAX, f"{len(text)} characters; at most {TEXT_CHARS_MAX}"
        )
        try:
            if "alt_codes" in self._active:
                await self._send(wedge.alt_code_keys(text, _now_us()))
            else:
                await self._send(wedge.burst(wedge.text_strokes(text), _now_us()))
        except wedge.UntypeableError as error:
            raise RefusedError(f"{self.name}: {error}") from error
        await asyncio.sleep(gap_s)

    async def press(self, names: list[str]) -> None:
        """Press keypad keys one after another. Raises RefusedError."""
        refuse_unless(
            len(names) <= TEXT_CHARS_MAX, f"{len(names)} keys; at most {TEXT_CHARS_MAX} a request"
        )
        try:
            await self._send(wedge.burst(wedge.key_strokes(names), _now_us()))
        except wedge.UntypeableError as error:
            raise RefusedError(f"{self.name}: {error}") from error

    async def _send(self, keys: list[bytes]) -> None:
        async with self._one_at_a_time:
            if "glued" in self._active:
                keys = keys * 2
            if "syn_dropped" in self._active:
                middle = len(keys) // 2
                keys = [*keys[:middle], wedge.dropped(_now_us()), *keys[middle + 2 :]]
            caps = self._caps_lock()
            if "slow" in self._active:
                for key in (caps, *keys):
                    await self._pipe.write(key)
                    await asyncio.sleep(SLOW_KEY_S)
            else:
                await self._pipe.write(caps + b"".join(keys))
            self._active -= set(_ONCE)
            if caps:
                self._caps_lock_is_on = not self._caps_lock_is_on

    def _caps_lock(self) -> bytes:
        if ("caps_lock" in self._active) == self._caps_lock_is_on:
            return b""
        return b"".join(wedge.burst([wedge.Stroke(wedge.CAPS_LOCK)], _now_us()))


def _now_us() -> int:
    return time.time_ns() // 1000  # as the kernel stamps events
