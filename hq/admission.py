"""Admission: how many boxes at once may send what has piled up in them.

After an outage every shop has a backlog, and all come back within two minutes. What they send would
stand in queues that drop or grow, be given up by its senders after seconds, and come again. So a
hello that offers much more than is stored gets a place, or waits for one; the word for both is a
signed turn, sent ahead of the acknowledgement. It is a wish, no gate: whatever comes is stored all
the same. Nothing of it is durable; a box forgets a turn, and says hello again.
"""

import json
from collections.abc import Iterable
from dataclasses import dataclass

from daemon.sync.wire import VERSION, LetterKind, Turn, down, seal_letter
from hq.intake import Greeting, Outgoing
from hq.store import Office

BOXES_AT_ONCE = 32
# 32 x 4 batches of 240 entries are 30,720 on their way: stored within a box's patience of 4 s at
# 7,680 a second (slower, and some come twice, which costs time and nothing else), and an eighth of
# the 1,000 messages that mosquitto queues before it drops.
TURN_BATCHES = 4
LITTLE = 32  # entries; to store so many costs less than to answer a hello, so nobody waits for them
QUIET_MS = 10_000  # no entry of it was stored for so long: it is gone, or has nothing good to send
TURN_MS = 60_000  # then others come first: a month's backlog, or a very slow line
LOOK_EVERY_MS = 100  # at the marks of those who send


@dataclass(slots=True)
class _Guest:
    """A box with a backlog. `wanted`: the last entry of each chain (by epoch) that it offered."""

    box: str
    session: str
    wanted: dict[int, int]
    since_ms: int = 0  # of its turn
    moved_ms: int = 0
    stored: int = 0  # the sum of its marks when it last moved


class Admission:
    """Who sends and who waits. One thread."""

    def __init__(self, office: Office, *, boxes_at_once: int = BOXES_AT_ONCE) -> None:
        self._office = office
        self.boxes_at_once = boxes_at_once
        self._sending: dict[str, _Guest] = {}
        self._waiting: dict[str, _Guest] = {}  # in the order of their coming
        self._looked_ms = 0

    @property
    def waiting(self) -> int:
        """How many boxes have been told to wait."""
        return len(self._waiting)

    @property
    def sending(self) -> int:
        return len(self._sending)

    def greeted(self, greetings: Iterable[Greeting], mono_ms: int) -> list[Outgoing]:
        """Return what to tell boxes that have said hello on a line, ahead of the answer."""
        new = {
            one.box: _Guest(one.box, one.session, dict(one.offered))
            for one in greetings
            if one.session
        }
        marks = self._marks(new)
        return [
            letter
            for guest in new.values()
            for letter in self._greet(guest, marks.get(guest.box, {}), mono_ms)
        ]

    def turns(self, mono_ms: int) -> list[Outgoing]:
        """End the turns of those who are done, and give them to those who wait."""
        if mono_ms - self._looked_ms < LOOK_EVERY_MS or not (self._sending or self._waiting):
            return []
        self._looked_ms = mono_ms
        marks = self._marks(self._sending)
        told = [
            letter
            for guest in list(self._sending.values())
            for letter in self._look_at(guest, marks.get(guest.box, {}), mono_ms)
        ]
        while self._waiting and len(self._sending) < self.boxes_at_once:
            free = self.boxes_at_once - len(self._sending)
            told += self._admit(list(self._waiting.values())[:free], mono_ms)
        return told

    def _greet(self, guest: _Guest, marks: dict[int, int], mono_ms: int) -> list[Outgoing]:
        box = guest.box
        if _lacks(guest, marks) <= LITTLE:
            self._sending.pop(box, None)
            waited = self._waiting.pop(box, None) is not None
            return [self._letter(guest, TURN_BATCHES)] if waited else []
        if box in self._sending or (
            box not in self._waiting
            and not self._waiting
            and len(self._sending) < self.boxes_at_once
        ):
            return [self._begin(guest, marks, mono_ms)]
        self._waiting[box] = guest  # a box that waits already keeps its place
        return [self._letter(guest, 0)]

    def _look_at(self, guest: _Guest, marks: dict[int, int], mono_ms: int) -> list[Outgoing]:
        """End a turn that is over; return what the box is to be told of it."""
        stored = sum(marks.values())
        if stored > guest.stored:
            guest.stored, guest.moved_ms = stored, mono_ms
        if not _lacks(guest, marks) or mono_ms - guest.moved_ms >= QUIET_MS:
            del self._sending[guest.box]
        elif mono_ms - guest.since_ms >= TURN_MS and self._waiting:
            self._waiting[guest.box] = self._sending.pop(guest.box)
            return [self._letter(guest, 0)]
        return []

    def _admit(self, guests: list[_Guest], mono_ms: int) -> list[Outgoing]:
        """Give their turn to those who are still on that line; the others say hello again."""
        rows = self._office.db.execute(
            "SELECT name, session FROM box WHERE online = 1"
            " AND name IN (SELECT value FROM json_each(?))",
            (json.dumps([guest.box for guest in guests]),),
        ).fetchall()
        online, told = dict(rows), []
        marks = self._marks(online)
        for guest in guests:
            del self._waiting[guest.box]
            if online.get(guest.box) == guest.session:
                told.append(self._begin(guest, marks.get(guest.box, {}), mono_ms))
        return told

    def _begin(self, guest: _Guest, marks: dict[int, int], mono_ms: int) -> Outgoing:
        known = self._sending.get(guest.box)
        guest.since_ms = mono_ms if known is None else known.since_ms
        guest.moved_ms, guest.stored = mono_ms, sum(marks.values())
        self._sending[guest.box] = guest
        return self._letter(guest, TURN_BATCHES)

    def _marks(self, boxes: Iterable[str]) -> dict[str, dict[int, int]]:
        """Return the marks of the chains of these boxes, by box and epoch."""
        found: dict[str, dict[int, int]] = {}
        names = sorted(boxes)
        if not names:
            return found
        rows = self._office.db.execute(
            "SELECT box, epoch, mark FROM chain WHERE box IN (SELECT value FROM json_each(?))",
            (json.dumps(names),),
        )
        for box, epoch, mark in rows:
            found.setdefault(box, {})[epoch] = mark
        return found

    def _letter(self, guest: _Guest, batches: int) -> Outgoing:
        turn = Turn(VERSION, guest.box, guest.session, batches)
        payload = seal_letter(LetterKind.TURN, turn, self._office.sign)
        return Outgoing(down(guest.box, "ack"), payload)


def _lacks(guest: _Guest, marks: dict[int, int]) -> int:
    """Return how many entries the box has offered that are not stored."""
    return sum(max(0, last - marks.get(epoch, 0)) for epoch, last in guest.wanted.items())
