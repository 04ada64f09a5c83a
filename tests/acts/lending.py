"""A sale that points pay which are not all here: the rest is lent, as at the counter."""

from daemon.actfacts import Facts
from daemon.ledger import accounts
from daemon.ledger.acts.booked import book
from daemon.ledger.acts.moves import Moves, Request
from daemon.ledger.acts.shares import largest_remainder
from daemon.ledger.bodies import Advance, Sale, SaleLine, Taken, Tender
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.lots import available, take
from daemon.ledger.records import Draft

WORTH_FEN = 1000


def lent_sale(facts: Facts, name: str, member: str, *, held: int, lent: int) -> Draft:
    """Return a sale of one toy of 10.00, paid by so many points that lie here and so many lent."""
    known = facts.member(member)
    lots = available(known.of(accounts.points(member), Unit.POINT), facts.now())
    parts = [("", lent, 2), *((lot.lot, part, 0) for lot, part in take(lots, held))]
    worths = largest_remainder(WORTH_FEN, [part for _, part, _ in parts])
    taken = [
        Taken("points", Unit.POINT, lot, part, worth_fen=worth, n=n)
        for (lot, part, n), worth in zip(parts, worths, strict=True)
    ]
    sale = Sale(
        lines=(SaleLine(1, "TOY", "TOY", 1, WORTH_FEN, WORTH_FEN, "regular"),),
        tenders=(Tender("points", WORTH_FEN),),
        list_fen=WORTH_FEN,
        bill_fen=WORTH_FEN,
        rounding_fen=0,
        pay_fen=WORTH_FEN,
        member=member,
        spent=tuple(taken),
        advance=Advance(2, 3, lent),
    )
    moves = Moves(facts.balance)
    settled = book(moves, sale, known)
    assert not settled, "it earned nothing"
    return moves.draft(facts.stamp(Request(id=name, source="t")), Kind.SALE, sale)
