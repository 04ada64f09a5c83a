"""What a wedge types, as events of the counter: one taker per role. No I/O, no clock.

card reader   burst, ended by the idle gap      -> CardSwiped | CardRefused
scanner       up to a terminator or the gap     -> CodeScanned (a bank card: CardRefused)
keypad        every key at once                 -> KeyPressed
"""

from typing import Protocol

from daemon.drivers.wire.barcode import clean
from daemon.drivers.wire.magstripe import BANK_CARD, is_bank_card, read_burst
from daemon.drivers.wire.wedge import Burst, BurstDecoder, KeyStream, keypad_key
from daemon.events import CodeScanned, InputEvent, KeyPressed


class Taker(Protocol):
    """Times are milliseconds of any monotonic clock."""

    def feed(self, kind: int, code: int, value: int, at_ms: int) -> InputEvent | None: ...

    def due_ms(self) -> int | None:
        """Return when `idle` is to be called, or None while nothing is half typed."""

    def idle(self, at_ms: int) -> InputEvent | None: ...

    def reset(self) -> None:
        """Forget what is half typed and which keys are held."""


class CardTaker:
    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._bursts = BurstDecoder(ends_at_terminator=False)

    def feed(self, kind: int, code: int, value: int, at_ms: int) -> InputEvent | None:
        return _card(self._bursts.feed(kind, code, value, at_ms))

    def due_ms(self) -> int | None:
        return self._bursts.due_ms()

    def idle(self, at_ms: int) -> InputEvent | None:
        return _card(self._bursts.idle(at_ms))


class CodeTaker:
    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._bursts = BurstDecoder(ends_at_terminator=True)

    def feed(self, kind: int, code: int, value: int, at_ms: int) -> InputEvent | None:
        return _code(self._bursts.feed(kind, code, value, at_ms))

    def due_ms(self) -> int | None:
        return self._bursts.due_ms()

    def idle(self, at_ms: int) -> InputEvent | None:
        return _code(self._bursts.idle(at_ms))


class KeyTaker:
    def __init__(self) -> None:
        self.reset()

    def reset(self) -> None:
        self._keys = KeyStream()

    def feed(self, kind: int, code: int, value: int, at_ms: int) -> InputEvent | None:
        key = keypad_key(self._keys.feed(kind, code, value) or "")
        return KeyPressed(key) if key else None

    def due_ms(self) -> int | None:
        return None

    def idle(self, at_ms: int) -> InputEvent | None:
        return None


def _card(burst: Burst | None) -> InputEvent | None:
    return None if burst is None else read_burst(burst)


def _code(burst: Burst | None) -> InputEvent | None:
    if burst is None or not burst.whole:
        return None
    if is_bank_card(burst.text):  # a swiper that was configured as a scanner
        return BANK_CARD
    code = clean(burst.text)
    return CodeScanned(code) if code else None
