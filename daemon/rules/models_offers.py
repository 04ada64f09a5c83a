"""What a pack says of a sale beyond prices and points: promos, coupons, points as money, rewards.

Data only, nothing is evaluated here.
"""

from typing import Annotated, Literal, Self

from pydantic import AwareDatetime, Field, model_validator

from daemon.rules.models_account import Gift
from daemon.rules.models_when import When
from daemon.rules.vocabulary import (
    AMOUNT_SAID,
    ID_SAID,
    POINTS_MAX,
    BasisPoints,
    Codes,
    Fen,
    Funded,
    Goods,
    Id,
    Period,
    Section,
    Sku,
    refusal,
)

STEPS_MAX = 20
BUNDLE_MAX = 100  # pieces that belong together: no pack of a shelf is larger
NEVER_COUNTS = ("points", "bonus", "coupon", "voucher")  # what was given earns nothing again

When_ = Annotated[When | None, Field(description="a table, or null: always")]
Group = Annotated[Id | None, Field(description="a group of this pack")]
Who = Annotated[Literal["member", "anyone"], Field(description="member or anyone")]


class Times(Section):
    """限次: so often per card in a period."""

    times: Annotated[int, Field(ge=1, le=1000, description="1 to 1000")]
    per: Annotated[Literal["day", "month", "year"], Field(description="day, month or year")]


class PromoStep(Section):
    """From `least` on, inclusive (满): fen of an amount, pieces of a quantity."""

    least: Annotated[Fen, Field(description="fen or pieces, 1 or more")]
    off_fen: Annotated[Fen | None, Field(description=AMOUNT_SAID)] = None
    basis_points: Annotated[BasisPoints | None, Field(description="1 to 9999, or null")] = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if (self.off_fen is None) == (self.basis_points is None):
            raise refusal("says no single discount", "exactly one of off_fen, basis_points")
        return self


class Bundle(Section):
    """Of each `size` pieces the `lowered` cheapest cost so much: 第二件半价, 买N送M."""

    size: Annotated[int, Field(ge=2, le=BUNDLE_MAX, description=f"2 to {BUNDLE_MAX} pieces")]
    lowered: Annotated[int, Field(ge=1, le=BUNDLE_MAX, description="fewer than size")] = 1
    basis_points: Annotated[int, Field(ge=0, le=9999, description="0 (free) to 9999")] = 0

    @model_validator(mode="after")
    def _somebody_pays(self) -> Self:
        if self.lowered >= self.size:
            raise refusal(f"lowers {self.lowered} of {self.size}", "fewer than size")
        return self


class GoodsSet(Section):
    """组合价: one piece of each sku, together for so much."""

    skus: Annotated[tuple[Sku, ...], Field(min_length=2, max_length=20, description="2 to 20 skus")]
    fixed_fen: Annotated[Fen, Field(description=AMOUNT_SAID)]


class Promo(Goods):
    """A promo without coupon. Exactly one of steps, bundle and goods_set says what it does.

    Lines whose price a rule has lowered take part only with `on_lowered`.
    """

    id: Annotated[Id, Field(description=ID_SAID)]
    group: Group = None
    who: Who = "anyone"
    when: When_ = None
    on: Annotated[Literal["amount", "quantity"], Field(description="amount or quantity")] = "amount"
    steps: Annotated[
        tuple[PromoStep, ...], Field(max_length=STEPS_MAX, description=f"at most {STEPS_MAX}")
    ] = ()
    each: Annotated[
        bool, Field(description="true: for each full step (每满); false: the highest step")
    ] = False
    bundle: Annotated[Bundle | None, Field(description="a table, or null")] = None
    goods_set: Annotated[GoodsSet | None, Field(description="a table, or null")] = None
    on_lowered: Annotated[bool, Field(description="true or false")] = False
    max_times: Annotated[
        int | None, Field(ge=1, le=1000, description="1 to 1000 a receipt, or null")
    ] = None
    limit: Annotated[Times | None, Field(description="a table, or null: no limit")] = None

    @model_validator(mode="after")
    def _says_one_thing(self) -> Self:
        if [bool(self.steps), bool(self.bundle), bool(self.goods_set)].count(True) != 1:
            raise refusal("says no single offer", "exactly one of steps, bundle, goods_set")
        least = [step.least for step in self.steps]
        if least != sorted(set(least)):
            raise refusal("has steps out of order", "steps with growing least")
        if self.each and (len(self.steps) != 1 or self.steps[0].off_fen is None):
            raise refusal("repeats no single step", "each with one step of off_fen")
        return self


