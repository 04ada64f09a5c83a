"""The rule engine: a pack compiled to closures. Pure: the same question has the same answer.

Engine holds no model of the pack. What it is asked: quote (price a basket), due and settle (take
the money), undo (what a return takes back), offer (let a member in), expiring (what lapses next),
gifts (what points buy).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cache
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from daemon.ledger.bodies import NewLot, Tender
from daemon.ledger.kinds import Unit
from daemon.ledger.records import PackRef
from daemon.ledger.views import LotRow
from daemon.rules.enrolment import Joining, Joins, compile_joins
from daemon.rules.expiry import Expiring, Lapsing, compile_expiry, expiring
from daemon.rules.giving import GiftTable, compile_gift_table
from daemon.rules.sale_rules import SaleRules, compile_sale
from daemon.rules.settled import ROUNDING_RULE, SOURCE_SALE
from daemon.rules.tenders import Paid, pay
from daemon.rules.types import (
    EMPTY,
    NO_SPEND,
    Basket,
    EnrolmentOffer,
    KeyedTender,
    Quote,
    Refusal,
    Settlement,
    Spend,
    TenderRow,
    Wallet,
)

if TYPE_CHECKING:
    from daemon.rules.account import AccountRules
    from daemon.rules.house import House
    from daemon.rules.models import Pack

__all__ = ["NO_PACK", "ROUNDING_RULE", "SOURCE_SALE", "Engine", "compile_pack", "without_pack"]


class Engine(msgspec.Struct, frozen=True):
    """A compiled pack. `ref` None: no pack is active, and only money changes hands."""

    ref: PackRef | None
    title: str
    joins: Joins
    sale: SaleRules
    lapsing: Lapsing
    gifts: GiftTable
    leveled: bool  # the pack has levels
    pays_out: bool  # money rewards become vouchers
    entitles: bool  # rights open by themselves
    account: Callable[[], AccountRules]  # compiled when it is first asked: few flows do
    house: Callable[[], House]  # likewise

    def quote(self, basket: Basket) -> Quote:
        """Return the basket priced. Every product in it has a price, or its line an amount."""
        return self.sale.quote(basket)

    def due(self, quote: Quote, taken: Sequence[Tender | KeyedTender], code: str) -> int:
        """Return what closes the sale if the rest is paid with this tender."""
        return self.due_of(quote.bill_fen, taken, code)

    def due_of(self, amount_fen: int, taken: Sequence[Tender | KeyedTender], code: str) -> int:
        """Return what closes an amount (a fee) if the rest is paid with this tender."""
        return self.sale.cash_due(amount_fen - sum(one.amount_fen or 0 for one in taken), code)

    def pay(
        self, amount_fen: int, keyed: Sequence[KeyedTender], table: Sequence[TenderRow]
    ) -> Paid | Refusal:
        """Return an amount (a fee) paid by the keyed tenders, or why it is not."""
        return pay(amount_fen, keyed, table=table, due=self.sale.cash_due)

    def settle(
        self,
        quote: Quote,
        keyed: Sequence[KeyedTender],
        table: Sequence[TenderRow],
        spend: Spend = NO_SPEND,
        wallet: Wallet = EMPTY,
    ) -> Settlement | Refusal:
        """Return what the sale's entry will say, or why it does not go through."""
        settled = self.sale.settle(quote, keyed, table, spend, wallet)
        if isinstance(settled, Refusal) or not settled.lots:
            return settled
        member = quote.basket.member
        ends = self.lot_ends(quote.basket.at, None if member is None else member.joined)
        return settled if ends is None else replace(settled, lots=_dated(settled.lots, ends))

    def offer(
        self, channel: str, *, counted: int | None, at: datetime, level: str = ""
    ) -> EnrolmentOffer | Refusal:
        """Return what joining by this channel costs and gives, or why it is refused.

        `counted`: what the channel measures of a purchase (joins.measure) or top-up.
        """
        return self.joined(Joining(channel, counted, at, level))

    def joined(self, joining: Joining) -> EnrolmentOffer | Refusal:
        """Return the same of somebody who may have joined before."""
        at, offer = joining.at, self.joins.offering(joining)
        if isinstance(offer, Refusal) or not offer.lots:
            return offer
        ends = self.lot_ends(at, offer.joined)
        return offer if ends is None else replace(offer, lots=_dated(offer.lots, ends))

    def lot_ends(self, granted: datetime, joined: datetime | None) -> str | None:
        """Return when points granted then lapse by themselves; None: never, or by a check."""
        ends = self.lapsing.of_lot(granted, joined)
        return None if ends is None else ends.isoformat()

    def expiring(self, lots: Sequence[LotRow], joined: datetime | None, at: datetime) -> Expiring:
        """Return (date, points) of what lapses when, the next first; () if nothing will."""
        return expiring(lots, self.lapsing, joined=joined, at=at)


def _dated(lots: tuple[NewLot, ...], ends: str) -> tuple[NewLot, ...]:
    return tuple(
        msgspec.structs.replace(lot, expires=ends)
        if lot.unit == Unit.POINT and lot.expires is None
        else lot
        for lot in lots
    )


def compile_pack(pack: Pack, ref: PackRef) -> Engine:
    """Return the pack as closures. `ref` names it in every entry (document.py makes it)."""
    return Engine(
        ref=ref,
        title=pack.title,
        joins=compile_joins(pack.enrol, pack.levels, pack.coupons),
        sale=compile_sale(pack),
        lapsing=compile_expiry(pack.expiry),
        gifts=compile_gift_table(pack.gifts),
        leveled=pack.levels is not None,
        pays_out=pack.expiry.kind == "payout",
        entitles=bool(pack.entitlements),
        account=cache(lambda: _account(pack)),
        house=cache(lambda: _house(pack)),
    )


def _account(pack: Pack | None) -> AccountRules:
    from daemon.rules.account import compile_account  # most days nobody tops up

    return compile_account(pack)


def _house(pack: Pack | None) -> House:
    from daemon.rules.house import compile_house

    return compile_house(pack)


def without_pack() -> Engine:
    """Return the engine of a box that has no pack: list prices, no members, no rounding."""
    return Engine(
        ref=None,
        title="",
        joins=compile_joins(None),
        sale=compile_sale(None),
        lapsing=compile_expiry(None),
        gifts=compile_gift_table(()),
        leveled=False,
        pays_out=False,
        entitles=False,
        account=cache(lambda: _account(None)),
        house=cache(lambda: _house(None)),
    )


NO_PACK = without_pack()
