"""`/3` with a receipt of another shop: refused until headquarters has told the sale, then taken."""

import msgspec

from daemon.counter.screens import RefusalShown, Step
from daemon.ledger import accounts
from daemon.ledger.bodies import Exchange, Returned, Tender
from daemon.ledger.kinds import Unit
from daemon.ledger.signed import receipt_code
from daemon.ledger.views import Durable
from tests.counter.clerk import Clerk
from tests.counter.test_day import CLEANSER, CREAM
from tests.counter.test_shift import body, sold


def elsewhere() -> tuple[Durable, str]:
    """Return a sale of another shop, paid with WeChat, and the code on its receipt."""
    clerk = Clerk()
    clerk.shop.seq = 76
    sold(clerk, CREAM, CLEANSER, tender="*2")
    done = clerk.shop.journal[-1]
    entry = msgspec.structs.replace(done.entry, box="0019")
    return Durable(entry, done.hash), receipt_code(entry, done.hash, bytes(32))


def told(clerk: Clerk, sale: Durable, *, brought: bool = True) -> None:
    clerk.shop.journal.insert(0, sale)
    for n in (1, 2):
        lot = f"0019.1:77:{n}"
        clerk.shop.balance[accounts.returnable(lot), Unit.RETURNABLE, lot] = int(brought)


def test_offline_it_is_refused_and_says_what_to_do() -> None:
    clerk, (_, code) = Clerk(), elsewhere()
    clerk.keys("/3")
    clerk.scans(code)
    assert clerk.sees(RefusalShown).code == "E41"
    clerk.keys("CLEAR CLEAR CLEAR")
    assert not clerk.shop.journal


def test_told_but_held_by_somebody_else_is_refused_too() -> None:
    clerk, (sale, code) = Clerk(), elsewhere()
    told(clerk, sale, brought=False)
    clerk.keys("/3")
    clerk.scans(code)
    assert clerk.sees(RefusalShown).code == "E41"


def test_told_and_brought_it_comes_back_in_cash() -> None:
    clerk, (sale, code) = Clerk(), elsewhere()
    told(clerk, sale)
    clerk.keys("/3")
    clerk.scans(code)
    assert [row.fen for row in clerk.sees(Step).rows] == [12000, 6800]
    clerk.keys("2 ENTER ENTER 1")
    back = body(clerk)
    assert isinstance(back, Returned)
    assert (back.tenders, back.commission) == ((Tender("cash", 6800),), ())
    assert clerk.shop.journal[-1].entry.re == "0019.1:77"
    clerk.keys("CLEAR CLEAR /3")
    clerk.scans(code)
    clerk.keys("2 ENTER")
    assert clerk.sees(RefusalShown).code == "E14"


def test_and_is_exchanged_like_our_own() -> None:
    clerk, (sale, code) = Clerk(), elsewhere()
    told(clerk, sale)
    clerk.keys("/3 3")
    clerk.scans(code)
    clerk.keys("2 ENTER ENTER 1")
    clerk.scans(CREAM)
    clerk.keys("ENTER ENTER")
    swap = body(clerk)
    assert isinstance(swap, Exchange)
    assert swap.tenders == (Tender("cash", 5200, 5200),)
