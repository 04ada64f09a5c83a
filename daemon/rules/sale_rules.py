"""The rules of a sale, compiled: prices, promos, coupons, points, tenders, earning, rewards.

The order is that of the specification; every stage sees what the earlier ones left. A pack without
a section has no stage for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from types import MappingProxyType
from typing import TYPE_CHECKING

import msgspec
from msgspec.structs import replace

from daemon.ledger.bodies import Tender
from daemon.rules import settled
from daemon.rules.desk_rules import STAFF, ByHand, compile_manual, guarded
from daemon.rules.earning import NOTHING, Earned, Earning, compile_earning
from daemon.rules.funding import Shares, compile_shares, hq_part_of
from daemon.rules.later import LATER
from daemon.rules.levels import Growing, compile_growth
from daemon.rules.occasions import Asking
from daemon.rules.price_rules import Fit, fits, fits_categories
from daemon.rules.pricing import Pricing, compile_pricing
from daemon.rules.promos import Promoting, compile_promos
from daemon.rules.rewards import (
    NO_REWARD,
    Rewarded,
    Rewarding,
    Sharing,
    compile_commissions,
    compile_rewards,
)
from daemon.rules.spending import (
    Blocks,
    Purchase,
    Spending,
    Spent,
    compile_blocks,
    compile_spending,
    total_of,
)
from daemon.rules.standings import NOBODY, Standing, standing_of
from daemon.rules.tenders import Due, compile_due, pay
from daemon.rules.types import (
    EMPTY,
    NO_SPEND,
    Basket,
    KeyedTender,
    MemberFacts,
    Quote,
    QuotedLine,
    Refusal,
    Settlement,
    Spend,
    TenderRow,
    Wallet,
)
from daemon.rules.watched import Near, choices, compile_near, watched

if TYPE_CHECKING:
    from daemon.rules.models import Pack
    from daemon.rules.models_desk import Guard, LateSwipe, Reversal, StaffPurchase
    from daemon.rules.models_value import StoredValue
    from daemon.rules.vocabulary import Mode


class SaleRules(msgspec.Struct, frozen=True):
    """What a pack says of a sale. `active` False: no pack, and only money changes hands."""

    active: bool
    unlisted: str  # earn, no, later
    lapsed: Standing
    guard: Guard | None
    staff_quota: StaffPurchase | None
    late_swipe: LateSwipe | None
    reversal: Reversal | None  # None: its defaults
    spend_order: str
    bonus_for: Callable[[Sequence[QuotedLine]], int] | None  # goods that bonus may pay; None: all
    price: Pricing
    by_hand: ByHand
    promote: Promoting | None
    earn: Earning
    spend: Spending
    block: Blocks
    reward: Rewarding | None
    share: Sharing | None
    cash_due: Due
    hand_reasons: tuple[str, ...] = ()  # for which a price may be set by hand
    pin_above_fen: int | None = None  # of stored value on a receipt
    choices: tuple[str, ...] = ()  # rules that the member may choose among, in the pack's order
    near: Near | None = None  # None: no rule looks at a birthday
    grow: Growing | None = None  # what a sale adds to growth, beside earning rules; None: nothing
    watched: frozenset[str] = frozenset()  # what limits count beside goods (watched.py)
    dead_cards: bool = False  # a card is nothing before it was registered in the shop
    offline_limit_fen: int | None = None  # of stored value on a receipt
    floor_points: int = 0  # above the holding, while headquarters does not answer
    holidays: frozenset[str] = frozenset()
    level_goods: Fit | None = None  # goods that levels count by themselves; None: no level does
    funded: Shares = MappingProxyType({})  # rules that earn, and headquarters' share of them

    def quote(self, basket: Basket) -> Quote:
        """Return the basket priced. Every product in it has a price, or its line an amount."""
        standing = self.standing(basket.member, basket.at)
        asking = self.asking(basket, standing)
        priced = self.price(basket.lines, asking)
        lines, refusal, applied = priced.lines, None, priced.applied
        uses: tuple[tuple[str, int], ...] = ()
        if priced.shut:
            why = f"{', '.join(priced.shut)}: for members only. Take a card, or the goods back."
            refusal = Refusal("not_allowed", why, {"sku": priced.shut[0]})
        if priced.by_hand:
            lines, by_hand, refused = self.by_hand(basket.lines, lines)
            refusal, applied = refusal or refused, [*applied, *by_hand]
        if self.promote is not None:
            promoted = self.promote(lines, asking)
            lines, uses = promoted.lines, promoted.uses
            applied = [*applied, *promoted.applied]
        bill_fen = sum([line.paid_fen for line in lines])
        points = growth = 0
        if standing.earns and not guarded(self.guard, basket, asking):
            earned = self.earn(lines, bill_fen, (), self._silent(basket), asking)
            earned = self._grown(earned, bill_fen)
            points, growth = earned.points, earned.growth
            applied = [*applied, *earned.applied]
        return Quote(
            basket,
            lines,
            sum([line.list_fen for line in lines]),
            bill_fen,
            points,
            growth,
            tuple(applied),
            (*standing.notices, *priced.notices),
            refusal,
            uses,
        )

    def settle(
        self,
        quote: Quote,
        keyed: Sequence[KeyedTender],
        table: Sequence[TenderRow],
        spend: Spend = NO_SPEND,
        wallet: Wallet = EMPTY,
    ) -> Settlement | Refusal:
        """Return what the sale's entry will say, or why it does not go through."""
        standing, asking = self._who(quote)
        spent = quote.refusal or self.spent(quote, spend, wallet)
        if isinstance(spent, Refusal):
            return spent
        own = sum(tender.amount_fen for tender in spent.tenders)
        paid = pay(
            quote.bill_fen - own,
            keyed,
            table=table,
            due=self.cash_due,
            wallet=self.scoped(wallet, quote),
            spend_order=self.spend_order,
        )
        if isinstance(paid, Refusal):
            return paid
        tenders = (*spent.tenders, *paid.tenders)
        earned = self._earned(quote, standing, asking, tenders)
        beyond = guarded(self.guard, quote.basket, asking)
        rewarded = self._rewarded(quote, standing, asking, tenders)
        trace = (*spent.applied, *earned.applied, *rewarded.applied)
        return Settlement(
            quote,
            settled.sale_lines(quote.lines, earned, quote.basket),
            tenders,
            paid.rounding_fen,
            paid.pay_fen + own,
            earned.points,
            earned.growth,
            settled.applied(quote, trace, paid),
            settled.lots(len(quote.lines) + 1, earned.points, self.hq_points(earned)),
            spent.points,
            spent.coupons,
            earned.reward_fen,
            rewarded.given,
            () if self.share is None else self.share(quote.lines, quote.basket.staff, asking),
            settled.uses(self, quote, spent, earned, rewarded),
            () if self.near is None else self.near(asking),
            beyond if earned.points else "",
            () if beyond and self._earns_not else self._later(quote, standing),
            hq_part_of(self.funded, earned.applied, "reward") if self.funded else 0,
        )

    def _who(self, quote: Quote) -> tuple[Standing, Asking]:
        basket = quote.basket
        standing = self.standing(basket.member, basket.at)
        return standing, self.asking(basket, standing)

    def standing(self, member: MemberFacts | None, at: datetime) -> Standing:
        if not self.active or member is None:
            return NOBODY
        return standing_of(member, at, lapsed=self.lapsed, dead_cards=self.dead_cards)

    def asking(self, basket: Basket, standing: Standing) -> Asking:
        """Return who asks. A card that may not have member prices counts as nobody."""
        member = basket.member if standing.member_prices or standing.earns else None
        so_far = dict(basket.so_far) if basket.so_far else None
        staff = member is not None and member.kind == "staff"
        if staff and self.staff_quota is not None:
            listed = sum((line.product.price_fen or 0) * line.qty for line in basket.lines)
            had = 0 if so_far is None else so_far.get(f"{STAFF}:{self.staff_quota.per}", 0)
            staff = had + listed <= self.staff_quota.quota_fen
        may = standing.member_prices
        days = self.holidays
        return Asking(basket.at, member, may, staff, basket.chosen, so_far, days)

    def claim(self, sold: Settlement, member: MemberFacts, at: datetime) -> Earned:
        """Return what a sale without card would have earned, at its own prices.

        `member` as he stood at `at`, the time of the sale: a card that was blocked earns nothing,
        and a level that came later counts for nothing.
        """
        basket = sold.quote.basket
        standing = self.standing(member, at)
        if not standing.earns:
            return NOTHING
        asking = Asking(basket.at, member, standing.member_prices, holidays=self.holidays)
        money = [(tender.code, tender.amount_fen) for tender in sold.tenders]
        quote = sold.quote
        earned = self.earn(quote.lines, quote.bill_fen, money, self._silent(basket), asking)
        return self._grown(earned, quote.bill_fen)

    def hq_points(self, earned: Earned) -> int:
        """Return how many of the points headquarters pays for."""
        return hq_part_of(self.funded, earned.applied, "points") if self.funded else 0

    def spent(self, quote: Quote, spend: Spend, wallet: Wallet) -> Spent | Refusal:
        """Return what coupons and points pay of the sale, or why they may not."""
        if spend == NO_SPEND:
            return Spent()
        standing, asking = self._who(quote)
        if not standing.spends:
            ended = [notice.values for notice in standing.notices if notice.code == "E05"]
            why = "points and coupons are for members whose card is in order."
            return Refusal("term_ended" if ended else "not_allowed", why, next(iter(ended), {}))

        def earns(tenders: Sequence[Tender]) -> int:
            return self._earned(quote, standing, asking, tenders).points

        bought = Purchase(quote.lines, quote.bill_fen, wallet.points, asking, earns)
        return self.spend(bought, spend)

    def points_block(self, quote: Quote) -> tuple[int, int] | None:
        """Return (points, fen) of one block of points as money; None: they are none now."""
        return self.block(self._who(quote)[1])

    def scoped(self, wallet: Wallet, quote: Quote) -> Wallet:
        """Return the wallet with no more bonus than the goods that bonus may pay."""
        if self.bonus_for is None:
            return wallet
        bonus = min(wallet.bonus_fen, self.bonus_for(quote.lines))
        return Wallet(wallet.points, wallet.principal_fen, bonus)

    def _earned(
        self, quote: Quote, standing: Standing, asking: Asking, tenders: Sequence[Tender]
    ) -> Earned:
        if not standing.earns or (self._earns_not and guarded(self.guard, quote.basket, asking)):
            return NOTHING
        money = [(tender.code, tender.amount_fen) for tender in tenders]
        quiet = self._silent(quote.basket)
        earned = self.earn(quote.lines, quote.bill_fen, money, quiet, asking)
        return self._grown(earned, quote.bill_fen)

    @property
    def _earns_not(self) -> bool:
        """Tell whether a sale beyond a guard earns nothing; else it lies frozen."""
        return self.guard is not None and self.guard.beyond == "nothing"

    def _grown(self, earned: Earned, bill_fen: int) -> Earned:
        """Return what was earned with what the bill adds to growth (成长值)."""
        if self.grow is None:
            return earned
        growth, applied = self.grow("sale", bill_fen)
        whole = earned.growth + growth
        return replace(earned, growth=whole, applied=(*earned.applied, *applied))

    def _rewarded(
        self, quote: Quote, standing: Standing, asking: Asking, tenders: Sequence[Tender]
    ) -> Rewarded:
        if self.reward is None or not standing.earns:
            return NO_REWARD
        money = [(tender.code, tender.amount_fen) for tender in tenders]
        return self.reward(quote.lines, quote.bill_fen, money, asking)

    def _later(self, quote: Quote, standing: Standing) -> tuple[int, ...]:
        """Return the numbers of the settled lines whose points wait until the goods are listed."""
        if self.unlisted != LATER or not standing.earns:
            return ()
        unlisted = {line.n for line in quote.basket.lines if line.unlisted}
        return tuple(n for n, line in enumerate(quote.lines, start=1) if line.n in unlisted)

    def _silent(self, basket: Basket) -> frozenset[int]:
        """Return the numbers of the lines that earn nothing whatever their class."""
        if self.unlisted == "earn":
            return frozenset()
        return frozenset(line.n for line in basket.lines if line.unlisted)


