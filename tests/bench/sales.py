"""Sales as the counter makes them, for the rows that write: any number of lines, rules applied."""

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from itertools import count

from daemon.clock import ClockState
from daemon.counter.entries import Stamp
from daemon.counter.screens import MemberShown
from daemon.counter.shop import Known
from daemon.counter.sold import Buyer, sale_draft
from daemon.ledger.bodies import Guide
from daemon.ledger.messages import Product
from daemon.ledger.records import At, By, Draft
from daemon.rules.document import read
from daemon.rules.engine import compile_pack
from daemon.rules.types import Basket, BasketLine, KeyedTender, MemberFacts, Settlement
from tests.stage import ROOT

WALL = datetime(2026, 3, 6, 10, 40, tzinfo=timezone(timedelta(hours=8)))
GOODS = tuple(
    Product(
        sku=f"ZZ-{n:03}",
        name=f"水漾保湿柔肤水 {n}",
        short=f"保湿柔肤水{n}",
        price_fen=6800 + 100 * n,
        barcode=f"69012341{n:05}",
        member_price_fen=6000 if n % 3 == 0 else None,
    )
    for n in range(1, 21)
)


class Cash:
    """A row of a tender table."""

    code = "cash"
    change = True


class Till:
    """An endless supply of sales of `lines` lines to one of a thousand members."""

    def __init__(self, lines: int, tag: str) -> None:
        opened = read((ROOT / "config/packs/zhenzi.json").read_text())
        self._engine = compile_pack(opened.pack, opened.ref)
        self._lines = lines
        self._tag = tag

    def drafts(self) -> Iterator[Draft]:
        for n in count(1):
            yield self.draft(n)

    def draft(self, n: int) -> Draft:
        member = _member(n % 1000)
        at = At("boot", n * 1000, WALL.isoformat(), ClockState.SYNCED, "2026-03-06")
        lines = tuple(
            BasketLine(place, GOODS[(n + place) % len(GOODS)], 1)
            for place in range(1, self._lines + 1)
        )
        quote = self._engine.quote(Basket(lines, member.facts, WALL))
        settled = self._engine.settle(quote, [KeyedTender("cash", None)], [Cash()])
        assert isinstance(settled, Settlement), settled
        # like the keypad's ids: nothing about them can be foreseen, and none comes twice
        name = f"{hash((self._tag, n)) & (2**128 - 1):032x}{n:x}"[-32:]
        stamp = Stamp(name, at, By("02", "clerk"), self._engine.ref, (Guide("02", 10_000),))
        return sale_draft(settled, Buyer(member, (), WALL), stamp)


def _member(n: int) -> Known:
    facts = MemberFacts(
        id=f"0018.1:{n + 10}",
        card=f"88000000{n:05}",
        kind="registered",
        status="active",
        joined=WALL - timedelta(days=100),
        term_ends=WALL + timedelta(days=265),
    )
    return Known(facts, MemberShown("王**", facts.card[-4:], "", 0))
