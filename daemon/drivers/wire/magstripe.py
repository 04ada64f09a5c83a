"""The text of a swipe to a card event. Bank cards end here, in memory. No I/O.

    [%t1?][;t2?][+t3?]CR   MagTek      %t1?CR;t2?CR;t3?CR   ID TECH      digits CR   RFID wedge

Track 2 of a member card is opaque up to `=` or `?`: no date, no length, no check digit is
assumed (spec/devices.md 1.1). A track that the reader could not decode comes as a single `E`.
Nothing of a refused burst is kept, logged, or put into an exception.
"""

import re

from daemon.drivers.wire.wedge import Burst
from daemon.events import CardRefused, CardSwiped

UNREADABLE = CardRefused("E01")
BANK_CARD = CardRefused("E02")
NUMBER_CHARS_MAX = 104  # payload of the longest track

# ISO/IEC 7812: 1-6 travel, banking, merchandising; 9 national, of which China's banks used these.
_BANK_PREFIX = re.compile(r"[1-6]|9[04-689]")
# A date is YYMM; 7813 lets an issuer leave it out (a second separator), some banks send month 00.
_ACCOUNT_AND_DATE = re.compile(r"(?<!\d)(\d{12,19})[=D^](?:\d\d(?:0\d|1[0-2])|=)")
_TRACK_3 = re.compile(r"(?<!\d)[59]9(\d{12,19})[=D]")  # ISO 4909: format code, then the account
_TRACK = re.compile(r"([%;+#&!@])([^%;+?]*)\?")  # of track 3 the field knows + # & !, of 2 also @
_PLAIN = re.compile(r"\d{4,32}")
_NUMBER = re.compile(
    r"[0-9A-Z .:<>/-]*", re.ASCII
)  # `_` or `)` is a wrong keyboard layout, no card
_SENSOR = re.compile(r"\x1b[01]?$")  # insertion readers report their card sensor at the end
_FORMAT_CODE = re.compile(r"^[A-Z](?=\d)")

_BLANK = "\r\n\t \x02\x03"


def read_burst(burst: Burst) -> CardSwiped | CardRefused | None:
    """Return what was swiped; None if nothing was (an empty burst, line ends alone)."""
    if not burst.whole:
        return BANK_CARD if is_bank_card(burst.text) else UNREADABLE
    return read_swipe(burst.text)


def read_swipe(text: str) -> CardSwiped | CardRefused | None:
    """Return what the text of a whole swipe says; see read_burst."""
    text = _SENSOR.sub("", text.upper().strip(_BLANK)).strip(_BLANK)  # caps lock inverts case
    if not text:
        return None
    if is_bank_card(text):
        return BANK_CARD
    if _PLAIN.fullmatch(text):
        return CardSwiped(text)
    number = _member_number(text)
    return CardSwiped(number) if number else UNREADABLE


def is_bank_card(text: str) -> bool:
    """Return whether text holds a payment card, whole or in part, in any of its tracks."""
    text = text.upper()
    if re.search(r"%\s*B", text):
        return True
    if any(_is_account(match[1]) for match in _ACCOUNT_AND_DATE.finditer(text)):
        return True
    return any(_is_account(match[1]) for match in _TRACK_3.finditer(text))


def is_plain_number(text: str) -> bool:
    """Return whether text is digits alone, as readers without contact write a card."""
    return _PLAIN.fullmatch(text.strip(_BLANK)) is not None


def luhn(digits: str) -> bool:
    """Return whether the last digit is the check digit of ISO/IEC 7812-1 annex B."""
    total = 0
    for place, digit in enumerate(reversed(digits)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _is_account(digits: str) -> bool:
    return _BANK_PREFIX.match(digits) is not None and luhn(digits)


def _member_number(text: str) -> str:
    """Return the one card number in the tracks of text, or nothing."""
    rest = _TRACK.sub("", text).strip(_BLANK)
    if rest:  # a track without its end, or noise: half a card is never a card
        return ""
    numbers = {_number_of(swipe) for swipe in _split_swipes(_TRACK.findall(text))} - {""}
    number = numbers.pop() if len(numbers) == 1 else ""
    usable = _NUMBER.fullmatch(number) and len(number) <= NUMBER_CHARS_MAX
    return number if usable else ""


def _split_swipes(tracks: list[tuple[str, str]]) -> list[list[tuple[str, str]]]:
    """Two swipes may be glued: a track 1 after any other track begins the next one."""
    swipes: list[list[tuple[str, str]]] = []
    for start, data in tracks:
        if start == "%" or not swipes:
            swipes.append([])
        swipes[-1].append((start, data))
    return swipes


def _number_of(swipe: list[tuple[str, str]]) -> str:
    """Return the number of track 2, else of track 1; track 3 names no card."""
    read = [(start, data) for start, data in swipe if data not in ("", "E")]
    second = [data for start, data in read if start in ";@"]
    if len(set(second)) > 1 and len({len(data) for data in second}) == 1:
        return ""  # ID TECH sends track 3 with `;` too, but two of one length are two cards
    if second:
        return second[0].split("=")[0].strip()
    first = [data for start, data in read if start == "%"]
    return _FORMAT_CODE.sub("", first[0].split("^")[0].strip(), count=1) if first else ""
