"""Worked entries by which a shop answers what headquarters asks of it, or does without its answer;
worked.py tells the day."""

import msgspec

from daemon.ledger import accounts
from daemon.ledger.bodies import Taken
from daemon.ledger.codec import down_message
from daemon.ledger.ids import id_of
from daemon.ledger.kinds import Unit
from daemon.ledger.messages import GrantedLot, HoldingGranted, Please, PleasePart, Restore
from daemon.ledger.requests import CONFIRM, DENY, Hand, answer
from daemon.ledger.views import Durable
from tests.acts.lending import lent_sale
from tests.acts.till import Till, line
from tests.ledger.shop import message


def hand_of(till: Till) -> Hand:
    """Return what the shop answers requests from; it is nobody's home, and no card has a cap."""
    return Hand(till.store.books.lots, till.facts.balance, lambda _: 0, lambda *_: ())


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


def lent(till: Till) -> None:
    """Headquarters does not answer: points above the holding are lent."""
    had = till.points("M3")
    lend(till, "M3", had + 20, advance=20)


def lend(till: Till, member: str, points: int, *, advance: int) -> str:
    """Pay a toy of 10.00 with points, some of them lent; return the entry."""
    held = points - advance
    done = till.store.commit(
        lent_sale(till.facts, f"lent-{points}", member, held=held, lent=advance)
    )
    assert isinstance(done, Durable), done
    return id_of(done.entry)
