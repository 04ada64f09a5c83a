"""What happened at the counter and to the devices: frozen records, no behaviour.

Drivers make them, `app` carries them, `counter` consumes them. A bank card never becomes an event:
it is dropped in `drivers/wire/magstripe.py` and only `CardRefused` remains.
"""

from enum import StrEnum

import msgspec


class DeviceKind(StrEnum):
    CARD_READER = "card_reader"
    SCANNER = "scanner"
    KEYPAD = "keypad"
    RECEIPT_PRINTER = "receipt_printer"
    CASH_DRAWER = "cash_drawer"
    LINE_DISPLAY = "line_display"
    BEEPER = "beeper"
    STICK = "stick"


class DeviceState(StrEnum):
    ONLINE = "online"
    STALE = "stale"  # open, but it did not answer as it should
    OFFLINE = "offline"


class CardSwiped(msgspec.Struct, frozen=True):
    """A member card: the opaque part of track 2 up to `=` or `?` (or of track 1)."""

    number: str


class CardRefused(msgspec.Struct, frozen=True):
    """A burst that is no member card. `code`: E01 unreadable, E02 bank card. Holds no card data."""

    code: str


class CodeScanned(msgspec.Struct, frozen=True):
    code: str


class KeyPressed(msgspec.Struct, frozen=True):
    """One key of the counter's keypad: 0-9 . + - * / ENTER CLEAR."""

    key: str


class DeviceChanged(msgspec.Struct, frozen=True):
    name: str
    kind: DeviceKind
    state: DeviceState
    reason: str  # what to do about it; while online empty, or what is good to know


class TimePassed(msgspec.Struct, frozen=True):
    """The clock's beat (once a second); `mono_ms` only ever grows."""

    mono_ms: int


InputEvent = CardSwiped | CardRefused | CodeScanned | KeyPressed
DeviceEvent = InputEvent | DeviceChanged
