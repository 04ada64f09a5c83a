"""What a pack says of membership: joining, the term, renewal. Data only, no evaluation."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from daemon.rules.vocabulary import (
    AMOUNT_SAID,
    ID_SAID,
    POINTS_MAX,
    ChannelKind,
    Fen,
    Id,
    Period,
    Section,
    Sku,
    Word,
    refusal,
)


class Gift(Section):
    sku: Annotated[Sku, Field(description="a sku")]
    qty: Annotated[int, Field(ge=1, le=100, description="1 to 100")] = 1


class Channel(Section):
    """One way in. `fee` needs amount_fen; `purchase` needs min_single_fen, inclusive (满)."""

    kind: Annotated[ChannelKind, Field(description="fee, purchase or grant")]
    amount_fen: Annotated[Fen | None, Field(description=AMOUNT_SAID)] = None
    min_single_fen: Annotated[Fen | None, Field(description=AMOUNT_SAID)] = None
    gifts: Annotated[tuple[Gift, ...], Field(max_length=20, description="at most 20 gifts")] = ()

    @model_validator(mode="after")
    def _says_its_price(self) -> Self:
        given = (self.amount_fen is not None, self.min_single_fen is not None)
        if given != (self.kind == "fee", self.kind == "purchase"):
            raise refusal(
                f"is no complete {self.kind}",
                "amount_fen with fee, min_single_fen with purchase, neither with grant",
            )
        return self


class CouponGift(Section):
    """A coupon that a rule gives; its kind is one of the pack's coupons, or `voucher`."""

    kind: Annotated[Id, Field(description=ID_SAID)] = "voucher"
    value_fen: Annotated[Fen, Field(description=AMOUNT_SAID)]
    life: Annotated[Period | None, Field(description="a duration, as P1M, or null: no end")] = None


class Reward(Section):
    """Given when a member joins. Only HQ sees all shops: `accept_risk` gives it at once."""

    id: Annotated[Id, Field(description=ID_SAID)]
    points: Annotated[
        int | None, Field(ge=1, le=POINTS_MAX, description=f"1 to {POINTS_MAX}, or null")
    ] = None
    coupon: Annotated[CouponGift | None, Field(description="a table, or null")] = None
    once_per: Annotated[Literal["person"], Field(description="person")] = "person"
    offline: Annotated[
        Literal["accept_risk", "pending"],
        Field(description="accept_risk: spendable at once; pending: when HQ has confirmed"),
    ] = "accept_risk"

    @model_validator(mode="after")
    def _gives_something(self) -> Self:
        if (self.points is None) == (self.coupon is None):
            raise refusal("gives no single thing", "exactly one of points, coupon")
        return self


class Renew(Section):
    """续会. Early: from the old end. Late: from the old end within `grace`, else from the day."""

    channels: Annotated[tuple[Channel, ...], Field(min_length=1, max_length=3, description="ways")]
    before: Annotated[Period, Field(description="a duration, as P30D")]
    counts_from: Annotated[Literal["old_end", "today"], Field(description="old_end or today")] = (
        "old_end"
    )
    grace: Annotated[Period | None, Field(description="a duration, as P30D, or null: none")] = None
    rewards: Annotated[tuple[Reward, ...], Field(max_length=10, description="at most 10")] = ()


class Reissue(Section):
    """A lost card replaced: what it costs, and what the member gets for it."""

    fee_fen: Annotated[Fen | None, Field(description=f"{AMOUNT_SAID}, or null: free")] = None
    rewards: Annotated[tuple[Reward, ...], Field(max_length=10, description="at most 10")] = ()


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
    reissue: Annotated[Reissue | None, Field(description="a table, or null: HQ replaces")] = None
    activation: Annotated[
        Literal["none", "message", "approval", "in_store"],
        Field(description="none: rights at once; message, approval or in_store: after it"),
    ] = "none"
    min_age: Annotated[int | None, Field(ge=1, le=99, description="1 to 99 years, or null")] = None
    organisation: Annotated[bool, Field(description="true or false")] = False
    renew: Annotated[Renew | None, Field(description="a table, or null")] = None


class Lapsed(Section):
    """What a member may still do when the term has ended."""

    earn: Annotated[bool, Field(description="true or false")] = False
    member_price: Annotated[bool, Field(description="true or false")] = False
    redeem_points: Annotated[bool, Field(description="true or false")] = False