def compile_sale(pack: Pack | None) -> SaleRules:
    """Return the pack's rules of a sale; None: list prices, no members, no rounding."""
    return _without_pack() if pack is None else _compiled(pack)


def _without_pack() -> SaleRules:
    return SaleRules(
        active=False,
        unlisted="no",
        lapsed=NOBODY,
        guard=None,
        staff_quota=None,
        late_swipe=None,
        reversal=None,
        bonus_for=None,
        spend_order="pro_rata",
        price=compile_pricing((), {}),
        by_hand=compile_manual(()),
        promote=None,
        earn=compile_earning((), {}),
        spend=compile_spending((), (), {}),
        block=compile_blocks(()),
        reward=None,
        share=None,
        cash_due=compile_due(None),
    )


def _compiled(pack: Pack) -> SaleRules:
    modes: Mapping[str, Mode] = dict(pack.groups)
    lapsed, stored, calendar = pack.lapsed, pack.stored_value, pack.calendar
    rewards, coupons = pack.spend_rewards, pack.coupons
    by_line = pack.rounding.basis == "line"
    reasons = dict.fromkeys(reason for one in pack.manual for reason in one.reasons)
    return SaleRules(
        active=True,
        unlisted=pack.unlisted,
        lapsed=Standing(lapsed.member_price, lapsed.earn, spends=lapsed.redeem_points),
        guard=pack.guard,
        staff_quota=pack.staff_purchase,
        late_swipe=pack.late_swipe,
        reversal=pack.reversal,
        bonus_for=_bonus_for(stored),
        spend_order="pro_rata" if stored is None else stored.spend_order,
        price=compile_pricing(pack.prices, modes),
        by_hand=compile_manual(pack.manual),
        promote=compile_promos(pack.promos, modes),
        earn=compile_earning(pack.earn, modes, pack.factors, by_line=by_line),
        spend=compile_spending(coupons, pack.offsets, modes),
        block=compile_blocks(pack.offsets),
        reward=compile_rewards(rewards, coupons, modes) if rewards else None,
        share=compile_commissions(pack.commissions),
        cash_due=compile_due(pack.rounding.cash),
        hand_reasons=tuple(reasons),
        pin_above_fen=None if pack.guard is None else pack.guard.pin_above_fen,
        choices=tuple(choices(pack)),
        near=compile_near(pack),
        grow=compile_growth(pack.levels, "sale"),
        watched=frozenset(watched(pack)),
        dead_cards=pack.enrol is not None and pack.enrol.activation == "in_store",
        offline_limit_fen=None if stored is None else stored.offline_limit_fen,
        floor_points=0 if pack.roaming is None else pack.roaming.floor_points,
        holidays=frozenset(() if calendar is None else calendar.holidays),
        level_goods=_level_goods(pack),
        funded=compile_shares((one.id, one) for one in pack.earn),
    )


def _bonus_for(stored: StoredValue | None) -> Callable[[Sequence[QuotedLine]], int] | None:
    if stored is None or not stored.bonus_categories:
        return None
    return total_of(fits_categories(stored.bonus_categories))


def _level_goods(pack: Pack) -> Fit | None:
    goods = None if pack.levels is None else pack.levels.goods
    return None if goods is None else fits(goods)
