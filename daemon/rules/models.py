"""A rule pack as typed data: frozen, strict, closed. What is allowed is each field's description.

Amounts are fen, durations ISO 8601 (`P1Y`, `P30D`), times carry an offset, intervals are half open.
An empty list of skus, categories or classes means all of them. Nothing here evaluates anything.
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, AwareDatetime, BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

RULES_MAX = 200  # of a kind; the largest chain's price list of rules has some 60
LIST_MAX = 5000  # skus of one rule: a whole catalogue
AMOUNT_FEN_MAX = 10_000_000  # 100,000 yuan: no fee, need or step of a counter is more
POINTS_MAX = 1_000_000
PROMO_UNITS_MAX = 20  # units of one receipt that a promo may price one by one

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
Word = Annotated[str, Field(min_length=1, max_length=64)]
Sku = Annotated[str, Field(pattern=r"^[!-~]{1,32}$")]
PriceClass = Literal["regular", "special", "swap", "gift"]
Mode = Literal["best", "first", "add"]
ChannelKind = Literal["fee", "purchase", "grant"]
ReceiptLine = Literal[
    "points", "available", "saved", "term_ends", "expiring", "invoiceable", "pack", "code"
]
DisplayField = Literal["masked_name", "points", "level"]

_AMOUNT = f"whole fen, 1 to {AMOUNT_FEN_MAX}"
_ID = "a to z, 0 to 9, _ and -, beginning with a letter, at most 32"
_SKUS = f"skus, at most {LIST_MAX}; empty: all products"
_CATEGORIES = "categories; empty: all"
_CLASSES = "a list of regular, special, swap, gift; empty: all"

Fen = Annotated[int, Field(ge=1, le=AMOUNT_FEN_MAX)]
Skus = Annotated[tuple[Sku, ...], Field(max_length=LIST_MAX, description=_SKUS)]
Categories = Annotated[tuple[Word, ...], Field(max_length=RULES_MAX, description=_CATEGORIES)]
Classes = Annotated[tuple[PriceClass, ...], Field(max_length=4, description=_CLASSES)]
Codes = tuple[Id, ...]
Period = Annotated[
    str,
    Field(min_length=3, pattern=r"^P([0-9]{1,2}Y)?([0-9]{1,3}M)?([0-9]{1,4}D)?$"),
]


def _refusal(found: str, allowed: str) -> PydanticCustomError:
    return PydanticCustomError("found", "{found}", {"found": found, "allowed": allowed})


def _frozen(groups: Mapping[str, Mode]) -> Mapping[str, Mode]:
    return MappingProxyType(dict(groups))


class Section(BaseModel):
    """What all parts have in common: no unknown key, no change, no guessing of types."""

    model_config = ConfigDict(extra="forbid", frozen=True, strict=True)


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


class CashRounding(Section):
    """抹零: what is still open when it is paid with one of `tenders` is cut to whole units."""

    unit_fen: Annotated[int, Field(ge=2, le=100, description="whole fen, 2 to 100")]
    mode: Annotated[
        Literal["down"],
        Field(description="down: nothing may round a charge up (反向抹零 is fined)"),
    ]
    tenders: Annotated[Codes, Field(min_length=1, max_length=11, description="codes of tenders")]


class Rounding(Section):
    money: Annotated[
        Literal["down"],
        Field(description="down: nothing may round a charge up (反向抹零 is fined)"),
    ] = "down"
    points: Annotated[Literal["floor"], Field(description="floor: what is granted rounds down")] = (
        "floor"
    )
    basis: Annotated[
        Literal["receipt"], Field(description="receipt: floored once, then split to the lines")
    ] = "receipt"
    cash: Annotated[CashRounding | None, Field(description="a table, or null: none")] = None


class Gift(Section):
    sku: Annotated[Sku, Field(description="a sku")]
    qty: Annotated[int, Field(ge=1, le=100, description="1 to 100")] = 1


class Channel(Section):
    """One way in. `fee` needs amount_fen; `purchase` needs min_single_fen, inclusive (满)."""

    kind: Annotated[ChannelKind, Field(description="fee, purchase or grant")]
    amount_fen: Annotated[Fen | None, Field(description=_AMOUNT)] = None
    min_single_fen: Annotated[Fen | None, Field(description=_AMOUNT)] = None
    gifts: Annotated[tuple[Gift, ...], Field(max_length=20, description="at most 20 gifts")] = ()

    @model_validator(mode="after")
    def _says_its_price(self) -> Self:
        given = (self.amount_fen is not None, self.min_single_fen is not None)
        if given != (self.kind == "fee", self.kind == "purchase"):
            raise _refusal(
                f"is no complete {self.kind}",
                "amount_fen with fee, min_single_fen with purchase, neither with grant",
            )
        return self


class Reward(Section):
    """Given when a member joins. Only HQ sees all shops: `accept_risk` gives it at once."""

    id: Annotated[Id, Field(description=_ID)]
    points: Annotated[int, Field(ge=1, le=POINTS_MAX, description=f"1 to {POINTS_MAX}")]
    once_per: Annotated[Literal["person"], Field(description="person")] = "person"
    offline: Annotated[
        Literal["accept_risk"], Field(description="accept_risk: spendable at once")
    ] = "accept_risk"


class Renew(Section):
    """续会, as data: no flow of the counter evaluates it yet, and lint says so."""

    channels: Annotated[tuple[Channel, ...], Field(min_length=1, max_length=3, description="ways")]
    before: Annotated[Period, Field(description="a duration, as P30D")]
    counts_from: Annotated[Literal["old_end"], Field(description="old_end")] = "old_end"


class Enrol(Section):
    terms: Annotated[Word, Field(description="the version of the terms to agree to")]
    card_sku: Annotated[Sku, Field(description="the sku of a blank card; every new card takes one")]
    channels: Annotated[
        tuple[Channel, ...], Field(min_length=1, max_length=3, description="1 to 3 ways in")
    ]
    term: Annotated[Period | None, Field(description="a duration, as P1Y, or null: no end")] = None
    required: Annotated[
        tuple[Literal["phone", "name", "birthday"], ...],
        Field(max_length=3, description="a list of phone, name, birthday"),
    ] = ("phone",)
    joining_purchase_earns: Annotated[
        Literal[False], Field(description="false: the purchase that lets in earns nothing")
    ] = False
    rewards: Annotated[tuple[Reward, ...], Field(max_length=10, description="at most 10")] = ()
    renew: Annotated[Renew | None, Field(description="a table, or null")] = None


class Lapsed(Section):
    """What a member may still do when the term has ended."""

    earn: Annotated[bool, Field(description="true or false")] = False
    member_price: Annotated[bool, Field(description="true or false")] = False


class Needs(Section):
    """What the rest of the receipt must hold. The units that the rule prices do not count."""

    min_fen: Annotated[Fen, Field(description=_AMOUNT)]
    classes: Classes = ("regular",)


class PriceRule(Section):
    """A lower price. Exactly one of take, basis_points and fixed_fen says which."""

    id: Annotated[Id, Field(description=_ID)]
    group: Annotated[Id | None, Field(description="a group of this pack")] = None
    who: Annotated[Literal["member", "anyone"], Field(description="member or anyone")] = "member"
    take: Annotated[
        Literal["member_price", "swap_price"] | None,
        Field(description="member_price or swap_price: a column of the product list"),
    ] = None
    basis_points: Annotated[
        int | None, Field(ge=1, le=9999, description="1 to 9999: 9500 is 9.5 折")
    ] = None
    fixed_fen: Annotated[Fen | None, Field(description=_AMOUNT)] = None
    gives_class: Annotated[
        Literal["special", "swap"] | None,
        Field(description="special or swap; null: the line keeps the product's class"),
    ] = None
    skus: Skus = ()
    categories: Categories = ()
    classes: Classes = ()
    needs: Annotated[Needs | None, Field(description="a table, or null: nothing")] = None
    max_per_receipt: Annotated[
        int | None, Field(ge=1, le=PROMO_UNITS_MAX, description=f"1 to {PROMO_UNITS_MAX} pieces")
    ] = None

    @property
    def is_promo(self) -> bool:
        """Tell whether it looks at the whole receipt and prices single units."""
        return self.needs is not None or self.max_per_receipt is not None

    @model_validator(mode="after")
    def _says_one_price(self) -> Self:
        if [self.take, self.basis_points, self.fixed_fen].count(None) != 2:
            raise _refusal("says no single price", "exactly one of take, basis_points, fixed_fen")
        if self.needs is not None and self.max_per_receipt is None:
            raise _refusal("has needs but no max_per_receipt", "both: an offer has an end")
        return self


class EarnRule(Section):
    """`points` for each full `step_fen` of the receipt's eligible total."""

    id: Annotated[Id, Field(description=_ID)]
    group: Annotated[Id | None, Field(description="a group of this pack")] = None
    on: Annotated[Literal["sale"], Field(description="sale")] = "sale"
    step_fen: Annotated[Fen, Field(description=_AMOUNT)]
    points: Annotated[int, Field(ge=1, le=POINTS_MAX, description=f"1 to {POINTS_MAX}")]
    skus: Skus = ()
    categories: Categories = ()
    classes: Classes = ()
    excluded_tenders: Annotated[
        Codes, Field(max_length=20, description="codes of tenders that earn nothing")
    ]
    allocation: Annotated[
        Literal["pro_rata", "non_earning_first"],
        Field(description="pro_rata or non_earning_first: which lines such money pays"),
    ] = "pro_rata"
    max_per_receipt: Annotated[
        int | None, Field(ge=1, le=POINTS_MAX, description=f"1 to {POINTS_MAX} points")
    ] = None


