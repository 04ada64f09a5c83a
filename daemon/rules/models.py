"""A rule pack as typed data: frozen, strict, closed. What is allowed is each field's description.

The sections stand with their nouns: models_sale.py (prices, earning, rounding), models_account.py
(joining, expiry). Nothing here evaluates anything.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal, get_args

from pydantic import AfterValidator, AwareDatetime, Field

from daemon.rules.models_account import Enrol, Lapsed
from daemon.rules.models_desk import (
    Commission,
    Guard,
    LateSwipe,
    ManualPrice,
    Reversal,
    StaffPurchase,
)
from daemon.rules.models_house import About, DisplayRules, Limits, Privacy, Roaming, Stock
from daemon.rules.models_level import Levels
from daemon.rules.models_offers import Coupon, Offset, Promo, SpendReward
from daemon.rules.models_sale import EarnRule, Factors, PriceRule, Rounding
from daemon.rules.models_time import Calendar, Entitlement, Expiry, Reminder
from daemon.rules.models_value import GiftRule, GrantRule, Holds, StoredValue, Transfer
from daemon.rules.vocabulary import (
    RULES_MAX,
    DisplayField,
    Id,
    Mode,
    PackId,
    ReceiptLine,
    Section,
    Word,
)

LATER_SAID = "an empty list: headquarters does this, and its rules are yet to come"


def _frozen(groups: Mapping[str, Mode]) -> Mapping[str, Mode]:
    return MappingProxyType(dict(groups))


class Effective(Section):
    starts: Annotated[AwareDatetime, Field(description="a time with an offset")]
    ends: Annotated[
        AwareDatetime | None, Field(description="a time with an offset, or null: open")
    ] = None


class Scope(Section):
    """Where HQ rolls the pack out. The box obeys the activation; it does not choose."""

    brand: Annotated[Word, Field(description="1 to 64 characters")]
    regions: Annotated[tuple[Word, ...], Field(description="regions; empty: all")] = ()
    stores: Annotated[tuple[Word, ...], Field(description="shop numbers; empty: all")] = ()
    store_mode: Annotated[
        Literal["any", "online", "offline"], Field(description="any, online or offline")
    ] = "any"
    has_terminal: Annotated[
        bool | None, Field(description="whether a terminal books purchases there; null: not said")
    ] = None
    departments: Annotated[tuple[Word, ...], Field(description="departments; empty: all")] = ()
    partners: Annotated[tuple[Word, ...], Field(description="partners of an alliance")] = ()


class Shown(Section):
    """What the pack prints in a receipt's foot, and tells of a member at a swipe.

    A field that is left out stands on no screen, pole or inquiry slip of the shop.
    """

    receipt: Annotated[
        tuple[ReceiptLine, ...],
        Field(
            max_length=len(get_args(ReceiptLine)),
            description=f"a list of {', '.join(get_args(ReceiptLine))}",
        ),
    ] = get_args(ReceiptLine)
    on_swipe: Annotated[
        tuple[DisplayField, ...],
        Field(
            max_length=len(get_args(DisplayField)),
            description=f"a list of {', '.join(get_args(DisplayField))}",
        ),
    ] = get_args(DisplayField)


class Pack(Section):
    """One version of a chain's rules."""

    id: Annotated[PackId, Field(description="a to z, 0 to 9, _ and -, at most 32")]
    version: Annotated[int, Field(ge=1, le=1_000_000, description="1 to 1000000")]
    title: Annotated[Word, Field(description="1 to 64 characters")]
    effective: Annotated[Effective, Field(description="a table")]
    scope: Annotated[Scope, Field(description="a table")]
    about: Annotated[About | None, Field(description="a table, or null: not said")] = None
    rounding: Annotated[Rounding, Field(description="a table")]
    groups: Annotated[
        Mapping[Id, Mode],
        AfterValidator(_frozen),
        Field(max_length=RULES_MAX, description="stack groups: best, first, add or choice"),
    ]
    prices: Annotated[tuple[PriceRule, ...], Field(max_length=RULES_MAX, description="a list")] = ()
    earn: Annotated[tuple[EarnRule, ...], Field(max_length=RULES_MAX, description="a list")] = ()
    factors: Annotated[Factors | None, Field(description="a table, or null: none")] = None
    manual: Annotated[tuple[ManualPrice, ...], Field(max_length=20, description="at most 20")] = ()
    promos: Annotated[tuple[Promo, ...], Field(max_length=RULES_MAX, description="a list")] = ()
    coupons: Annotated[tuple[Coupon, ...], Field(max_length=RULES_MAX, description="a list")] = ()
    offsets: Annotated[tuple[Offset, ...], Field(max_length=20, description="at most 20")] = ()
    spend_rewards: Annotated[
        tuple[SpendReward, ...], Field(max_length=RULES_MAX, description="a list")
    ] = ()
    commissions: Annotated[
        tuple[Commission, ...], Field(max_length=RULES_MAX, description="a list")
    ] = ()
    guard: Annotated[Guard | None, Field(description="a table, or null: none")] = None
    staff_purchase: Annotated[
        StaffPurchase | None, Field(description="a table, or null: no quota")
    ] = None
    late_swipe: Annotated[LateSwipe | None, Field(description="a table, or null: none")] = None
    reversal: Annotated[Reversal | None, Field(description="a table, or null: defaults")] = None
    expiry: Annotated[Expiry, Field(description="a table")]
    lapsed: Annotated[Lapsed, Field(description="a table")]
    unlisted: Annotated[
        Literal["earn", "no", "later"],
        Field(description="earn, no or later: whether goods that we do not list earn"),
    ] = "no"
    enrol: Annotated[Enrol | None, Field(description="a table, or null: nobody joins here")] = None
    shown: Annotated[Shown, Field(description="a table")]
    stored_value: Annotated[
        StoredValue | None, Field(description="a table, or null: no top-ups")
    ] = None
    grants: Annotated[tuple[GrantRule, ...], Field(max_length=RULES_MAX, description="a list")] = ()
    gifts: Annotated[tuple[GiftRule, ...], Field(max_length=RULES_MAX, description="a list")] = ()
    levels: Annotated[Levels | None, Field(description="a table, or null: no levels")] = None
    entitlements: Annotated[
        tuple[Entitlement, ...], Field(max_length=RULES_MAX, description="a list")
    ] = ()
    transfer: Annotated[Transfer | None, Field(description="a table, or null: not allowed")] = None
    holds: Annotated[Holds | None, Field(description="a table, or null: defaults")] = None
    calendar: Annotated[Calendar | None, Field(description="a table, or null: defaults")] = None
    reminders: Annotated[
        tuple[Reminder, ...], Field(max_length=RULES_MAX, description="a list")
    ] = ()
    stock: Annotated[Stock | None, Field(description="a table, or null: defaults")] = None
    display: Annotated[DisplayRules | None, Field(description="a table, or null: defaults")] = None
    privacy: Annotated[Privacy | None, Field(description="a table, or null: defaults")] = None
    roaming: Annotated[Roaming | None, Field(description="a table, or null: defaults")] = None
    limits: Annotated[Limits | None, Field(description="a table, or null: defaults")] = None
    segments: Annotated[tuple[()], Field(description=LATER_SAID)] = ()
    plans: Annotated[tuple[()], Field(description=LATER_SAID)] = ()
    medals: Annotated[tuple[()], Field(description=LATER_SAID)] = ()
    rankings: Annotated[tuple[()], Field(description=LATER_SAID)] = ()
    referral: Annotated[tuple[()], Field(description=LATER_SAID)] = ()
    alliance: Annotated[tuple[()], Field(description=LATER_SAID)] = ()
