"""Where a sale goes in the books: its body in, its postings out. Pure.

Whoever makes the body (the counter from what the rules settled, or an entry that waited for the
mall's till) books it here, so that the same sale always moves the same.
"""

import msgspec

from daemon.ledger import accounts
from daemon.ledger.acts.claims import lend, settle
from daemon.ledger.acts.moves import OF_LOTS, Member, Moves, purse
from daemon.ledger.acts.selling import owe_commission, pay_with, sold
from daemon.ledger.bodies import Sale, Settled
from daemon.ledger.kinds import Unit


def book(moves: Moves, sale: Sale, member: Member | None) -> tuple[Settled, ...]:
    """Gather what the sale moves; return which claims it settled."""
    moves.pay([tender for tender in sale.tenders if tender.code not in OF_LOTS])
    moves.move(accounts.ROUNDING_CASH, Unit.FEN, sale.rounding_fen)
    moves.move(accounts.SALES_GOODS, Unit.FEN, -sale.bill_fen)
    sold(moves, sale.lines)
    claims: tuple[Settled, ...] = ()
    if member is not None:
        claims = _granted(moves, sale, member)
        if sale.advance is not None:
            lend(moves, member.id, sale.advance)
        for one in sale.spent:
            own = msgspec.structs.replace(one, lot=f"#{one.n}", n=0) if one.n else one
            pay_with(moves, member.id, own)
    for gift in sale.gifts:
        moves.pieces(gift.sku, gift.qty, accounts.given(gift.sku))
    owe_commission(moves, sale.commission)
    return claims


def _granted(moves: Moves, sale: Sale, member: Member) -> tuple[Settled, ...]:
    """The member gets what the sale earned, less what he owes back; points may lie frozen."""
    moves.grow(member.id, sale.growth)
    claims: list[Settled] = []
    for lot in sale.lots:
        amount, mark = lot.amount or sale.points, f"#{lot.n}"
        moves.grant(member.id, lot.unit, amount, lot.n)
        if lot.unit == Unit.POINT and sale.frozen:
            account = purse(member.id, lot.unit)
            moves.take(account, lot.unit, amount, mark, to=accounts.frozen(member.id))
        elif lot.unit in (Unit.POINT, Unit.REWARD):
            claims += settle(moves, member, lot.unit, [(mark, amount)])
    return tuple(claims)
