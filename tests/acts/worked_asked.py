"""Worked entries by which a shop answers what headquarters asks of it; worked.py tells the day."""

import msgspec

from daemon.ledger import accounts
from daemon.ledger.bodies import Taken
from daemon.ledger.codec import down_message
from daemon.ledger.kinds import Unit
from daemon.ledger.messages import GrantedLot, HoldingGranted, Please, PleasePart, Restore
from daemon.ledger.requests import CONFIRM, DENY, Hand, answer
from daemon.ledger.views import Durable
from tests.acts.till import Till, line
from tests.ledger.shop import message


def hand_of(till: Till) -> Hand:
    """Return what the shop answers requests from; it is nobody's home."""
    return Hand(till.store.books.lots, till.facts.balance, lambda _: 0)


def judged(till: Till) -> None:
    """Headquarters looks at what two new members were given: one was a member before."""
    waiting = accounts.pending("M3")
    lots = [
        GrantedLot(f"0018.1:14:{n}", waiting, Unit.POINT, 100, "2026-03-06T10:00:00+08:00", "join")
        for n in (2, 3)
    ]
    till.down("holding.granted", HoldingGranted("M3", tuple(lots)))
    for n, kind, why in ((2, CONFIRM, ""), (3, DENY, "joined before: 0019.1:77")):
        part = PleasePart(waiting, Unit.POINT, 100, (f"0018.1:14:{n}",))
        asked = Please("M3", (part,), why)
        told = down_message(message(kind, asked, n=500 + n))
        draft = answer(till.facts.at(), told, asked, hand_of(till))
        assert isinstance(till.store.commit(draft), Durable)


def given_back(till: Till) -> None:
    """Another shop has taken goods back that points had paid here."""
    sale = till.done(
        "sale",
        member="M3",
        lines=[line(1, "TOY", 1000)],
        tenders=[],
        points_used=20,
        points_worth_fen=1000,
    )
    parts = msgspec.convert(till.body(sale)["spent"], tuple[Taken, ...])
    asked = Restore("M3", sale, "0019.1:81", parts)
    told = down_message(message("please.restore", asked, n=510))
    draft = answer(till.facts.at(), told, asked, hand_of(till))
    assert isinstance(till.store.commit(draft), Durable)
