"""Sends each box the messages it has not applied yet, a window at a time, and again when needed.

Down messages travel at QoS 0: nothing is lost by that, since the box says in hello how far it is,
its entries say it too, and what stays unanswered is sent again. Keys of members ride beside the
messages, sealed to the box's device.
"""

from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass

from daemon import seal
from daemon.ledger.codec import canonical
from daemon.sync.wire import (
    POST_BYTES_MAX,
    POST_MESSAGES_MAX,
    CarriedKey,
    Post,
    SignedMessage,
    down,
)
from hq.intake import Outgoing
from hq.members import member
from hq.registry import keys_of
from hq.store import Office

WINDOW_MESSAGES = 400  # sent and not yet applied; a box keeps more than that waiting in its inbox
RESEND_MS = 8_000  # no progress for so long: what was sent is sent again
AHEAD_MAX = 2000  # blocked cards ahead of a log that is on its way; 1 MB
POST_BYTES = POST_BYTES_MAX // 2  # of messages in one post; the keys come on top


@dataclass(slots=True)
class _Round:
    """One chain on its way down. `applied` <= `sent`."""

    box: str
    epoch: int
    applied: int
    sent: int
    since_ms: int  # the last progress
    headed: int = 0  # blocked cards of the log up to here have gone ahead of it


class Postman:
    """Knows what is on its way to whom. What it forgets is asked for again."""

    def __init__(self, office: Office) -> None:
        self._office = office
        self._rounds: dict[str, _Round] = {}

    def greeted(self, box: str, epoch: int, n: int, *, mono_ms: int) -> None:
        """A box has said hello: it has applied up to n; everything after it goes again."""
        self._rounds[box] = _Round(box, epoch, n, n, mono_ms)

    def posts(self, mono_ms: int) -> list[Outgoing]:
        """Return what to send now."""
        out: list[Outgoing] = []
        behind = self._office.db.execute(
            "SELECT c.id, c.box, c.epoch, c.down_seq, c.applied FROM chain AS c"
            " JOIN box AS b ON b.name = c.box AND b.online = 1"
            " WHERE c.down_seq > c.applied AND c.confirmed = (SELECT CAST(value AS BIGINT)"
            " FROM meta WHERE name = 'incarnation')"
        ).fetchall()
        for chain, box, epoch, last, applied in behind:
            tour = self._rounds.get(box)
            if tour is None or tour.epoch != epoch:
                continue
            if applied > tour.applied:
                tour.applied, tour.since_ms = applied, mono_ms
                tour.sent = max(tour.sent, applied)
            elif tour.sent > tour.applied and mono_ms - tour.since_ms >= RESEND_MS:
                tour.sent, tour.since_ms = tour.applied, mono_ms
            if last > max(tour.headed, tour.applied + 1):
                ahead = self._ahead(chain, max(tour.headed, tour.applied), last)
                out += [Outgoing(down(tour.box, "log"), payload) for payload in ahead]
                tour.headed = last
            until = min(last, tour.applied + WINDOW_MESSAGES)
            while tour.sent < until:
                if tour.sent == tour.applied:
                    tour.since_ms = mono_ms
                payload, tour.sent = self.post(chain, tour.box, tour.sent, until)
                out.append(Outgoing(down(tour.box, "log"), payload))
        return out

    def _ahead(self, chain: int, after: int, last: int) -> Iterator[bytes]:
        """Yield posts of the cards that are honoured no more: they head everything that is sent,
        outside the order. The box applies them in their turn all the same."""
        rows = self._office.db.execute(
            "SELECT text, signature FROM down WHERE chain = ? AND n > ? AND n <= ?"
            " AND kind = 'card.blocked' ORDER BY n LIMIT ?",
            (chain, after, last, AHEAD_MAX),
        ).fetchall()
        for start in range(0, len(rows), POST_MESSAGES_MAX):
            some = rows[start : start + POST_MESSAGES_MAX]
            yield canonical(Post(tuple(SignedMessage(*row) for row in some), ()))

    def post(self, chain: int, box: str, after: int, until: int) -> tuple[bytes, int]:
        """Return a post of messages after+1 ... and the number of the last in it."""
        messages: list[SignedMessage] = []
        keys: list[CarriedKey] = []
        size, last = 0, after
        device = keys_of(self._office, box)[0]
        for n, member_id, text, signature in self._office.db.execute(
            "SELECT n, member, text, signature FROM down WHERE chain = ? AND n > ? AND n <= ?"
            " ORDER BY n LIMIT ?",
            (chain, after, until, POST_MESSAGES_MAX),
        ):
            size += len(text.encode())
            if messages and size > POST_BYTES:
                break
            messages.append(SignedMessage(text, signature))
            if member_id:
                keys += self._key(member_id, device)
            last = n
        return canonical(Post(tuple(messages), tuple(keys))), last

    def _key(self, member_id: str, device: bytes) -> list[CarriedKey]:
        seen = member(self._office, member_id)
        if seen is None:
            return []
        sealed = b"" if seen.key is None else seal.seal(device, seen.key)
        card = seen.snapshot.card
        return [CarriedKey(member_id, card, b64encode(sealed).decode())]
