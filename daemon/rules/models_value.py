"""What a pack says of top-ups, stored value, grants, gifts, transfer and holds. Data only."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from daemon.rules.models_account import CouponGift, Gift
from daemon.rules.models_time import EVERY_SAID, Every, Window
from daemon.rules.vocabulary import (
    AMOUNT_SAID,
    ID_SAID,
    POINTS_MAX,
    Categories,
    Fen,
    Funded,
    Id,
    Period,
    Section,
    Word,
    refusal,
)

LEGAL_REGISTERED_FEN = 500_000  # 单用途商业预付卡管理办法: a registered card
LEGAL_BEARER_FEN = 100_000  # the same: a card without a name

Role = Literal["clerk", "manager", "hq"]  # each may what the one before him may
ROLES: tuple[Role, ...] = ("clerk", "manager", "hq")

_POINTS_SAID = f"1 to {POINTS_MAX}, or null"


class TopupStep(Funded):
    """What a single top-up of `min_fen` and more gives. Of a ladder only the highest step."""

    id: Annotated[Id, Field(description=ID_SAID)]
    min_fen: Annotated[Fen, Field(description=AMOUNT_SAID)]
    bonus_fen: Annotated[Fen | None, Field(description=f"{AMOUNT_SAID}, or null")] = None
    basis_points: Annotated[
        int | None, Field(ge=1, le=10_000, description="1 to 10000: 500 is 5% as bonus")
    ] = None
    points: Annotated[int | None, Field(ge=1, le=POINTS_MAX, description=_POINTS_SAID)] = None
    coupon: Annotated[CouponGift | None, Field(description="a table, or null")] = None
    per_multiple: Annotated[bool, Field(description="true: for each full min_fen")] = False
    max_times: Annotated[
        int | None, Field(ge=1, le=999, description="1 to 999 a period, or null")
    ] = None
    per: Annotated[Every | None, Field(description=EVERY_SAID)] = None
    life: Annotated[Period | None, Field(description="of the bonus; null: no end")] = None

    @model_validator(mode="after")
    def _gives_something(self) -> Self:
        if {self.bonus_fen, self.basis_points, self.points, self.coupon} == {None}:
            raise refusal("gives nothing", "one of bonus_fen, basis_points, points, coupon")
        if (self.max_times is None) != (self.per is None):
            raise refusal("is half a limit", "max_times and per, or neither")
        return self


class CardType(Section):
    """A stored-value card by face value. Its terms are those of prices whose `levels` name it."""

    id: Annotated[Id, Field(description=ID_SAID)]
    min_fen: Annotated[Fen, Field(description=AMOUNT_SAID)]
    inherits: Annotated[Id | None, Field(description="a card type, or null")] = None
    coupon: Annotated[CouponGift | None, Field(description="a table, or null")] = None
    rights: Annotated[tuple[Word, ...], Field(max_length=20, description="at most 20 words")] = ()


class StoredValue(Section):
    """储值. The caps are the law's; a pack that lifts them says null, and lint warns."""

    min_fen: Annotated[Fen, Field(description=AMOUNT_SAID)] = 100
    max_fen: Annotated[Fen | None, Field(description=f"{AMOUNT_SAID}, or null")] = None
    registered_max_fen: Annotated[Fen | None, Field(description=f"{AMOUNT_SAID}, or null")] = (
        LEGAL_REGISTERED_FEN
    )
    bearer_max_fen: Annotated[Fen | None, Field(description=f"{AMOUNT_SAID}, or null")] = (
        LEGAL_BEARER_FEN
    )
    identity: Annotated[
        Literal["record", "require", "off"], Field(description="record, require or off")
    ] = "record"
    spend_order: Annotated[
        Literal["pro_rata", "principal_first", "bonus_first"],
        Field(description="pro_rata, principal_first or bonus_first"),
    ] = "pro_rata"
    bonus_categories: Categories = ()
    pin_above_fen: Annotated[Fen | None, Field(description=f"{AMOUNT_SAID}, or null")] = None
    accept: Annotated[Literal["own_owner", "chain"], Field(description="own_owner or chain")] = (
        "own_owner"
    )
    offline_limit_fen: Annotated[Fen | None, Field(description=f"{AMOUNT_SAID}, or null")] = None
    ladder: Annotated[tuple[TopupStep, ...], Field(max_length=20, description="at most 20")] = ()
    cards: Annotated[tuple[CardType, ...], Field(max_length=20, description="at most 20")] = ()


