"""What a pack says of a sale: rounding, prices, earning. Data only, nothing is evaluated here."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from daemon.rules.models_when import When
from daemon.rules.vocabulary import (
    AMOUNT_SAID,
    ID_SAID,
    POINTS_MAX,
    PROMO_UNITS_MAX,
    RULES_MAX,
    Classes,
    Codes,
    Fen,
    Funded,
    Goods,
    Id,
    PerDay,
    Section,
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
        Literal["receipt", "line"],
        Field(description="receipt: floored once, then split to the lines; line: each line alone"),
    ] = "receipt"
    cash: Annotated[CashRounding | None, Field(description="a table, or null: none")] = None


class Needs(Section):
    """What the rest of the receipt must hold. The units that the rule prices do not count."""

    min_fen: Annotated[Fen, Field(description=AMOUNT_SAID)]
    classes: Classes = ("regular",)


class Quota(Section):
    """限购: so many pieces of a rule per card; what is above stays at list price."""

    qty: Annotated[int, Field(ge=1, le=10_000, description="1 to 10000 pieces")]
    per: Annotated[
        Literal["receipt", "day", "month"], Field(description="receipt, day or month")
    ] = "receipt"


class PriceRule(Goods):
    """A lower price. Exactly one of take, basis_points, fixed_fen and cost_plus says which.

    In a group of mode `add` percentages multiply and are floored once.
    """

    id: Annotated[Id, Field(description=ID_SAID)]
    group: Annotated[Id | None, Field(description="a group of this pack")] = None
    who: Annotated[
        Literal["member", "anyone", "staff"], Field(description="member, anyone or staff")
    ] = "member"
    when: Annotated[When | None, Field(description="a table, or null: always")] = None
    take: Annotated[
        Literal["member_price", "swap_price"] | None,
        Field(description="member_price or swap_price: a column of the product list"),
    ] = None
    basis_points: Annotated[
        int | None, Field(ge=1, le=9999, description="1 to 9999: 9500 is 9.5 折")
    ] = None
    fixed_fen: Annotated[Fen | None, Field(description=AMOUNT_SAID)] = None
    cost_plus: Annotated[
        int | None, Field(ge=0, le=100_000, description="basis points on cost: 3000 is cost + 30%")
    ] = None
    gives_class: Annotated[
        Literal["special", "swap"] | None,
        Field(description="special or swap; null: the line keeps the product's class"),
    ] = None
    needs: Annotated[Needs | None, Field(description="a table, or null: nothing")] = None
    max_per_receipt: Annotated[
        int | None, Field(ge=1, le=PROMO_UNITS_MAX, description=f"1 to {PROMO_UNITS_MAX} pieces")
    ] = None

    limit: Annotated[Quota | None, Field(description="a table, or null: no limit")] = None
    only_members: Annotated[
        bool, Field(description="true: these goods are sold to members only")
    ] = False

    @model_validator(mode="after")
    def _says_one_price(self) -> Self:
        if [self.take, self.basis_points, self.fixed_fen, self.cost_plus].count(None) != 3:
            raise refusal(
                "says no single price", "exactly one of take, basis_points, fixed_fen, cost_plus"
            )
        if self.needs is not None and self.max_per_receipt is None:
            raise refusal("has needs but no max_per_receipt", "both: an offer has an end")
        return self


class Cap(Section):
    """The most that a member gets of a rule in a period: points, or how often it gives."""

    most: Annotated[int, Field(ge=1, le=POINTS_MAX, description=f"1 to {POINTS_MAX}")]
    unit: Annotated[Literal["points", "times"], Field(description="points or times")] = "points"
    per: Annotated[PerDay, Field(description="day, month or year")]


class EarnRule(Goods, Funded):
    """`points` for each full `step_fen` of the receipt's eligible total.

    `unit` says what they are: points, growth value, or fen of a reward that is paid out later.
    """

    id: Annotated[Id, Field(description=ID_SAID)]
    group: Annotated[Id | None, Field(description="a group of this pack")] = None
    on: Annotated[Literal["sale"], Field(description="sale")] = "sale"
    unit: Annotated[
        Literal["point", "growth", "reward"], Field(description="point, growth or reward (fen)")
    ] = "point"
    when: Annotated[When | None, Field(description="a table, or null: always")] = None
    min_fen: Annotated[Fen | None, Field(description=AMOUNT_SAID)] = None
    each: Annotated[bool, Field(description="true: for each full step; false: once a receipt")] = (
        True
    )
    cap: Annotated[Cap | None, Field(description="a table, or null: none")] = None
    step_fen: Annotated[Fen, Field(description=AMOUNT_SAID)]
    points: Annotated[int, Field(ge=1, le=POINTS_MAX, description=f"1 to {POINTS_MAX}")]
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


class Factor(Section):
    """Points times a factor, in percent: 200 is double. Empty `rules`: all rules that earn."""

    id: Annotated[Id, Field(description=ID_SAID)]
    when: Annotated[When | None, Field(description="a table, or null: always")] = None
    percent: Annotated[int, Field(ge=1, le=10_000, description="1 to 10000: 200 is double")]
    rules: Annotated[Codes, Field(max_length=RULES_MAX, description="ids of earn rules")] = ()


class Factors(Section):
    combine: Annotated[Literal["max", "product"], Field(description="max or product")]
    most_percent: Annotated[
        int | None, Field(ge=100, le=100_000, description="100 to 100000, or null: no maximum")
    ] = None
    rules: Annotated[tuple[Factor, ...], Field(max_length=RULES_MAX, description="a list")]
