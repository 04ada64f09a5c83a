"""The rule engine: a pack compiled to closures. Pure: the same question has the same answer.

Engine holds no model of the pack. What it is asked: quote (price a basket), due and settle (take
the money), offer (let a member in), expiring (what lapses next). Return, top-up, redemption,
levels and the time events are not evaluated by this version.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from types import MappingProxyType

from daemon.ledger.bodies import Applied, NewLot, SaleLine, Tender
from daemon.ledger.kinds import Unit
from daemon.ledger.records import PackRef
from daemon.ledger.views import LotRow
from daemon.rules.earning import Earning, compile_earning, points_by_line
from daemon.rules.enrolment import Offering, compile_enrolment
from daemon.rules.expiry import Expiring, Lapsing, compile_expiry, expiring
from daemon.rules.models import Pack
from daemon.rules.pricing import Pricing, compile_pricing
from daemon.rules.tenders import Due, Paid, compile_due, pay
from daemon.rules.types import (
    VISITOR,
    Basket,
    EnrolmentOffer,
    KeyedTender,
    MemberFacts,
    Notice,
    Quote,
    Refusal,
    Settlement,
    TenderRow,
)
from daemon.rules.vocabulary import Mode

SOURCE_SALE = "sale"
ROUNDING_RULE = "cash"  # the id under which a trace names cash rounding


@dataclass(frozen=True, slots=True)
class Standing:
    """What a member may do at this instant, and what is to be said about it."""

    member_prices: bool
    earns: bool
    notices: tuple[Notice, ...] = ()


_NOBODY = Standing(member_prices=False, earns=False)
_FULL = Standing(member_prices=True, earns=True)
_BLOCKED = MappingProxyType({"lost": "E03", "frozen": "E04", "closed": "E04"})


@dataclass(frozen=True, slots=True)
class Engine:
    """A compiled pack. `ref` None: no pack is active, and only money changes hands."""

    ref: PackRef | None
    title: str
    required: tuple[str, ...]  # what the counter must ask a new member
    channels: tuple[str, ...]
    receipt_lines: tuple[str, ...]
    display_fields: tuple[str, ...]
    unlisted_earns: bool
    lapsed: Standing
    price: Pricing
    earn: Earning
    cash_due: Due
    offering: Offering
    lapsing: Lapsing

    def quote(self, basket: Basket) -> Quote:
        """Return the basket priced. Every product in it has a price, or its line an amount."""
        standing = self._standing(basket.member, basket.at)
        priced = self.price(basket.lines, standing.member_prices)
        lines = priced.lines
        bill_fen = sum([line.paid_fen for line in lines])
        points, applied = 0, tuple(priced.applied)
        if standing.earns:
            earned = self.earn(lines, bill_fen, (), self._silent(basket))
            points, applied = earned.points, applied + earned.applied
        return Quote(
            basket,
            lines,
            sum([line.list_fen for line in lines]),
            bill_fen,
            points,
            0,
            applied,
            (*standing.notices, *priced.notices),
        )

    def due(self, quote: Quote, taken: Sequence[Tender | KeyedTender], code: str) -> int:
        """Return what closes the sale if the rest is paid with this tender."""
        return self.due_of(quote.bill_fen, taken, code)

    def due_of(self, amount_fen: int, taken: Sequence[Tender | KeyedTender], code: str) -> int:
        """Return what closes an amount (a fee) if the rest is paid with this tender."""
        return self.cash_due(amount_fen - sum(tender.amount_fen or 0 for tender in taken), code)

    def pay(
        self, amount_fen: int, keyed: Sequence[KeyedTender], table: Sequence[TenderRow]
    ) -> Paid | Refusal:
        """Return an amount (a fee) paid by the keyed tenders, or why it is not."""
        return pay(amount_fen, keyed, table=table, due=self.cash_due)

    def settle(
        self, quote: Quote, keyed: Sequence[KeyedTender], table: Sequence[TenderRow]
    ) -> Settlement | Refusal:
        """Return what the sale's entry will say, or why the money does not close it."""
        paid = self.pay(quote.bill_fen, keyed, table)
        if isinstance(paid, Refusal):
            return paid
        basket, lines = quote.basket, quote.lines
        applied = tuple([one for one in quote.applied if one.what != "points"])
        points, by_line = 0, [0] * len(lines)
        if self._standing(basket.member, basket.at).earns:
            money = [(tender.code, tender.amount_fen) for tender in paid.tenders]
            earned = self.earn(lines, quote.bill_fen, money, self._silent(basket))
            points, by_line = earned.points, points_by_line(earned, lines)
            applied += earned.applied
        if paid.rounding_fen:
            applied += (Applied(ROUNDING_RULE, "rounding", quote.bill_fen, paid.pay_fen),)
        return Settlement(
            quote,
            tuple(
                [
                    SaleLine(
                        n,
                        line.product.sku,
                        line.product.short or line.product.name,
                        line.qty,
                        line.list_fen,
                        line.paid_fen,
                        line.cls,
                        by_line[n - 1],
                        line.rule,
                        line.code,
                    )
                    for n, line in enumerate(lines, start=1)
                ]
            ),
            paid.tenders,
            paid.rounding_fen,
            paid.pay_fen,
            points,
            0,
            applied,
            (NewLot(len(lines) + 1, Unit.POINT, SOURCE_SALE),) if points else (),
        )

    def offer(
        self, channel: str, *, sale_pay_fen: int | None, at: datetime
    ) -> EnrolmentOffer | Refusal:
        """Return what joining by this channel costs and gives, or why it is refused."""
        return self.offering(channel, sale_pay_fen, at)

    def expiring(self, lots: Sequence[LotRow], joined: datetime | None, at: datetime) -> Expiring:
        """Return (date, points) of what lapses when, the next first; () if nothing will."""
        return expiring(lots, self.lapsing, joined=joined, at=at)

    def _standing(self, member: MemberFacts | None, at: datetime) -> Standing:
        if self.ref is None or member is None:
            return _NOBODY
        blocked = _BLOCKED.get(member.status)
        if blocked is not None:
            return Standing(member_prices=False, earns=False, notices=(Notice(blocked, {}),))
        if member.term_ends is not None and at >= member.term_ends:
            told = Notice("E05", {"date": member.term_ends.date().isoformat()})
            return Standing(self.lapsed.member_prices, self.lapsed.earns, (told,))
        if member.kind == VISITOR:
            return Standing(member_prices=True, earns=True, notices=(Notice("E06", {}),))
        return _FULL

    def _silent(self, basket: Basket) -> frozenset[int]:
        """Return the numbers of the lines that earn nothing whatever their class."""
        if self.unlisted_earns:
            return frozenset()
        return frozenset(line.n for line in basket.lines if line.unlisted)