class GrantRule(Funded):
    """Points for something that is no purchase: a click, an activity, a task ..."""

    id: Annotated[Id, Field(description=ID_SAID)]
    source: Annotated[Id, Field(description="what grants it: click, activity, task, barcode ...")]
    points: Annotated[
        int, Field(ge=-POINTS_MAX, le=POINTS_MAX, description="points; below 0 a penalty")
    ]
    max_points: Annotated[int | None, Field(ge=1, le=POINTS_MAX, description=_POINTS_SAID)] = None
    max_times: Annotated[int | None, Field(ge=1, le=999, description="1 to 999, or null")] = None
    per: Annotated[Every | None, Field(description=EVERY_SAID)] = None
    required: Annotated[
        tuple[Id, ...], Field(max_length=10, description="fields the record must have")
    ] = ()
    without_terminal: Annotated[
        bool, Field(description="true: only where no terminal books the purchase")
    ] = False

    @model_validator(mode="after")
    def _whole_limit(self) -> Self:
        capped = self.max_points is not None or self.max_times is not None
        if self.points == 0 or capped != (self.per is not None):
            raise refusal("is half a rule", "points, and per with max_points or max_times")
        return self


class GiftRule(Section):
    """兑换: points for a thing. `window` null: always; next_sale: not on the day of earning."""

    id: Annotated[Id, Field(description=ID_SAID)]
    kind: Annotated[
        Literal["gift", "goods", "voucher", "draw", "service", "payment"],
        Field(description="gift, goods, voucher, draw, service or payment"),
    ] = "gift"
    points: Annotated[int, Field(ge=1, le=POINTS_MAX, description=f"1 to {POINTS_MAX}")]
    deduct: Annotated[bool, Field(description="false: a threshold that is not taken")] = True
    min_balance: Annotated[
        int | None, Field(ge=1, le=POINTS_MAX, description="points that must be there, or null")
    ] = None
    give: Annotated[tuple[Gift, ...], Field(max_length=20, description="at most 20 gifts")] = ()
    coupon: Annotated[CouponGift | None, Field(description="a table, or null")] = None
    source: Annotated[Literal["store", "hq"], Field(description="store or hq")] = "store"
    timing: Annotated[Literal["any", "next_sale"], Field(description="any or next_sale")] = "any"
    window: Annotated[Window | None, Field(description="a table, or null: always")] = None
    levels: Annotated[tuple[Id, ...], Field(max_length=20, description="ids; empty: all")] = ()
    max_times: Annotated[int | None, Field(ge=1, le=999, description="1 to 999, or null")] = None
    per: Annotated[Every | None, Field(description=EVERY_SAID)] = None

    @model_validator(mode="after")
    def _whole_limit(self) -> Self:
        if (self.max_times is None) != (self.per is None):
            raise refusal("is half a limit", "max_times and per, or neither")
        return self


class Transfer(Section):
    """Points from one member to another. keep_lot_date: they lapse when they would have."""

    min_points: Annotated[int, Field(ge=1, le=POINTS_MAX, description=f"1 to {POINTS_MAX}")] = 1
    max_points: Annotated[int | None, Field(ge=1, le=POINTS_MAX, description=_POINTS_SAID)] = None
    max_times: Annotated[int | None, Field(ge=1, le=999, description="1 to 999, or null")] = None
    per: Annotated[Every | None, Field(description=EVERY_SAID)] = None
    keep_lot_date: Annotated[bool, Field(description="true or false")] = True
    by: Annotated[Role, Field(description="clerk, manager or hq")] = "manager"

    @model_validator(mode="after")
    def _whole_limit(self) -> Self:
        if (self.max_times is None) != (self.per is None):
            raise refusal("is half a limit", "max_times and per, or neither")
        return self


class Holds(Section):
    """Freezing and voiding: for which reasons, and who may."""

    reasons: Annotated[
        tuple[Id, ...], Field(min_length=1, max_length=20, description="1 to 20 reasons")
    ] = ("improper", "fraud", "breach")
    by: Annotated[Role, Field(description="clerk, manager or hq")] = "hq"
    void_after: Annotated[
        Period | None, Field(description="a duration, as P1Y: points held so long are void")
    ] = None
