"""What the shop answers to what headquarters told it: read, collected, not collected. Pure."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from daemon.ledger.acts.moves import Refusal, Request, Stamp
from daemon.ledger.bodies_notice import (
    CANCELLED,
    COLLECTED,
    LAPSED,
    MessageRead,
    ReservationEnded,
)
from daemon.ledger.kinds import Kind
from daemon.ledger.machine import BY_BOX, SOURCE_BOX, reserved
from daemon.ledger.messages_shop import Reservation
from daemon.ledger.records import At, By, Draft, Posting
from daemon.ledger.views import NoticeRow

SOURCE = "notice"


class ReadRequest(Request, frozen=True, kw_only=True):
    message: str


class EndReservationRequest(Request, frozen=True, kw_only=True):
    reservation: str
    outcome: str = COLLECTED


def reservation_of(row: NoticeRow) -> Reservation:
    return msgspec.json.decode(row.body, type=Reservation)


def read_message(message: str, at: At, by: By) -> Draft:
    """Return that the operator has read a message; two who press at once have read it once."""
    body = MessageRead(message)
    return Draft(SOURCE, f"read:{message}", Kind.MESSAGE_READ, at, by, None, None, body, ())


def end_reservation(
    request: EndReservationRequest, row: NoticeRow, stamp: Stamp
) -> Draft | Refusal:
    """Return that what was kept is on the shelf again."""
    if request.outcome not in (COLLECTED, CANCELLED):
        why = f"{request.outcome!r} is no outcome: {COLLECTED}, {CANCELLED}"
        return Refusal("not_allowed", why)
    body, postings = _ended(reservation_of(row), request.outcome)
    kind, source, name = Kind.RESERVATION_ENDED, stamp.source, stamp.id
    return Draft(source, name, kind, stamp.at, stamp.by, stamp.pack, None, body, postings)


def lapsed(rows: Iterable[NoticeRow], at: At, now: datetime) -> list[Draft]:
    """Return what ends the reservations that nobody came for."""
    drafts = []
    for row in rows:
        kept = reservation_of(row)
        if kept.until and datetime.fromisoformat(kept.until) <= now:
            body, postings = _ended(kept, LAPSED)
            name, kind = f"reservation:{kept.id}", Kind.RESERVATION_ENDED
            drafts.append(Draft(SOURCE_BOX, name, kind, at, BY_BOX, None, None, body, postings))
    return drafts


def _ended(kept: Reservation, outcome: str) -> tuple[ReservationEnded, tuple[Posting, ...]]:
    return ReservationEnded(kept.id, outcome), reserved(kept, back=True)
