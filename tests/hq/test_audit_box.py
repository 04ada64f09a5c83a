"""A shop obeys a yearly check that headquarters has confirmed: its lots lapse, once."""

import pytest

from daemon.ledger.bodies import Moved
from daemon.ledger.codec import decode
from daemon.ledger.kinds import Kind
from daemon.ledger.messages import Please, PleasePart
from daemon.ledger.records import Posting
from tests.sync.test_inbox import Hq, Receiver

engine = "none"  # a shop's side: no database of headquarters is asked
DUE = "2026-12-15T00:00:00+08:00"


def earn(receiver: Receiver, account: str, points: int) -> str:
    """Let a member have points in this shop; return their lot."""
    moved = (
        Posting("@", account, "point", "#1", points),
        Posting("@", "issued:points", "point", "", -points),
    )
    receiver.ledger.sell(f"{account}-{receiver.ledger.head.seq}", moved)
    return f"0001.1:{receiver.ledger.head.seq}:1"


def lapses(receiver: Receiver) -> list[Moved]:
    entries = [decode(stored.data) for stored in receiver.ledger.entries]
    bodies = [entry.body for entry in entries if entry.kind is Kind.POINTS_LAPSED]
    return [body for body in bodies if isinstance(body, Moved)]


def test_the_lots_that_are_named_lapse_with_the_day_of_the_check() -> None:
    hq, receiver = Hq(), Receiver()
    old, kept = (earn(receiver, "points:M", points) for points in (520, 30))
    frozen = earn(receiver, "frozen:M", 7)
    parts = (
        PleasePart("points:M", "point", 600, (old,)),
        PleasePart("frozen:M", "point", 7, (frozen,)),
    )
    message = hq.message("please.lapse", Please("M", parts, "积分核对 2026", due=DUE))
    receiver.take(message)
    receiver.take(message)
    (body,) = lapses(receiver)
    assert (body.member, body.amount, body.due, body.reason) == ("M", 527, DUE, "积分核对 2026")
    held = receiver.ledger.books.held
    assert held("points:M", "point", old) == held("frozen:M", "point", frozen) == 0
    assert held("points:M", "point", kept) == 30
    assert held("lapsed:point", "point", old) == 520
    assert receiver.applied == [(1, "")]


@pytest.mark.parametrize("due", ["", "2026-12-15", "soon"])
def test_a_lapse_without_its_time_is_refused_with_the_reason(due: str) -> None:
    hq, receiver = Hq(), Receiver()
    lot = earn(receiver, "points:M", 5)
    part = PleasePart("points:M", "point", 5, (lot,))
    receiver.take(hq.message("please.lapse", Please("M", (part,), due=due)))
    ((_, why),) = receiver.applied
    assert "due" in why and receiver.ledger.books.held("points:M", "point", lot) == 5


def test_what_is_no_lapse_has_no_time_of_one() -> None:
    hq, receiver = Hq(), Receiver()
    lot = earn(receiver, "points:M", 5)
    part = PleasePart("points:M", "point", 5, (lot,))
    receiver.take(hq.message("please.void", Please("M", (part,), due=DUE)))
    ((_, why),) = receiver.applied
    assert "due" in why and lapses(receiver) == []
