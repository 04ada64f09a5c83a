"""Which content to ask for next, as a state machine: no I/O, no clock, no random.

One part at a time: what is at hand at the counter and in the log goes first, and a part that is
lost is asked for again.
"""

from collections.abc import Iterable

import msgspec

AGAIN_MS = 4_000  # a part takes some 10 ms; like the acknowledgements, doubled up to
AGAIN_MAX_MS = 60_000
PAUSE_MS = 600_000  # before a content that did not go on (a full disk) is tried again


class Wanted(msgspec.Struct, frozen=True):
    """A part to ask for."""

    hash: str
    offset: int


class Fetching:
    """What this box lacks. `next` is asked now and then, `came` told of what has come."""

    def __init__(self) -> None:
        self._lacks: dict[str, int] = {}  # how much is here, by hash, in order
        self._asked_ms: int | None = None  # None: nothing is on its way
        self._wait_ms = AGAIN_MS
        self._stopped_ms: int | None = None
        self.trouble = ""  # why it does not go on; empty when all is well

    @property
    def lacks(self) -> tuple[str, ...]:
        return tuple(self._lacks)

    def want(self, contents: Iterable[tuple[str, int]]) -> None:
        """Say what is lacking now, and how many bytes of each are here; what stands in no list
        any more is not asked for."""
        wanted = dict(contents)
        self._lacks = {name: self._lacks.get(name, have) for name, have in wanted.items()}
        if not wanted:
            self._asked_ms, self.trouble = None, ""

    def next(self, mono_ms: int, *, online: bool) -> Wanted | None:
        """Return what to ask for now; None: nothing, or an answer is awaited."""
        if not online:
            self._asked_ms = None
            return None
        if not self._lacks:
            return None
        if self._stopped_ms is not None:
            if mono_ms - self._stopped_ms < PAUSE_MS:
                return None
            self._stopped_ms = None
        if self._asked_ms is not None:
            if mono_ms - self._asked_ms < self._wait_ms:
                return None
            self._wait_ms = min(2 * self._wait_ms, AGAIN_MAX_MS)
        self._asked_ms = mono_ms
        name, have = next(iter(self._lacks.items()))
        return Wanted(name, have)

    def came(self, name: str, have: int, *, whole: bool, why: str, mono_ms: int) -> None:
        """A part has come, or something else of that content; `why`: it does not go on."""
        if name not in self._lacks:
            return
        self._asked_ms, self._wait_ms = None, AGAIN_MS
        self.trouble = why
        if why:
            self._stopped_ms = mono_ms
        elif whole:
            del self._lacks[name]
        else:
            self._lacks[name] = have
