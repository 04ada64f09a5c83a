"""What a reader read, as an event of the counter, by the habits of that reader. No I/O, no clock.

The same whether it came from a wedge, a serial line or a report. `trouble` says, after a reading,
what a technician has to do about the reader; it is empty when the reader is well.
"""

from typing import Protocol

import msgspec

from daemon.drivers.wire import rfid
from daemon.drivers.wire.barcode import clean
from daemon.drivers.wire.layouts import advice, read_elsewhere
from daemon.drivers.wire.magstripe import (
    BANK_CARD,
    UNREADABLE,
    is_bank_card,
    is_plain_number,
    read_burst,
)
from daemon.drivers.wire.stripe import without_lrc
from daemon.drivers.wire.wedge import Burst
from daemon.events import CardRefused, CardSwiped, CodeScanned, InputEvent

REPEAT_MS = 1500  # readers without contact repeat a card while it lies there
QR_NUMBER_CHARS = range(4, 65)  # of a member's QR, without the chain's prefix

WRONG_NUMBERS = (
    "writes card numbers in another format than the config says. Run memberbox teach with a card "
    "whose number is known."
)


class Habits(msgspec.Struct, frozen=True):
    """How one card reader differs: what it puts around a card, and how it writes numbers."""

    prefix: str = ""
    suffix: str = ""
    lrc: bool = False  # a check character after every track
    numbers: rfid.Numbers | None = None


class Reading(Protocol):
    trouble: str

    def read(self, burst: Burst, at_ms: int) -> InputEvent | None:
        """Return the event of a burst. Never keeps, logs or raises any part of it."""


class CardReading:
    """Bursts of a card reader."""

    def __init__(self, habits: Habits) -> None:
        self.trouble = ""
        self._habits = habits
        self._last = ""  # of a card without contact, and when it was last seen
        self._last_ms = 0

    def read(self, burst: Burst, at_ms: int) -> InputEvent | None:
        if not burst.whole or is_bank_card(burst.text):
            self.trouble = ""
            return read_burst(burst)
        text = self._unwrapped(burst.text)
        if is_plain_number(text) or self._habits.numbers is not None:
            return self._tag(text.strip(), at_ms)
        event = read_burst(Burst(text))
        self.trouble = ""
        if event == UNREADABLE:
            event, names = read_elsewhere(text)
            self.trouble = advice(names) if names else ""
        return event

    def _unwrapped(self, text: str) -> str:
        """Return text without what this reader puts around a card and behind its tracks."""
        text = text.strip("\r\n\t").removeprefix(self._habits.prefix)
        text = text.removesuffix(self._habits.suffix)
        return without_lrc(text) if self._habits.lrc else text

    def _tag(self, text: str, at_ms: int) -> InputEvent | None:
        """Return the card of a reader without contact; nothing while it still lies there."""
        numbers = self._habits.numbers
        number = rfid.card_number(text, numbers) if numbers else text
        self.trouble = "" if number or not text else WRONG_NUMBERS
        if not number:
            return UNREADABLE if text else None
        repeated = number == self._last and at_ms - self._last_ms < REPEAT_MS
        self._last, self._last_ms = number, at_ms
        return None if repeated else CardSwiped(number)


class CodeReading:
    """Bursts of a scanner. A code that begins with the chain's `member_qr` is a card."""

    def __init__(self, member_qr: str = "") -> None:
        self.trouble = ""
        self._member_qr = member_qr

    def read(self, burst: Burst, at_ms: int) -> InputEvent | None:
        if not burst.whole:
            return None
        if is_bank_card(burst.text):  # a swiper that was configured as a scanner
            return BANK_CARD
        code = clean(burst.text)
        if self._member_qr and code.startswith(self._member_qr):
            return _member(code.removeprefix(self._member_qr))
        return CodeScanned(code) if code else None


def _member(number: str) -> CardSwiped | CardRefused:
    plain = number.isascii() and all(char.isalnum() or char in "-_.:" for char in number)
    return CardSwiped(number) if plain and len(number) in QR_NUMBER_CHARS else UNREADABLE
