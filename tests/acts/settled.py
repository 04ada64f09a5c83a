"""A till whose sales and top-ups are settled by a pack, as the counter writes them, and what the
box writes down by itself after them.
"""

import asyncio
from concurrent.futures import Future
from datetime import datetime
from pathlib import Path
from typing import cast

from daemon.actfacts import Facts
from daemon.counter.entries import Joining, Stamp, enrolment_draft
from daemon.counter.screens import MemberShown
from daemon.counter.shop import Known
from daemon.counter.sold import Buyer, sale_draft
from daemon.desk import Desk
from daemon.ledger.bodies import Guide, Profile, Sale
from daemon.ledger.ids import id_of
from daemon.ledger.messages import Product, Products
from daemon.ledger.records import Draft, Entry, PackRef
from daemon.ledger.store import Store
from daemon.ledger.views import Durable, Outcome
from daemon.moments import Moments
from daemon.rules.caseanswer import TENDERS
from daemon.rules.document import read
from daemon.rules.engine import Engine, compile_pack
from daemon.rules.joining import Receipt
from daemon.rules.tenders import Paid
from daemon.rules.types import (
    Basket,
    BasketLine,
    EnrolmentOffer,
    KeyedTender,
    MemberFacts,
    Settlement,
)
from tests.acts.till import Till
from tests.rules.shop import changed

BLANK = "8800000001015"


class Sure:
    """A store whose submitted drafts are durable at once."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def __getattr__(self, name: str) -> object:
        return getattr(self._store, name)

    def submit(self, draft: Draft) -> Future[Outcome]:
        done: Future[Outcome] = Future()
        done.set_result(self._store.commit(draft))
        return done


class Shop:
    """What Moments asks of a desk, and a clerk's hands."""

    def __init__(self, folder: Path, **sections: object) -> None:
        self.till = Till(folder)
        self.rules = engine_of(**sections)
        self.moments = self._fresh()
        self.is_deaf = False  # the power goes right after an entry
        self._n = 0

    def _fresh(self) -> Moments:
        desk = cast("Desk", self)
        store = cast("Store", Sure(self.till.store))
        return Moments(store, desk, self.till.clock, closing_hour=4)

    def again(self) -> None:
        """Stop and start: what waited in memory is gone."""
        self.till.again()
        self.is_deaf = False
        self.moments = self._fresh()

    # -- as a desk -----------------------------------------------------------------------------

    def engine(self) -> Engine:
        return self.rules

    def engine_of(self, ref: PackRef | None) -> Engine | None:
        return self.rules

    def books(self) -> Facts:
        return self.till.facts

    def facts_of(self, member: str) -> MemberFacts | None:
        row = self.till.facts.row(member)
        if row is None:
            return None
        return MemberFacts(
            row.id,
            row.card,
            row.kind,
            row.status,
            datetime.fromisoformat(row.joined),
            None,
            row.level,
            row.staff,
            tags=row.tags,
            benefits=row.benefits,
            broker=row.broker,
        )

    # -- as a clerk ----------------------------------------------------------------------------

    def joins(self, *bought: Entry) -> str:
        """Somebody joins here by a gift, or by what he bought; return the member."""
        engine, at = self.rules, self.till.clock.wall
        channel, counted = (
            ("purchase", _measured(engine, bought, at)) if bought else ("grant", None)
        )
        offer = engine.offer(channel, counted=counted, at=at)
        assert isinstance(offer, EnrolmentOffer), offer
        sales = tuple(id_of(one) for one in bought)
        joining = Joining(BLANK, offer, Profile("c", "n"), marketing=False, sales=sales)
        draft = enrolment_draft(
            joining, Paid((), 0, 0), self._stamp(), in_stock=lambda _: 9, serial=True
        )
        return id_of(self._commit(draft))

    def sells(self, *lines: BasketLine, member: str = "") -> Entry:
        facts = self.facts_of(member) if member else None
        at = self.till.clock.wall
        quote = self.rules.quote(Basket(lines, facts, at, "02"))
        settled = self.rules.settle(quote, [KeyedTender("wechat", None)], TENDERS)
        assert isinstance(settled, Settlement), settled
        buyer = None
        if facts is not None:
            lots = self.till.store.purses.of(member)
            shown = MemberShown("王**", "0018", facts.level, None)
            buyer = Buyer(Known(facts, shown), lots, at)
        return self._commit(sale_draft(settled, buyer, self._stamp()))

    def takes_back(self, sale: Entry, qty: int, kind: str = "return") -> None:
        """Pieces of the first line come back."""
        before = self.till.store.head.seq
        back = {} if kind == "sale.voided" else {"lines": [{"n": 1, "qty": qty}]}
        self.till.done(kind, sale=id_of(sale), **back)
        self._after(before)

    def fetches(self, member: str, lot: str) -> None:
        """A member takes what waits for him."""
        before = self.till.store.head.seq
        self.till.done("entitlement.handed_over", member=member, lot=lot)
        self._after(before)

    def lists(self, *products: Product) -> None:
        """Headquarters sends products."""
        before = self.till.store.head.seq
        self.till.down("products", Products(products))
        self._after(before)

    def beats(self) -> None:
        """What the box looks for every few minutes."""
        before = self.till.store.head.seq
        asyncio.run(self.moments.lapse())
        self._after(before)

    def entries(self, kind: str) -> list[Entry]:
        found = self.till.facts.find(lambda entry: entry.kind.value == kind, most=99)
        return list(reversed(found))

    def level(self, member: str) -> str:
        row = self.till.facts.row(member)
        assert row is not None, member
        return row.level

    def _commit(self, draft: Draft) -> Entry:
        before = self.till.store.head.seq
        outcome = self.till.store.commit(draft)
        assert isinstance(outcome, Durable), outcome
        self._after(before)
        return outcome.entry

    def _after(self, before: int) -> None:
        """Tell of every entry since, until nothing more follows."""
        while not self.is_deaf and self.till.store.head.seq > before:
            before += 1
            entry = self.till.facts.entry(f"{self.till.store.chain}:{before}")
            assert entry is not None, before
            self.moments.after(Durable(entry, ""))

    def _stamp(self) -> Stamp:
        self._n += 1
        facts = self.till.facts
        return Stamp(f"s{self._n}", facts.at(), facts.by(), self.rules.ref, (Guide("02", 10_000),))


def engine_of(**sections: object) -> Engine:
    opened = read(changed(**{"rounding": {"cash": None}, **sections}))
    return compile_pack(opened.pack, opened.ref)


def body_of(entry: Entry) -> Sale:
    assert isinstance(entry.body, Sale), entry.kind
    return entry.body


def _measured(engine: Engine, bought: tuple[Entry, ...], at: datetime) -> int | None:
    measure = engine.joins.measure
    assert measure is not None, "nobody joins by a purchase"
    receipts = []
    for entry in bought:
        assert isinstance(entry.body, Sale), "only sales let in"
        lines = tuple((one, None) for one in entry.body.lines)
        receipts.append(Receipt(entry.body.pay_fen, lines, at))
    return measure(receipts, at)
