"""What an ESC/POS printer says about itself: conditions to status bytes. No I/O.

DLE EOT 1..4 (10 04 n), one byte each, `0xx1xx10`:

    n=1   04 drawer pin high   08 offline   20 waiting for recovery   40 feed button
    n=2   04 cover open   08 feeding   20 stopped by paper end   40 error
    n=3   08 cutter   20 unrecoverable   40 recovers by itself (head hot)
    n=4   0C paper near its end   60 paper at its end

ASB (GS a), four bytes: b1 `0xx1xx00` 04 drawer 08 offline 20 cover 40 feeding; b2 08 cutter
20 unrecoverable 40 head hot; b3 03 near end 0C end; b4 nothing.
"""

from dataclasses import dataclass, replace
from enum import Enum, IntFlag

_FIXED_BITS = 0x12


class Condition(Enum):
    """What can be the matter with a printer; the value is its name at the fault console."""

    PAPER_END = "paper_end"
    NEAR_END = "near_end"
    COVER_OPEN = "cover_open"
    CUTTER_ERROR = "cutter_error"
    HEAD_HOT = "head_hot"
    DRAWER_OPEN = "drawer_open"


class Reports(IntFlag):
    """The bits of GS a n: which changes are told unasked."""

    DRAWER = 0x01
    ONLINE = 0x02
    ERROR = 0x04
    PAPER = 0x08


_OFFLINE = {
    Condition.PAPER_END,
    Condition.COVER_OPEN,
    Condition.CUTTER_ERROR,
    Condition.HEAD_HOT,
}
_REPORTED_UNDER = {
    Condition.PAPER_END: Reports.PAPER | Reports.ONLINE,
    Condition.NEAR_END: Reports.PAPER,
    Condition.COVER_OPEN: Reports.ONLINE,
    Condition.CUTTER_ERROR: Reports.ERROR | Reports.ONLINE,
    Condition.HEAD_HOT: Reports.ERROR | Reports.ONLINE,
    Condition.DRAWER_OPEN: Reports.DRAWER,
}


@dataclass(frozen=True, slots=True)
class State:
    """Everything that is the matter at one moment."""

    conditions: frozenset[Condition] = frozenset()
    drawer_inverted: bool = False  # its switch opens where others close: makers do not agree

    @property
    def offline(self) -> bool:
        """Nothing is printed or pulsed; bytes wait."""
        return bool(self.conditions & _OFFLINE)

    def changed(self, condition: Condition, *, present: bool) -> "State":
        """This state with condition there or not."""
        one = frozenset((condition,))
        left = self.conditions | one if present else self.conditions - one
        return replace(self, conditions=left)

    def answer(self, number: int) -> int:
        """The byte that answers DLE EOT number (1 to 4)."""
        bits = {1: self._printer, 2: self._cause, 3: self._error, 4: self._paper}[number]()
        return _FIXED_BITS | bits

    def automatic(self) -> bytes:
        """The four bytes of automatic status back."""
        first = 0x10 | self._pin() | (0x08 if self.offline else 0)
        first |= self._bit(Condition.COVER_OPEN, 0x20)
        return bytes((first, self._error(), self.paper_sensor(), 0x00))

    def paper_sensor(self) -> int:
        """Near end and end where GS r 1 and ASB carry them."""
        ended = Condition.PAPER_END in self.conditions
        return (0x0C if ended else 0) | (0x03 if ended else self._bit(Condition.NEAR_END, 0x03))

    def _printer(self) -> int:
        return self._pin() | (0x08 if self.offline else 0)

    def _pin(self) -> int:
        return 0x04 if (Condition.DRAWER_OPEN in self.conditions) != self.drawer_inverted else 0

    def _cause(self) -> int:
        error = bool(self.conditions & {Condition.CUTTER_ERROR, Condition.HEAD_HOT})
        return (
            self._bit(Condition.COVER_OPEN, 0x04)
            | self._bit(Condition.PAPER_END, 0x20)
            | (0x40 if error else 0)
        )

    def _error(self) -> int:
        return self._bit(Condition.CUTTER_ERROR, 0x08) | self._bit(Condition.HEAD_HOT, 0x40)

    def _paper(self) -> int:
        ended = Condition.PAPER_END in self.conditions
        return 0x6C if ended else self._bit(Condition.NEAR_END, 0x0C)

    def _bit(self, condition: Condition, bit: int) -> int:
        return bit if condition in self.conditions else 0


def is_reported(condition: Condition, mask: int) -> bool:
    """Whether a change of condition is told unasked under the mask of GS a."""
    return bool(_REPORTED_UNDER[condition] & mask)
