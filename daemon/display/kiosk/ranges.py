"""The Range header of HTTP (RFC 9110, section 14), for one range of bytes. Pure.

Several ranges at once are answered with the whole, as the standard allows; no player asks so.
"""

import re

import msgspec

DIGITS_MAX = 18  # of a position; a file of that many bytes is not on this box

_RANGE = re.compile(
    rf"bytes[ \t]*=[ \t]*(\d{{0,{DIGITS_MAX}}})-(\d{{0,{DIGITS_MAX}}})[ \t]*", re.I | re.A
)


class Span(msgspec.Struct, frozen=True):
    """Bytes `first` to `last`, both sent. Empty of a file without bytes: last is first - 1."""

    first: int
    last: int

    @property
    def length(self) -> int:
        return self.last - self.first + 1


class Unsatisfiable(msgspec.Struct, frozen=True):
    """A range that the file does not reach (416)."""


def span_of(header: str | None, size: int) -> Span | Unsatisfiable | None:
    """Return what to send of a file of `size` bytes; None: the whole, there is no range."""
    match = None if header is None else _RANGE.fullmatch(header)
    if match is None or match[1] == match[2] == "":
        return None  # absent, several, or not understood: then it is ignored
    if not match[1]:
        suffix = min(int(match[2]), size)
        return Span(size - suffix, size - 1) if suffix else Unsatisfiable()
    first = int(match[1])
    last = int(match[2]) if match[2] else size - 1
    if match[2] and last < first:
        return None
    return Span(first, min(last, size - 1)) if first < size else Unsatisfiable()
