"""The stripe itself: bits with odd parity to tracks, and the check character LRC. No I/O.

    zeros | SS data ES LRC | zeros       5 bits a character (tracks 2, 3) or 7 (track 1), LSB first

LRC: XOR of the data bits of every character from SS to ES, with a parity bit of its own
(ISO/IEC 7811-2; proved on a real dump: `;0004048712?` has LRC 8). A card may be pulled through in
either direction: then the bits come backwards.
"""

from collections.abc import Mapping
from functools import reduce
from operator import xor
from types import MappingProxyType

import msgspec


class Coding(msgspec.Struct, frozen=True):
    """Data bits of a character, the code of character 0, and the start sentinel."""

    bits: int
    first: int
    start: str


ALPHA = Coding(6, 0x20, "%")
NUMERIC = Coding(4, 0x30, ";")
END = "?"

# Readers write other start sentinels than stand on the stripe; the LRC was made of those there.
_ON_STRIPE: Mapping[str, tuple[str, Coding]] = MappingProxyType(
    {"%": ("%", ALPHA)} | dict.fromkeys(";+@#&!", (";", NUMERIC))
)


def lrc(track: str, coding: Coding) -> str:
    """Return the check character of a track, sentinels included."""
    check = reduce(xor, (ord(char) - coding.first for char in track), 0)
    return chr((check & (1 << coding.bits) - 1) + coding.first)


def without_lrc(text: str) -> str:
    """Return the tracks of text without their check characters; a track with a wrong one is `E`.

    A start sentinel that is written for another one is mapped back before checking.
    """
    tracks, rest = "", text
    while END in rest:
        body, _, after = rest.partition(END)
        body = body.lstrip("\r\n\t")
        start = body[:1]
        if start not in _ON_STRIPE:
            return tracks + rest
        written, coding = _ON_STRIPE[start]
        good = after[:1] == lrc(written + body[1:] + END, coding)
        tracks += body + END if good else f"{start}E{END}"
        rest = after[1:]
    return tracks + rest


def encode(track: str, coding: Coding) -> str:
    """Return the bits of a track, sentinels included, with its check character."""
    values = [ord(char) - coding.first for char in track + lrc(track, coding)]
    return "".join(_character(value, coding.bits) for value in values)


def decode(bits: str, coding: Coding) -> str:
    """Return the track in a run of bits, in either direction; nothing if none is whole."""
    start = _character(ord(coding.start) - coding.first, coding.bits)
    for run in (bits, bits[::-1]):
        rest = run[max(run.find("1"), 0) :]  # only zeros lie before the start sentinel
        track = _read(rest, coding) if rest.startswith(start) else ""
        if track:
            return track
    return ""


def unpack(data: bytes) -> str:
    """Return the bits of bytes, most significant first."""
    return "".join(f"{byte:08b}" for byte in data)


def _read(run: str, coding: Coding) -> str:
    track, width = "", coding.bits + 1
    for at in range(0, len(run) - width + 1, width):
        piece = run[at : at + width]
        if piece.count("1") % 2 == 0:
            return ""
        char = chr(int(piece[-2::-1], 2) + coding.first)
        if track.endswith(END):
            over = "1" not in run[at + width :]  # and only zeros behind the check character
            return track if over and char == lrc(track, coding) else ""
        track += char
    return ""


def _character(value: int, bits: int) -> str:
    lsb_first = f"{value:0{bits}b}"[::-1]
    return lsb_first + str(1 - lsb_first.count("1") % 2)
