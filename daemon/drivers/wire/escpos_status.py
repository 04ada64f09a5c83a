"""ESC/POS answers: bytes from a printer to what they say. No I/O.

DLE EOT n = 10 04 n is answered by one byte 0xx1xx10, also offline and with a full buffer.
ASB is four bytes by themselves: 0xx1xx00, then three 0xx0xxxx. XON 11, XOFF 13 come in between.
GS r n = 1D 72 n is answered by one byte 0xx0xxxx once everything before it was printed.
Clones answer 00 or nothing: a byte of another shape is no answer, and silence is never "ok".
Source: spec/devices.md 3.4.
"""

from typing import Final

import msgspec
from msgspec.structs import replace

PRINTER, OFFLINE_CAUSE, ERROR_CAUSE, PAPER = 1, 2, 3, 4
XON, XOFF = 0x11, 0x13
_ASB_REST = 3


class Answer(msgspec.Struct, frozen=True):
    """One DLE EOT answer; which question it belongs to, only its asker knows."""

    byte: int


class AutoStatus(msgspec.Struct, frozen=True):
    """The four bytes of automatic status back."""

    bytes: bytes


class InOrder(msgspec.Struct, frozen=True):
    """A GS r answer; some clones say 00 to any question, so alone it proves nothing."""

    byte: int


class FlowControl(msgspec.Struct, frozen=True):
    may_send: bool


class Unknown(msgspec.Struct, frozen=True):
    byte: int


Heard = Answer | AutoStatus | InOrder | FlowControl | Unknown


class Condition(msgspec.Struct, frozen=True):
    """What is known of a printer. False means: it said so; the default is "nothing said yet"."""

    offline: bool = False
    cover_open: bool = False
    paper_end: bool = False
    paper_low: bool = False
    cutter_jam: bool = False
    broken: bool = False
    too_hot: bool = False
    drawer_high: bool | None = None  # the drawer pin; which level is "open", only the drawer knows

    @property
    def halted(self) -> str:
        """Return why it does not print, with what to do; empty when it prints."""
        for stands, words in (
            (self.cover_open, "cover open. Close the cover"),
            (self.paper_end, "paper end. Put in a new roll"),
            (self.cutter_jam, "cutter jammed. Switch off, free the cutter, switch on"),
            (self.broken, "printer error. Switch it off and on; if it stays, call service"),
            (self.too_hot, "print head too hot. Wait a minute"),
            (self.offline, "printer offline. Look at its lamps"),
        ):
            if stands:  # with the cover open the paper sensor may lie: the cover is told first
                return f"{words}; printing goes on by itself."
        return ""


FINE: Final = Condition()


def ask(question: int) -> bytes:
    """Return DLE EOT n; n is PRINTER, OFFLINE_CAUSE, ERROR_CAUSE or PAPER."""
    return bytes([0x10, 0x04, question])


REPORT_ALL: Final = b"\x1da\x0f"  # GS a: drawer, online, error, paper
IN_ORDER: Final = b"\x1dr\x01"  # paper sensor; what it says counts less than when


def is_answer(byte: int) -> bool:
    return byte & 0x93 == 0x12


def learn(known: Condition, question: int, byte: int) -> Condition:
    """Return what is known after one more answer; a round of questions starts from FINE."""
    assert is_answer(byte)
    if question == PRINTER:
        return replace(known, offline=bool(byte & 0x08), drawer_high=bool(byte & 0x04))
    if question == OFFLINE_CAUSE:
        paper_end = known.paper_end or bool(byte & 0x20)
        return replace(known, cover_open=bool(byte & 0x04), paper_end=paper_end)
    if question == ERROR_CAUSE:
        return replace(
            known,
            cutter_jam=bool(byte & 0x08),
            broken=bool(byte & 0x20),
            too_hot=bool(byte & 0x40),
        )
    paper_end = known.paper_end or bool(byte & 0x60)
    return replace(known, paper_low=bool(byte & 0x0C), paper_end=paper_end)


def read_auto_status(auto: AutoStatus) -> Condition:
    """Return what the four bytes say; paper bits stand elsewhere than in DLE EOT answers."""
    first, second, third, _ = auto.bytes
    return Condition(
        offline=bool(first & 0x08),
        cover_open=bool(first & 0x20),
        paper_end=bool(third & 0x0C),
        paper_low=bool(third & 0x03),
        cutter_jam=bool(second & 0x08),
        broken=bool(second & 0x20),
        too_hot=bool(second & 0x40),
        drawer_high=bool(first & 0x04),
    )


class Demultiplexer:
    """Tells answers, automatic status, flow control and noise apart, however they are glued."""

    def __init__(self) -> None:
        self._auto = bytearray()

    def feed(self, data: bytes) -> list[Heard]:
        return [heard for byte in data for heard in self._take(byte)]

    def _take(self, byte: int) -> list[Heard]:
        if byte in (XON, XOFF):
            return [FlowControl(byte == XON)]
        if self._auto:
            if byte & 0x90 == 0:
                return self._continue_auto(byte)
            lost: list[Heard] = [Unknown(stray) for stray in self._auto]
            self._auto.clear()
            return lost + self._take(byte)
        if is_answer(byte):
            return [Answer(byte)]
        if byte & 0x93 == 0x10:
            self._auto.append(byte)
            return []
        return [InOrder(byte) if byte & 0x90 == 0 else Unknown(byte)]

    def _continue_auto(self, byte: int) -> list[Heard]:
        self._auto.append(byte)
        if len(self._auto) <= _ASB_REST:
            return []
        auto = AutoStatus(bytes(self._auto))
        self._auto.clear()
        return [auto]