class Expiry(Section):
    """card_age_check: on the day of the month, cards of `min_age` lose what was not redeemed."""

    kind: Annotated[Literal["never", "card_age_check"], Field(description="a kind of expiry")]
    month: Annotated[int | None, Field(ge=1, le=12, description="1 to 12")] = None
    day: Annotated[int | None, Field(ge=1, le=31, description="1 to 31")] = None
    min_age: Annotated[Period | None, Field(description="a duration, as P1Y")] = None
    confirm: Annotated[Literal["manual"] | None, Field(description="manual")] = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        given = [self.month, self.day, self.min_age, self.confirm]
        if given.count(None) != (4 if self.kind == "never" else 0):
            raise _refusal(
                f"is no complete {self.kind}",
                "month, day, min_age and confirm with card_age_check, none of them with never",
            )
        return self


class Shown(Section):
    """Which lines of receipt and display the pack uses."""

    receipt: Annotated[
        tuple[ReceiptLine, ...], Field(max_length=8, description="lines of the receipt's foot")
    ] = ("points", "available", "saved")
    on_swipe: Annotated[
        tuple[DisplayField, ...], Field(max_length=3, description="fields on the display")
    ] = ("masked_name", "points")


class Pack(Section):
    """One version of a chain's rules."""

    id: Annotated[Id, Field(description=_ID)]
    version: Annotated[int, Field(ge=1, le=1_000_000, description="1 to 1000000")]
    title: Annotated[Word, Field(description="1 to 64 characters")]
    effective: Annotated[Effective, Field(description="a table")]
    scope: Annotated[Scope, Field(description="a table")]
    rounding: Annotated[Rounding, Field(description="a table")]
    groups: Annotated[
        Mapping[Id, Mode],
        AfterValidator(_frozen),
        Field(max_length=RULES_MAX, description="stack groups: best, first or add (points only)"),
    ]
    prices: Annotated[tuple[PriceRule, ...], Field(max_length=RULES_MAX, description="a list")] = ()
    earn: Annotated[tuple[EarnRule, ...], Field(max_length=RULES_MAX, description="a list")] = ()
    expiry: Annotated[Expiry, Field(description="a table")]
    lapsed: Annotated[Lapsed, Field(description="a table")]
    unlisted: Annotated[
        Literal["earn", "no"],
        Field(description="earn or no: whether goods that we do not list earn"),
    ] = "no"
    enrol: Annotated[Enrol | None, Field(description="a table, or null: nobody joins here")] = None
    shown: Annotated[Shown, Field(description="a table")]
