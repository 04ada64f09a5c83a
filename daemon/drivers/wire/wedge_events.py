"""What a wedge types, as events of the counter: one taker per role. No I/O, no clock.

card reader   burst, ended by the idle gap or Enter  -> CardSwiped | CardRefused
scanner       up to a terminator or the gap          -> CodeScanned (a bank card: CardRefused)
keypad        every key at once                      -> KeyPressed
"""

from collections.abc import Mapping
from typing import Protocol

from daemon.drivers.wire.readings import Reading
from daemon.drivers.wire.wedge import EV_KEY, Burst, BurstDecoder, KeyStream, keypad_key
from daemon.events import InputEvent, KeyPressed


class Taker(Protocol):
    """Times are milliseconds of any monotonic clock."""

    @property
    def trouble(self) -> str:
        """Return what a technician has to do about the device; empty when it is well."""

    def feed(self, kind: int, code: int, value: int, at_ms: int) -> InputEvent | None: ...

    def due_ms(self) -> int | None:
        """Return when `idle` is to be called, or None while nothing is half typed."""

    def idle(self, at_ms: int) -> InputEvent | None: ...

    def reset(self) -> None:
        """Forget what is half typed and which keys are held."""


class BurstTaker:
    """A card reader or a scanner."""

    def __init__(self, reading: Reading, *, ends_at_terminator: bool) -> None:
        self._reading = reading
        self._ends_at_terminator = ends_at_terminator
        self.reset()

    @property
    def trouble(self) -> str:
        return self._reading.trouble

    def reset(self) -> None:
        self._bursts = BurstDecoder(ends_at_terminator=self._ends_at_terminator)

    def feed(self, kind: int, code: int, value: int, at_ms: int) -> InputEvent | None:
        return self._read(self._bursts.feed(kind, code, value, at_ms), at_ms)

    def due_ms(self) -> int | None:
        return self._bursts.due_ms()

    def idle(self, at_ms: int) -> InputEvent | None:
        return self._read(self._bursts.idle(at_ms), at_ms)

    def _read(self, burst: Burst | None, at_ms: int) -> InputEvent | None:
        return None if burst is None else self._reading.read(burst, at_ms)


class KeyTaker:
    """A keypad; `keys` says what keys of other codes mean, by key code."""

    trouble = ""

    def __init__(self, keys: Mapping[int, str]) -> None:
        self._mapped = keys
        self.reset()

    def reset(self) -> None:
        self._keys = KeyStream()

    def feed(self, kind: int, code: int, value: int, at_ms: int) -> InputEvent | None:
        typed = self._keys.feed(kind, code, value) or ""
        if kind == EV_KEY and code in self._mapped and not self._keys.lost:
            return KeyPressed(self._mapped[code]) if value == 1 else None
        key = keypad_key(typed)
        return KeyPressed(key) if key else None

    def due_ms(self) -> int | None:
        return None

    def idle(self, at_ms: int) -> InputEvent | None:
        return None
