"""MSR206 and MSR605 reader-writers: told to read, they answer one swipe. No I/O.

    to it    1B 61 reset   1B 72 read decoded   1B 6D read raw
    from it  1B 73  1B 01 t1  1B 02 t2  1B 03 t3  3F 1C  1B st

st: 30 ok, 31 read error, 32 format, 34 bad command, 39 bad swipe. The last 3F belongs to the frame.
A blank track is empty, or 1B 2B. Raw, a length byte follows 01, 02, 03, and the track's bits follow
as they lie on the stripe (MSR605 manual p. 11, MSR206 p. 14). Nothing is ever written to a card.
"""

from daemon.drivers.wire.stripe import ALPHA, NUMERIC, Coding, decode, unpack
from daemon.drivers.wire.wedge import Burst

RESET, READ, READ_RAW = b"\x1ba", b"\x1br", b"\x1bm"
START, END = b"\x1bs", b"?\x1c\x1b"
OK = 0x30
BLANK = b"\x1b+"
ANSWER_BYTES_MAX = 512  # three over-long tracks and their frame
_TRACKS: tuple[tuple[bytes, Coding, str], ...] = (
    (b"\x1b\x01", ALPHA, "%"),
    (b"\x1b\x02", NUMERIC, ";"),
    (b"\x1b\x03", NUMERIC, "+"),
)


class Msr605Decoder:
    """Answers to swipes; after each one the reader has to be told to read again."""

    def __init__(self, *, raw: bool) -> None:
        self._raw = raw
        self._bytes = bytearray()
        self._to_send = RESET + self._read

    def __repr__(self) -> str:
        return f"Msr605Decoder({len(self._bytes)} bytes)"

    @property
    def _read(self) -> bytes:
        return READ_RAW if self._raw else READ

    def to_send(self) -> bytes:
        told, self._to_send = self._to_send, b""
        return told

    def feed(self, data: bytes, at_ms: int) -> list[Burst]:
        self._bytes += data
        bursts = []
        while (length := _answer_length(bytes(self._bytes), raw=self._raw)) is not None:
            answer = bytes(self._bytes[:length])
            del self._bytes[:length]
            bursts.append(_burst(answer, raw=self._raw))
            self._to_send = self._read
        if len(self._bytes) > ANSWER_BYTES_MAX:  # noise, or an answer that lost its end
            self._bytes.clear()
            self._to_send = RESET + self._read
        return bursts

    def due_ms(self) -> int | None:
        return None

    def idle(self, at_ms: int) -> list[Burst]:
        """An answer may stop in the middle, while the writer thinks: only its end ends it."""
        return []


def _answer_length(data: bytes, *, raw: bool) -> int | None:
    """Return how many bytes the first answer takes, with what stands before it; None: not yet."""
    begins = data.find(START)
    if begins < 0:
        return None
    at = _after_raw_tracks(data, begins + len(START)) if raw else begins
    ends = data.find(END, at)
    length = ends + len(END) + 1
    return length if ends >= 0 and len(data) >= length else None


def _after_raw_tracks(data: bytes, at: int) -> int:
    """Return where the tracks end: their bits may look like the end of the frame."""
    for mark, _, _ in _TRACKS:
        if data[at : at + 2] == mark and len(data) > at + 2:
            at += 3 + data[at + 2]
    return at


def _burst(answer: bytes, *, raw: bool) -> Burst:
    if answer[-1] != OK:
        return Burst("%E?")
    body = answer[answer.find(START) + len(START) : -len(END) - 1]
    return Burst(_raw_tracks(body) if raw else _decoded_tracks(body))


def _decoded_tracks(body: bytes) -> str:
    text = ""
    for mark, _, start in _TRACKS:
        _, found, rest = body.partition(mark)
        track = _until_mark(rest).replace(BLANK, b"").decode("ascii", errors="replace")
        if found and track:
            text += start + track.lstrip("%;+").removesuffix("?") + "?"
    return text or "%E?"


def _until_mark(rest: bytes) -> bytes:
    ends = [at for mark, _, _ in _TRACKS if (at := rest.find(mark)) >= 0]
    return rest[: min(ends, default=len(rest))]


def _raw_tracks(body: bytes) -> str:
    text, at = "", 0
    for mark, coding, start in _TRACKS:
        if body[at : at + 2] != mark or len(body) < at + 3:
            continue
        bits = unpack(body[at + 3 : at + 3 + body[at + 2]])
        at += 3 + body[at + 2]
        track = decode(bits, coding)
        if track:
            text += start + track[1:]
        elif "1" in bits:
            text += f"{start}E?"
    return text or "%E?"
