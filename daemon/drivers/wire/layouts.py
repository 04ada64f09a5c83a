"""Recognises a reader that types for another keyboard than the US one, and names it. No I/O.

A reader sends key positions. Set to German it presses, for `;`, the position that a German keyboard
has it on, and our US table (keymap.py) reads `<`. Each layout is written here in the order of the
US keys, so that what was read can be put back. Source: the symbols files of xkeyboard-config.
"""

from collections.abc import Mapping
from types import MappingProxyType

from daemon.drivers.wire.magstripe import BANK_CARD, UNREADABLE, read_swipe
from daemon.events import CardRefused, CardSwiped

_NONE = "\ufffd"  # a position without an ASCII character or accent that a reader would type
_US = "1234567890-=qwertyuiop[]asdfghjkl;'`\\zxcvbnm,./"
_US_SHIFT = '!@#$%^&*()_+QWERTYUIOP{}ASDFGHJKL:"~|ZXCVBNM<>?'

_ROWS: Mapping[str, tuple[str, str]] = MappingProxyType(
    {
        "German": (
            f"1234567890{_NONE}{_NONE}qwertzuiopü+asdfghjklöä^#yxcvbnm,.-",
            f"!\"§$%&/()=?{_NONE}QWERTZUIOPÜ*ASDFGHJKLÖÄ°'YXCVBNM;:_",
        ),
        "French": (
            f"&é\"'(-è_çà)=azertyuiop^$qsdfghjklmù{_NONE}*wxcvbn,;:!",
            f"1234567890°+AZERTYUIOP¨£QSDFGHJKLM%{_NONE}µWXCVBN?./§",
        ),
        "Spanish": (
            "1234567890'¡qwertyuiop`+asdfghjklñ´ºçzxcvbnm,.-",
            '!"·$%&/()=?¿QWERTYUIOP^*ASDFGHJKLÑ¨ªÇZXCVBNM;:_',
        ),
        "Italian": (
            "1234567890'ìqwertyuiopè+asdfghjklòà\\ùzxcvbnm,.-",
            '!"£$%&/()=?^QWERTYUIOPé*ASDFGHJKLç°|§ZXCVBNM;:_',
        ),
        "Turkish": (
            '1234567890*-qwertyuıopğüasdfghjklşi",zxcvbnmöç.',
            "!'^+%&/()=?_QWERTYUIOPĞÜASDFGHJKLŞİé;ZXCVBNMÖÇ:",
        ),
        "Japanese": (
            f"1234567890-^qwertyuiop@[asdfghjkl;:{_NONE}]zxcvbnm,./",
            f"!\"#$%&'(){_NONE}=~QWERTYUIOP`{{ASDFGHJKL+*{_NONE}}}ZXCVBNM<>?",
        ),
    }
)

LAYOUTS: Mapping[str, Mapping[str, str]] = MappingProxyType(
    {
        name: MappingProxyType(dict(zip(_US + _US_SHIFT, plain + shift, strict=True)))
        for name, (plain, shift) in _ROWS.items()
    }
)


def read_elsewhere(text: str) -> tuple[CardRefused, tuple[str, ...]]:
    """Return the refusal of an unreadable swipe, and the layouts in which it would be a card."""
    read = {
        name: read_swipe("".join(table.get(char, char) for char in text))
        for name, table in LAYOUTS.items()
    }
    names = tuple(
        name for name, event in read.items() if isinstance(event, CardSwiped) or event == BANK_CARD
    )
    return (BANK_CARD if BANK_CARD in read.values() else UNREADABLE), names


def advice(names: tuple[str, ...]) -> str:
    """Return what a technician is told of a reader that types for these layouts."""
    return (
        f"types for another keyboard: {' or '.join(names)}. Set the reader to the US layout "
        "(its manual has a card or code for it)."
    )
