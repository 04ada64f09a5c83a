"""What a power cut may leave of a disk's history: nbd.py kept it, this cuts it.

On the medium lies what was flushed, and what came with FUA. Of what lay in the cache any part may
have got there, in any order, the last write torn between two sectors.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

from tests.hil.nbd import Flushed, Happened, Told, Wrote

SECTOR_BYTES = 512
KEEPS = (0.1, 0.5, 0.9)  # how much of the cache got there
TEARS = 0.2  # of the writes that got there


@dataclass(frozen=True, slots=True)
class Left:
    """A disk after a cut, and what the guest had told by then."""

    image: bytes
    told: tuple[str, ...]
    cached: int  # writes that lay in the cache
    kept: int  # parts of them that got to the medium


class Cutter:
    """Cuts a history at rising positions; each is read once."""

    def __init__(self, base: bytes, history: Sequence[Happened]) -> None:
        self._history = history
        self._medium = bytearray(base)
        self._cache: list[Wrote] = []
        self._told: list[str] = []
        self._at = 0

    def cut(self, at: int, chance: Random) -> Left:
        """Return what a cut after so many happenings may leave; not before the cut before it."""
        assert at >= self._at, "cut at rising positions"
        for happened in self._history[self._at : at]:
            self._go_on(happened)
        self._at = at
        image = bytearray(self._medium)
        kept = list(survivors(self._cache, chance))
        for one in kept:
            image[one.offset : one.offset + len(one.data)] = one.data
        return Left(bytes(image), tuple(self._told), len(self._cache), len(kept))

    def _go_on(self, happened: Happened) -> None:
        if isinstance(happened, Told):
            self._told.append(happened.word)
        elif isinstance(happened, Flushed):
            for one in self._cache:
                self._put(one)
            self._cache.clear()
        elif happened.sure:
            # An older write to the same place must not come back over it.
            self._cache = [part for one in self._cache for part in _beside(one, happened)]
            self._put(happened)
        else:
            self._cache.append(happened)

    def _put(self, one: Wrote) -> None:
        self._medium[one.offset : one.offset + len(one.data)] = one.data


def survivors(cache: Sequence[Wrote], chance: Random) -> list[Wrote]:
    """Return what of the cache got to the medium: any of the writes, some of them in part.

    Of two writes to one place the later one wins if both got there, as in a cache that is a cache.
    """
    keeps = chance.choice(KEEPS)
    found = []
    for one in cache:
        if chance.random() >= keeps:
            continue
        if len(one.data) > SECTOR_BYTES and chance.random() < TEARS:
            for start in range(0, len(one.data), SECTOR_BYTES):
                if chance.random() < keeps:
                    part = one.data[start : start + SECTOR_BYTES]
                    found.append(Wrote(one.offset + start, part))
        else:
            found.append(one)
    return found


def _beside(one: Wrote, sure: Wrote) -> list[Wrote]:
    """Return the parts of a cached write that a sure one left as they were."""
    end, sure_end = one.offset + len(one.data), sure.offset + len(sure.data)
    if end <= sure.offset or one.offset >= sure_end:
        return [one]
    parts = []
    if one.offset < sure.offset:
        parts.append(Wrote(one.offset, one.data[: sure.offset - one.offset]))
    if end > sure_end:
        parts.append(Wrote(sure_end, one.data[sure_end - one.offset :]))
    return parts
