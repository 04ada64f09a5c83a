"""What a pack says of a sale: rounding, prices, earning. Data only, nothing is evaluated here."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from daemon.rules.vocabulary import (
    AMOUNT_SAID,
    ID_SAID,
    POINTS_MAX,
    PROMO_UNITS_MAX,
    Categories,
    Classes,
    Codes,
    Fen,
    Id,
    Section,
    Skus,
    refusal,
)


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


class Needs(Section):
    """What the rest of the receipt must hold. The units that the rule prices do not count."""

    min_fen: Annotated[Fen, Field(description=AMOUNT_SAID)]
    classes: Classes = ("regular",)


class PriceRule(Section):
    """A lower price. Exactly one of take, basis_points and fixed_fen says which."""

    id: Annotated[Id, Field(description=ID_SAID)]
    group: Annotated[Id | None, Field(description="a group of this pack")] = None
    who: Annotated[Literal["member", "anyone"], Field(description="member or anyone")] = "member"
    take: Annotated[
        Literal["member_price", "swap_price"] | None,
        Field(description="member_price or swap_price: a column of the product list"),
    ] = None
    basis_points: Annotated[
        int | None, Field(ge=1, le=9999, description="1 to 9999: 9500 is 9.5 折")
    ] = None
    fixed_fen: Annotated[Fen | None, Field(description=AMOUNT_SAID)] = None
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
            raise refusal("says no single price", "exactly one of take, basis_points, fixed_fen")
        if self.needs is not None and self.max_per_receipt is None:
            raise refusal("has needs but no max_per_receipt", "both: an offer has an end")
        return self


class EarnRule(Section):
    """`points` for each full `step_fen` of the receipt's eligible total."""

    id: Annotated[Id, Field(description=ID_SAID)]
    group: Annotated[Id | None, Field(description="a group of this pack")] = None
    on: Annotated[Literal["sale"], Field(description="sale")] = "sale"
    step_fen: Annotated[Fen, Field(description=AMOUNT_SAID)]
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
