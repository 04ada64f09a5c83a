"""Input events of a keyboard wedge to bursts of text. No I/O, no clock: the caller tells the time.

event: (type, code, value)   EV_KEY 1: value 1 down, 0 up, 2 autorepeat (ignored)
                             EV_SYN 0: code 3 SYN_DROPPED, the kernel lost events

A swipe is a burst, not a line: some readers send CR after every track, others nothing. Source:
spec/devices.md 1.2. Text of a burst may be a bank card, so no object here shows it.
"""

from dataclasses import dataclass, field

from daemon.drivers.wire.keymap import ENTER, Keys

EV_SYN, EV_KEY = 0, 1
SYN_REPORT, SYN_DROPPED = 0, 3

IDLE_MS = 100  # readers pause up to 35 ms inside a swipe; people cannot swipe twice within 100
UNFINISHED_MS = 1000  # a slow swipe may stop in mid-track; later than this the rest never comes
BURST_MS_MAX = 5000  # something is lying on the keyboard
BURST_CHARS_MAX = 512  # three over-long tracks with sentinels are 260
TERMINATORS = frozenset("\r\n\t")


@dataclass(frozen=True, slots=True)
class Burst:
    """What was typed in one go. `whole` is False when events were lost or it never ended."""

    text: str = field(repr=False)
    whole: bool = True


class KeyStream:
    """Events to characters, one at a time. None stands for "events were lost here"."""

    def __init__(self) -> None:
        self.keys = Keys()
        self.lost = False

    def feed(self, kind: int, code: int, value: int) -> str | None:
        if kind == EV_SYN:
            return self._synchronise(code)
        if kind != EV_KEY or self.lost:
            return ""
        if value == 1:
            return self.keys.press(code)
        return self.keys.release(code) if value == 0 else ""

    def _synchronise(self, code: int) -> str | None:
        if code == SYN_DROPPED:
            self.lost = True  # up to the next SYN_REPORT the queue holds fragments
            self.keys.forget()
            return None
        if code == SYN_REPORT:
            self.lost = False
        return ""


class BurstDecoder:
    """Collects characters until the line is idle (cards) or a terminator comes (scanners)."""

    def __init__(self, *, ends_at_terminator: bool) -> None:
        self._ends_at_terminator = ends_at_terminator
        self._stream = KeyStream()
        self._text = ""
        self._spoilt = False  # events were lost or it is too long: nothing of it may be used
        self._started_ms = 0
        self._last_ms = 0

    def __repr__(self) -> str:
        return f"BurstDecoder({len(self._text)} characters)"

    def feed(self, kind: int, code: int, value: int, at_ms: int) -> Burst | None:
        """Take one event; return a burst if this event ended it."""
        char = self._stream.feed(kind, code, value)
        if kind == EV_KEY and self._open():
            self._last_ms = at_ms
        if char is None:
            self._begin(at_ms)
            self._spoilt, self._text = True, ""
            return None
        if not char:
            return None
        if self._ends_at_terminator and char in TERMINATORS and not self._spoilt:
            return self._take(whole=True) if self._text else None
        self._begin(at_ms)
        self._append(char)
        return None

    def due_ms(self) -> int | None:
        """Return when `idle` is to be called next, or None while nothing was typed."""
        if not self._open():
            return None
        wait_ms = IDLE_MS if self._ended() else UNFINISHED_MS
        return min(self._last_ms + wait_ms, self._started_ms + BURST_MS_MAX)

    def idle(self, at_ms: int) -> Burst | None:
        """Return the burst if it is over at this time."""
        due = self.due_ms()
        if due is None or at_ms < due:
            return None
        return self._take(whole=self._ended() and not self._spoilt)

    def _open(self) -> bool:
        return bool(self._text) or self._spoilt

    def _begin(self, at_ms: int) -> None:
        if not self._open():
            self._started_ms = at_ms
        self._last_ms = at_ms

    def _append(self, char: str) -> None:
        if self._spoilt:
            return
        self._text += char
        if len(self._text) > BURST_CHARS_MAX:
            self._spoilt, self._text = True, ""

    def _ended(self) -> bool:
        """The text may end here: only the idle gap is still missing."""
        if self._stream.keys.composing:
            return False
        if self._spoilt or self._ends_at_terminator:
            return True
        return self._text[-1] in TERMINATORS or self._text[-1] == "?"

    def _take(self, *, whole: bool) -> Burst:
        burst = Burst(self._text, whole)
        self._text, self._spoilt = "", False
        return burst


KEYPAD_KEYS = frozenset("0123456789.+-*/")
CLEAR_CHARS = frozenset("\x08\x1b\x7f")


def keypad_key(char: str) -> str:
    """Return the counter's name of a typed character, or nothing if it is no key of ours."""
    if char in KEYPAD_KEYS:
        return char
    if char == ENTER:
        return "ENTER"
    return "CLEAR" if char in CLEAR_CHARS else ""
