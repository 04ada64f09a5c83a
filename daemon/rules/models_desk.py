"""What a pack says of how a sale is handled: prices by hand, guards, returns, commission, limits.

Data only, nothing is evaluated here.
"""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from daemon.rules.models_when import When
from daemon.rules.vocabulary import ID_SAID, Fen, Goods, Id, Period, Section, Word, refusal


class ManualPrice(Section):
    """A price set by hand: who may, how far down, and which reasons he must give."""

    id: Annotated[Id, Field(description=ID_SAID)]
    role: Annotated[Id, Field(description="a role, as manager")]
    max_off: Annotated[int, Field(ge=1, le=10_000, description="basis points of list price")]
    reasons: Annotated[
        tuple[Word, ...], Field(min_length=1, max_length=20, description="1 to 20 reasons")
    ]


class Guard(Section):
    """What looks like points that nobody bought. The sale is sold; what it earns lies frozen for
    headquarters, or (`beyond` nothing) it earns nothing.
    """

    earning_sales_per_day: Annotated[
        int | None, Field(ge=1, le=1000, description="1 to 1000 of a card, or null")
    ] = None
    staff_card_earns: Annotated[bool, Field(description="true or false")] = True
    own_sale_earns: Annotated[
        bool, Field(description="true or false: the member served himself")
    ] = True
    beyond: Annotated[
        Literal["freeze", "nothing"],
        Field(description="freeze: points lie frozen for headquarters; or nothing"),
    ] = "freeze"
    pin_above_fen: Annotated[
        Fen | None,
        Field(description="stored value of a receipt above which the PIN is asked, or null"),
    ] = None


class StaffPurchase(Section):
    """员工购: what the card of an employee may buy at staff prices."""

    quota_fen: Annotated[Fen, Field(description="list prices, whole fen")]
    per: Annotated[Literal["day", "month", "year"], Field(description="day, month or year")] = (
        "month"
    )


class LateSwipe(Section):
    """补登: points of a sale without card, claimed with its receipt."""

    within: Annotated[Period, Field(description="a duration, as P7D")]
    per_month: Annotated[int, Field(ge=1, le=100, description="1 to 100 of a card")]
    beyond: Annotated[
        Literal["freeze", "refuse"],
        Field(description="freeze: points lie frozen for headquarters; or refuse"),
    ] = "freeze"


class Reversal(Section):
    """What a return may do. It always undoes exactly what its lines did."""

    within: Annotated[Period | None, Field(description="a duration, or null: no end")] = None
    not_returnable: Annotated[
        Goods | None, Field(description="a table, or null: all come back")
    ] = None
    shortfall: Annotated[
        Literal["claim", "refuse"],
        Field(description="claim or refuse: when points to take back are spent"),
    ] = "claim"
    gifts: Annotated[
        Literal["return", "keep"], Field(description="return or keep: gifts of the sale")
    ] = "return"
    grace: Annotated[
        Period | None, Field(description="life of restored points that have lapsed, or null")
    ] = None
    unreferenced: Annotated[
        Literal["refuse", "own_risk"], Field(description="refuse or own_risk: without its sale")
    ] = "refuse"


class Commission(Goods):
    """提成: so much of what was paid for the base, floored; whoever pays it back takes its part."""

    id: Annotated[Id, Field(description=ID_SAID)]
    payee: Annotated[Literal["employee", "broker"], Field(description="employee or broker")]
    base: Annotated[
        Literal["goods", "members_sales", "fees", "topups"],
        Field(
            description="goods, members_sales: only what members buy, fees: cards sold and"
            " renewed, or topups"
        ),
    ] = "goods"
    basis_points: Annotated[int, Field(ge=1, le=5000, description="1 to 5000: 1000 is 10%")]
    when: Annotated[When | None, Field(description="a table, or null: always")] = None

    @model_validator(mode="after")
    def _goods_of_goods(self) -> Self:
        named = (self.skus, self.categories, self.brands, self.departments, self.classes)
        if self.base in ("fees", "topups") and any(named):
            raise refusal(f"names goods, and its base is {self.base}", "no goods with this base")
        return self
