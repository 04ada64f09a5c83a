"""Papers for the mall's till: a bill of a member, and a day with a slip that nobody brought."""

from collections.abc import Callable

from daemon.display.facts import MallDayFacts, MemberOnPaper, ShopFacts
from daemon.display.mall import mall_bill_slip, mall_day_slip
from daemon.ledger.bodies import DayClosed, DayTotals, MallBilled, Sale
from daemon.ledger.kinds import Kind
from daemon.ledger.records import Entry
from daemon.ledger.views import MallBill
from daemon.paper import Paper

BILLS = (
    MallBill("0018.1:431", "2026-03-06", 22790, "paid", "M-20260306-0093", "0018.1:433"),
    MallBill("0018.1:440", "2026-03-06", 6800, "paid", "7788", "0018.1:441"),
    MallBill("0018.1:450", "2026-03-06", 12000, "open", "", ""),
)


def documents(
    entry: Callable[..., Entry], sale: Sale, member: MemberOnPaper, shop: ShopFacts, columns: int
) -> dict[str, Paper]:
    bill = entry(MallBilled(sale), kind=Kind.MALL_BILLED, seq=431)
    closed = entry(DayClosed("2026-03-06", DayTotals()), kind=Kind.DAY_CLOSED, seq=460)
    facts = MallDayFacts("2026-03-06", BILLS)
    return {
        "mall-bill": mall_bill_slip(bill, member, shop, columns),
        "mall-day": mall_day_slip(closed, facts, shop, columns),
    }
