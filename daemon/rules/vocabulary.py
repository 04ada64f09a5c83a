"""The words that all sections of a pack share: ids, amounts, lists of goods, durations.

Amounts are fen, durations ISO 8601 (`P1Y`, `P30D`), times carry an offset, intervals are half open.
An empty list of skus, categories or classes means all of them.
"""

from typing import Annotated, Literal, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic_core import PydanticCustomError

RULES_MAX = 200  # of a kind; the largest chain's price list of rules has some 60
LIST_MAX = 5000  # skus of one rule: a whole catalogue
AMOUNT_FEN_MAX = 10_000_000  # 100,000 yuan: no fee, need or step of a counter is more
POINTS_MAX = 1_000_000
PROMO_UNITS_MAX = 20  # units of one receipt that a promo may price one by one

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_-]{0,31}$")]
PackId = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,31}$")]
Word = Annotated[str, Field(min_length=1, max_length=64)]
Sku = Annotated[str, Field(pattern=r"^[!-~]{1,32}$")]
PriceClass = Literal["regular", "special", "swap", "gift"]
Mode = Literal["best", "first", "add", "choice"]
ChannelKind = Literal["fee", "purchase", "topup", "grant"]
ReceiptLine = Literal[
    "points", "available", "saved", "term_ends", "expiring", "invoiceable", "pack", "code"
]
DisplayField = Literal["masked_name", "level", "points", "gifts", "expiring", "term_ends"]

AMOUNT_SAID = f"whole fen, 1 to {AMOUNT_FEN_MAX}"
ID_SAID = "a to z, 0 to 9, _ and -, beginning with a letter, at most 32"
SKUS_SAID = f"skus, at most {LIST_MAX}; empty: all products"
CATEGORIES_SAID = "categories; empty: all"
CLASSES_SAID = "a list of regular, special, swap, gift; empty: all"

Fen = Annotated[int, Field(ge=1, le=AMOUNT_FEN_MAX)]
BasisPoints = Annotated[int, Field(ge=1, le=9999, description="1 to 9999: 9500 is 9.5 折")]
PerDay = Literal["day", "month", "year"]
Skus = Annotated[tuple[Sku, ...], Field(max_length=LIST_MAX, description=SKUS_SAID)]
Categories = Annotated[tuple[Word, ...], Field(max_length=RULES_MAX, description=CATEGORIES_SAID)]
Classes = Annotated[tuple[PriceClass, ...], Field(max_length=4, description=CLASSES_SAID)]
Codes = tuple[Id, ...]
Period = Annotated[
    str,
    Field(min_length=3, pattern=r"^P([0-9]{1,2}Y)?([0-9]{1,3}M)?([0-9]{1,4}D)?$"),
]


def refusal(found: str, allowed: str) -> PydanticCustomError:
    """Return the error that a section raises on itself; document.py makes a problem of it."""
    return PydanticCustomError("found", "{found}", {"found": found, "allowed": allowed})


class Section(BaseModel):
    """What all parts have in common: no unknown key, no change, no guessing of types."""

    # Only Pack is ever built: a validator of each section by itself would cost the box 0.3 MiB.
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, defer_build=True)


class Funded(Section):
    """Who pays for what a rule gives: the shop, headquarters, or both by shares."""

    fund: Annotated[
        Literal["shop", "hq", "shared"], Field(description="shop, hq or shared: who pays for it")
    ] = "shop"
    hq_share: Annotated[
        BasisPoints | None, Field(description="1 to 9999: 5000 is a half; with shared")
    ] = None

    @model_validator(mode="after")
    def _shares_add_up(self) -> Self:
        if (self.fund == "shared") != (self.hq_share is not None):
            raise refusal(f"says no share of {self.fund}", "hq_share with shared, only there")
        return self


class Goods(Section):
    """Which goods a rule means. Every list that is given must hold; an empty one means all."""

    skus: Skus = ()
    categories: Categories = ()
    brands: Annotated[Categories, Field(description="brands; empty: all")] = ()
    departments: Annotated[Categories, Field(description="departments; empty: all")] = ()
    classes: Classes = ()