class Coupon(Goods):
    """A kind of coupon. It is money of the tender `coupon`; single use, no change.

    amount: `value_fen` (or what the grant says); percent: what is left to pay of the goods, in
    basis points; item: one piece of the goods; service: something outside of the bill.
    """

    id: Annotated[Id, Field(description=ID_SAID)]
    gives: Annotated[
        Literal["amount", "percent", "item", "service"],
        Field(description="amount, percent, item or service"),
    ]
    value_fen: Annotated[Fen | None, Field(description=AMOUNT_SAID)] = None
    basis_points: Annotated[BasisPoints | None, Field(description="1 to 9999, or null")] = None
    max_fen: Annotated[Fen | None, Field(description=AMOUNT_SAID)] = None
    min_fen: Annotated[Fen | None, Field(description="what its goods must reach, fen")] = None
    group: Group = None
    life: Annotated[Period | None, Field(description="a duration, as P1M, or null")] = None
    until: Annotated[
        AwareDatetime | None, Field(description="a time with an offset, or null; half open")
    ] = None
    when: When_ = None
    max_per_receipt: Annotated[int, Field(ge=1, le=100, description="1 to 100")] = 1
    limit: Annotated[Times | None, Field(description="a table, or null: no limit")] = None
    transferable: Annotated[bool, Field(description="true or false")] = False

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.gives == "percent") != (self.basis_points is not None):
            raise refusal(f"is no complete {self.gives}", "basis_points with percent, only there")
        if self.value_fen is not None and self.gives != "amount":
            raise refusal(f"is no complete {self.gives}", "value_fen with amount, only there")
        return self


class Offset(Goods):
    """Points as money: whole blocks of `block` points take `value_fen` off the bill each.

    `same_sale` also offers the points that this very sale earns.
    """

    id: Annotated[Id, Field(description=ID_SAID)]
    block: Annotated[int, Field(ge=1, le=POINTS_MAX, description=f"1 to {POINTS_MAX} points")]
    value_fen: Annotated[Fen, Field(description=AMOUNT_SAID)]
    min_points: Annotated[
        int | None, Field(ge=1, le=POINTS_MAX, description="the balance that it needs, or null")
    ] = None
    max_share: Annotated[
        int | None, Field(ge=1, le=10_000, description="basis points of the bill, or null: all")
    ] = None
    timing: Annotated[
        Literal["same_sale", "next_sale"], Field(description="same_sale or next_sale")
    ] = "next_sale"
    when: When_ = None


class SpendStep(Section):
    """From `min_fen` on, inclusive (满): fen of a coupon or reward, points, or gifts."""

    min_fen: Annotated[Fen, Field(description=AMOUNT_SAID)]
    give: Annotated[int, Field(ge=0, le=10_000_000, description="fen or points")] = 0
    gifts: Annotated[tuple[Gift, ...], Field(max_length=20, description="at most 20 gifts")] = ()


class SpendReward(Goods, Funded):
    """满返, 满赠, and what a sale on a certain day or hour gives. Usable on the next purchase."""

    id: Annotated[Id, Field(description=ID_SAID)]
    group: Group = None
    when: When_ = None
    steps: Annotated[
        tuple[SpendStep, ...],
        Field(min_length=1, max_length=STEPS_MAX, description=f"1 to {STEPS_MAX}"),
    ]
    mode: Annotated[
        Literal["highest_step", "per_multiple"], Field(description="highest_step or per_multiple")
    ] = "highest_step"
    counts: Annotated[
        Literal["receipt", "day", "month"],
        Field(description="receipt, or what the card bought in the day or month"),
    ] = "receipt"
    payout: Annotated[
        Literal["coupon", "points", "reward", "gift"],
        Field(description="coupon, points, reward or gift"),
    ]
    coupon: Annotated[Id | None, Field(description="a coupon of this pack, or null")] = None
    excluded_tenders: Annotated[
        Codes, Field(max_length=20, description="codes of tenders that do not count")
    ] = NEVER_COUNTS
    limit: Annotated[Times | None, Field(description="a table, or null: no limit")] = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.payout == "coupon") != (self.coupon is not None):
            raise refusal(f"is no complete {self.payout}", "coupon with payout coupon, only there")
        least = [step.min_fen for step in self.steps]
        if least != sorted(set(least)):
            raise refusal("has steps out of order", "steps with growing min_fen")
        if self.mode == "per_multiple" and len(self.steps) != 1:
            raise refusal("repeats no single step", "one step with per_multiple")
        wrong = [step for step in self.steps if bool(step.gifts) != (self.payout == "gift")]
        if wrong or any(bool(step.give) == (self.payout == "gift") for step in self.steps):
            raise refusal("has a step that gives nothing", "gifts with payout gift, else give")
        if self.counts != "receipt" and self.payout == "gift":
            raise refusal("counts gifts over receipts", "counts receipt with payout gift")
        return self
