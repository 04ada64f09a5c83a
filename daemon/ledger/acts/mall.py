"""The mall's own till (商场收银): a bill with frozen prices waits, is paid, or lapses. Pure.

Nothing moves until the mall has taken the money: what the bill says is then booked as it stood,
under the pack of its day, and the money is due from the mall.
"""

import msgspec

from daemon.ledger.acts.booked import book
from daemon.ledger.acts.moves import Member, Moves, Refusal, Stamp
from daemon.ledger.bodies import MallBilled, MallLapsed
from daemon.ledger.ids import id_of
from daemon.ledger.kinds import Kind
from daemon.ledger.posting import Balance
from daemon.ledger.records import At, By, Draft, Entry

CODE = "mall"  # the tender
SLIP_DIGITS_MAX = 20
SOURCE = "keypad"  # with the bill as its id: a bill is paid once

_BY_BOX = By("box", "system")


def paid(
    bill: Entry, slip: str, member: Member | None, balance: Balance, stamp: Stamp
) -> Draft | Refusal:
    """Return the sale of a bill that the mall's till has taken the money of."""
    body = bill.body
    if not isinstance(body, MallBilled):
        return Refusal("not_allowed", f"{id_of(bill)} is no bill for the mall's till")
    sale = body.sale
    tenders = tuple(
        msgspec.structs.replace(one, reference=slip) if one.code == CODE else one
        for one in sale.tenders
    )
    sale = msgspec.structs.replace(sale, tenders=tenders)
    moves = Moves(balance, lots_from=len(sale.lines) + 1)
    settled = book(moves, sale, member)
    sale = msgspec.structs.replace(sale, settled=settled)
    name, moved = id_of(bill), moves.postings()
    return Draft(
        SOURCE, f"mall:{name}", Kind.SALE, stamp.at, stamp.by, bill.pack, name, sale, moved
    )


def lapsed(bill: str, at: At) -> Draft:
    """Return the end of a bill that nobody paid by the close of its day."""
    return Draft(
        SOURCE,
        f"mall-lapsed:{bill}",
        Kind.MALL_LAPSED,
        at,
        _BY_BOX,
        None,
        bill,
        MallLapsed(bill),
        (),
    )
