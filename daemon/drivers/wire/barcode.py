"""Scanned text to a code: check digits of the retail codes, AIM prefixes. No I/O.

EAN-8, UPC-A (12), EAN-13, GTIN-14: last digit makes the sum, weighted 3,1,3,1 from the right, a
multiple of 10 (GS1 General Specifications 7.9).
"""

import re

RETAIL_LENGTHS = frozenset({8, 12, 13, 14})
CODE_CHARS_MAX = 256  # our own receipt QR is about 120

_AIM = re.compile(r"^\][A-Za-z][0-9a-zA-Z]")  # e.g. ]E0 before an EAN-13, when the scanner says so


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
    code = _AIM.sub("", text.strip("\r\n\t \x02\x03"))
    printable = all(char.isprintable() or char == "\x1d" for char in code)
    return code if printable and len(code) <= CODE_CHARS_MAX else ""
