"""Worked entries by which a shop answers what headquarters asks of it, or does without its answer;
worked.py tells the day."""

import msgspec

from daemon.ledger import accounts
from daemon.ledger.acts.booked import book
from daemon.ledger.acts.moves import Moves, Request
from daemon.ledger.acts.shares import largest_remainder
from daemon.ledger.bodies import Advance, Sale, SaleLine, Taken, Tender
from daemon.ledger.codec import down_message
from daemon.ledger.ids import id_of
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.lots import take
from daemon.ledger.messages import GrantedLot, HoldingGranted, Please, PleasePart, Restore
from daemon.ledger.requests import CONFIRM, DENY, Hand, answer
from daemon.ledger.views import Durable
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
    """Pay a toy of 10.00 with points, some of them lent, as the counter's sale does; return
    the entry."""
    known = till.facts.member(member)
    held = take(known.purse(Unit.POINT), points - advance)
    parts = [("", advance, 2), *((lot.lot, part, 0) for lot, part in held)]
    worths = largest_remainder(1000, [part for _, part, _ in parts])
    taken = [
        Taken("points", Unit.POINT, lot, part, worth_fen=worth, n=n)
        for (lot, part, n), worth in zip(parts, worths, strict=True)
    ]
    sale = Sale(
        lines=(SaleLine(1, "TOY", "TOY", 1, 1000, 1000, "regular"),),
        tenders=(Tender("points", 1000),),
        list_fen=1000,
        bill_fen=1000,
        rounding_fen=0,
        pay_fen=1000,
        member=member,
        spent=tuple(taken),
        advance=Advance(2, 3, advance),
    )
    moves = Moves(till.facts.balance)
    settled = book(moves, sale, known)
    assert not settled, "it earned nothing"
    stamp = till.facts.stamp(Request(id=f"lent-{points}", source="t"))
    done = till.store.commit(moves.draft(stamp, Kind.SALE, sale))
    assert isinstance(done, Durable), done
    return id_of(done.entry)
