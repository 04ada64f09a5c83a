"""Reports of magnetic card readers on USB that are no keyboards: one report is one swipe. No I/O.

    MagTek 0801:0002, ID TECH "other mode": 337 bytes
      0-2 status of t1..t3 (bit 0: error) | 3-5 lengths | 6 encode type | 7 t1 | 117 t2 | 227 t3
    ID TECH mode: 509 bytes
      0-6 the same | 7-8 length of the data | 9-508 the tracks, one behind the other

Tracks are ASCII with their sentinels; bytes past a length are undefined (MagTek 99875191, ID TECH
SecureMag manual). Encryption is out of scope: such a report is recognised and refused.
"""

from dataclasses import dataclass, field

from daemon.drivers.wire.wedge import Burst

MAGTEK_BYTES, IDTECH_BYTES = 337, 509
REPORT_BYTES_MAX = 1024  # encrypting readers send up to 900
TRACK_BYTES = 110
_TRACKS_AT = 7
_DATA_AT = 9
_ENCODE_TYPES = range(7)  # ISO, AAMVA, CADL, blank or other, other or raw, undetermined, none
_ENCRYPTED = 0x80
_STARTS = "%;+"
SENTINELS = "%;+#&!@"

ENCRYPTED = (
    "sends encrypted cards. Have it set to plain output by its seller, or use another reader."
)
STRANGE = "sends reports that are no card. Name its profile, or use another driver."


@dataclass(frozen=True, slots=True)
class Report:
    """A swipe, or what is wrong with the reader (`trouble`); bursts never show themselves."""

    burst: Burst = field(repr=False)
    trouble: str = ""


def read_report(data: bytes) -> Report:
    """Return the swipe in one whole report; an unreadable track is `E`, as wedges write it."""
    lost = Burst("%E?")
    if len(data) < _TRACKS_AT:
        return Report(lost, STRANGE)
    known = len(data) in (MAGTEK_BYTES, IDTECH_BYTES)
    if data[6] & _ENCRYPTED or (not known and len(data) > MAGTEK_BYTES):
        return Report(lost, ENCRYPTED)
    if not known or data[6] not in _ENCODE_TYPES:
        return Report(lost, STRANGE)
    tracks = _in_fields(data) if len(data) == MAGTEK_BYTES else _in_a_row(data)
    if tracks is None:
        return Report(lost, STRANGE)
    texts = []
    for start, status, track in zip(_STARTS, data[:3], tracks, strict=True):
        if status & 1:
            texts.append(f"{start}E?")
        elif not all(0x20 <= byte < 0x7F for byte in track):
            return Report(lost, ENCRYPTED)  # no stripe holds such bytes
        elif track:  # pieces of two tracks must not make one number
            text = track.decode("ascii")
            framed = text[0] in SENTINELS and text.endswith("?")
            texts.append(text if framed else f"{start}E?")
    return Report(Burst("".join(texts) or "%E?"))


def _in_fields(data: bytes) -> list[bytes] | None:
    if any(length > TRACK_BYTES for length in data[3:6]):
        return None
    begins = (_TRACKS_AT + TRACK_BYTES * index for index in range(3))
    return [data[at : at + length] for at, length in zip(begins, data[3:6], strict=True)]


def _in_a_row(data: bytes) -> list[bytes] | None:
    total = int.from_bytes(data[7:9], "little")
    if sum(data[3:6]) > total or total > IDTECH_BYTES - _DATA_AT:
        return None
    tracks, at = [], _DATA_AT
    for length in data[3:6]:
        tracks.append(data[at : at + length])
        at += length
    return tracks
