"""Scanned text to a code: check digits of the retail codes, AIM identifiers, GS1. No I/O.

EAN-8, UPC-A (12), EAN-13, GTIN-14: last digit makes the sum, weighted 3,1,3,1 from the right, a
multiple of 10 (GS1 General Specifications 7.9).

    ]E0 EAN-13, UPC   ]E4 EAN-8   ]C1 GS1-128   ]e0 DataBar   ]d2 DataMatrix   ]Q3 GS1 QR

A GS1 code holds more than the product: (01) GTIN (17) expiry (10) lot; the counter sells by GTIN.
"""

import re
from collections.abc import Iterator, Mapping
from types import MappingProxyType

RETAIL_LENGTHS = frozenset({8, 12, 13, 14})
CODE_CHARS_MAX = 256  # our own receipt QR is about 120
GROUP_SEPARATOR = "\x1d"

_AIM = re.compile(r"^\](?P<id>[A-Za-z][0-9a-zA-Z])")  # only from scanners that are told to say it
_GS1 = frozenset({"C1", "e0", "d2", "Q3"})
_RETAIL = frozenset({"E0", "E4"})
_LINK = re.compile(r"https?://[^?#]+/01/(\d{8,14})(?:[/?#]|$)", re.IGNORECASE)  # GS1 Digital Link
_READABLE = re.compile(r"\((\d{2,4})\)")  # scanners that write the brackets of the printed line

# First two digits of an element: length with its identifier (GS1 General Specifications 7.8.5).
_FIXED: Mapping[str, int] = MappingProxyType(
    {"00": 20, "01": 16, "02": 16, "03": 16, "04": 18, "20": 4, "41": 16}
    | {f"{kind}": 8 for kind in range(11, 20)}
    | {f"{kind}": 10 for kind in range(31, 37)}
)


def check_digit(body: str) -> str:
    """Return the check digit that follows body (digits only)."""
    total = sum(int(digit) * (3 - place % 2 * 2) for place, digit in enumerate(reversed(body)))
    return str(-total % 10)


def is_retail_code(code: str) -> bool:
    """Return whether code is an EAN-8, UPC-A, EAN-13 or GTIN-14 with the right check digit."""
    plain = code.isascii() and code.isdigit() and len(code) in RETAIL_LENGTHS
    return plain and check_digit(code[:-1]) == code[-1]


def clean(text: str) -> str:
    """Return the code in scanned text, or nothing if there is none that may be used."""
    text = text.strip("\r\n\t \x02\x03")
    aim = _AIM.match(text)
    kind, code = (aim["id"], text[aim.end() :]) if aim else ("", text)
    code = code.strip(GROUP_SEPARATOR)
    printable = all(char.isprintable() or char == GROUP_SEPARATOR for char in code)
    if not printable or len(code) > CODE_CHARS_MAX:
        return ""
    if kind in _RETAIL and code.isdigit():
        code = upc_a(code) if kind == "E0" and len(code) == 8 else code  # EAN-8 is ]E4
        return code if is_retail_code(code) else ""  # a digit was lost on the way
    link = _LINK.match(code)
    gtin = link[1].zfill(14) if link else _gtin(code, told=kind in _GS1)
    return gtin[1:] if gtin.startswith("0") else gtin or code


def upc_a(code: str) -> str:
    """Return the UPC-A behind an eight-digit UPC-E; what is none comes back as it is."""
    if code[0] not in "01":
        return code
    system, body, last, check = code[0], code[1:6], code[6], code[7]
    if last in "012":
        middle = f"{body[:2]}{last}0000{body[2:]}"
    elif last == "3":
        middle = f"{body[:3]}00000{body[3:]}"
    elif last == "4":
        middle = f"{body[:4]}00000{body[4:]}"
    else:
        middle = f"{body}0000{last}"
    return system + middle + check


def _gtin(code: str, *, told: bool) -> str:
    """Return the GTIN-14 of a GS1 code; `told`: the scanner said that it is one."""
    plain = code
    if _READABLE.match(code):
        plain = _READABLE.sub(lambda found: GROUP_SEPARATOR + found[1], code)[1:]
    elif not told and GROUP_SEPARATOR not in code:
        return ""
    for kind, value in _elements(plain):
        if kind in ("01", "02") and is_retail_code(value):
            return value
    return ""


def _elements(code: str) -> Iterator[tuple[str, str]]:
    while code:
        kind = code[:2]
        length = _FIXED.get(kind)
        element = code[:length] if length else code.partition(GROUP_SEPARATOR)[0]
        code = code[len(element) :].removeprefix(GROUP_SEPARATOR)
        yield kind, element[2:]