def compile_pack(pack: Pack, ref: PackRef) -> Engine:
    """Return the pack as closures. `ref` names it in every entry (document.py makes it)."""
    groups: dict[str, Mode] = dict(pack.groups)
    enrol = pack.enrol
    return Engine(
        ref=ref,
        title=pack.title,
        required=() if enrol is None else tuple(enrol.required),
        channels=() if enrol is None else tuple(channel.kind for channel in enrol.channels),
        receipt_lines=tuple(pack.shown.receipt),
        display_fields=tuple(pack.shown.on_swipe),
        unlisted_earns=pack.unlisted == "earn",
        lapsed=Standing(pack.lapsed.member_price, pack.lapsed.earn),
        price=compile_pricing(pack.prices, groups.__getitem__),
        earn=compile_earning(pack.earn, groups.__getitem__),
        cash_due=compile_due(pack.rounding.cash),
        offering=compile_enrolment(enrol),
        lapsing=compile_expiry(pack.expiry),
    )


def without_pack() -> Engine:
    """Return the engine of a box that has no pack: list prices, no members, no rounding."""
    return Engine(
        ref=None,
        title="",
        required=(),
        channels=(),
        receipt_lines=(),
        display_fields=(),
        unlisted_earns=False,
        lapsed=_NOBODY,
        price=compile_pricing((), lambda _: "best"),
        earn=compile_earning((), lambda _: "best"),
        cash_due=compile_due(None),
        offering=compile_enrolment(None),
        lapsing=compile_expiry(None),
    )


NO_PACK = without_pack()
