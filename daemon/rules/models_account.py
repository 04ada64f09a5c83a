"""What a pack says of membership: joining, the term, renewal. Data only, no evaluation."""

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from daemon.rules.models_when import Dates
from daemon.rules.vocabulary import (
    AMOUNT_FEN_MAX,
    AMOUNT_SAID,
    ID_SAID,
    POINTS_MAX,
    ChannelKind,
    Fen,
    Funded,
    Goods,
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
    """One way in. All thresholds are inclusive (满).

    A purchase has to reach one of `min_single_fen` (one receipt), `min_total_fen` (receipts of the
    last `within` together) and `min_qty` (pieces; with `within` of several receipts). Of the
    purchase only `goods` count.
    """

    kind: Annotated[ChannelKind, Field(description="fee, purchase, topup or grant")]
    amount_fen: Annotated[Fen | None, Field(description=f"{AMOUNT_SAID}: the fee")] = None
    min_single_fen: Annotated[
        Fen | None, Field(description=f"{AMOUNT_SAID}: of one purchase, or of one top-up")
    ] = None
    min_total_fen: Annotated[
        Fen | None, Field(description=f"{AMOUNT_SAID}: of all receipts within")
    ] = None
    min_qty: Annotated[
        int | None, Field(ge=1, le=1000, description="1 to 1000 pieces, or null")
    ] = None
    within: Annotated[
        Period | None, Field(description="a duration, as P3M: receipts that count together")
    ] = None
    goods: Annotated[Goods | None, Field(description="a table, or null: all goods")] = None
    fee_waived_for: Annotated[
        Period | None, Field(description="a duration since joining, or null: no fee is waived")
    ] = None
    gifts: Annotated[tuple[Gift, ...], Field(max_length=20, description="at most 20 gifts")] = ()

    @model_validator(mode="after")
    def _says_its_price(self) -> Self:
        asked = (self.min_single_fen, self.min_total_fen, self.min_qty)
        said = {
            "fee": (self.amount_fen is not None, 0),
            "purchase": (self.amount_fen is None, 1),
            "topup": (self.amount_fen is None and self.min_single_fen is not None, 1),
            "grant": (self.amount_fen is None, 0),
        }[self.kind]
        if said != (True, 3 - asked.count(None)):
            raise refusal(
                f"is no complete {self.kind}",
                "amount_fen with fee; one of min_single_fen, min_total_fen, min_qty with purchase;"
                " min_single_fen with topup; none of them with grant",
            )
        bought = self.kind == "purchase"
        several = self.min_total_fen is not None or self.min_qty is not None
        if (self.within is None and self.min_total_fen is not None) or (
            self.within is not None and not several
        ):
            raise refusal(
                "counts receipts of no time", "within with min_total_fen, or with min_qty"
            )
        if not bought and self.goods is not None:
            raise refusal(f"names goods, and is a {self.kind}", "goods with purchase, only there")
        return self


class CouponGift(Section):
    """A coupon that a rule gives; its kind is one of the pack's coupons, or `voucher`."""

    kind: Annotated[Id, Field(description=ID_SAID)] = "voucher"
    value_fen: Annotated[
        int, Field(ge=0, le=AMOUNT_FEN_MAX, description="whole fen; 0: as its kind says")
    ] = 0
    life: Annotated[Period | None, Field(description="a duration, as P1M, or null: no end")] = None


class Reward(Funded):
    """Given when a member joins. Only HQ sees all shops: `accept_risk` gives it at once."""

    id: Annotated[Id, Field(description=ID_SAID)]
    points: Annotated[
        int | None, Field(ge=1, le=POINTS_MAX, description=f"1 to {POINTS_MAX}, or null")
    ] = None
    coupon: Annotated[CouponGift | None, Field(description="a table, or null")] = None
    gifts: Annotated[tuple[Gift, ...], Field(max_length=20, description="at most 20 gifts")] = ()
    when: Annotated[
        tuple[Dates, ...], Field(max_length=20, description="ranges of days; empty: always")
    ] = ()
    channels: Annotated[
        tuple[ChannelKind, ...], Field(max_length=4, description="ways in; empty: all")
    ] = ()
    once_per: Annotated[Literal["person", "card"], Field(description="person or card")] = "person"
    offline: Annotated[
        Literal["accept_risk", "pending"],
        Field(description="accept_risk: spendable at once; pending: when HQ has confirmed"),
    ] = "accept_risk"

    @model_validator(mode="after")
    def _gives_something(self) -> Self:
        given = [self.points is not None, self.coupon is not None, bool(self.gifts)]
        if given.count(True) != 1:
            raise refusal("gives no single thing", "exactly one of points, coupon, gifts")
        return self


class Renew(Section):
    """续会. Early: from the old end. Late: from the old end within `grace`, else from the day."""

    channels: Annotated[tuple[Channel, ...], Field(min_length=1, max_length=4, description="ways")]
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
        tuple[Channel, ...], Field(min_length=1, max_length=4, description="1 to 4 ways in")
    ]
    term: Annotated[Period | None, Field(description="a duration, as P1Y, or null: no end")] = None
    required: Annotated[
        tuple[Literal["phone", "name", "birthday"], ...],
        Field(max_length=3, description="a list of phone, name, birthday"),
    ] = ("phone",)
    optional: Annotated[
        tuple[Literal["name", "birthday", "gender", "address"], ...],
        Field(max_length=4, description="a list of name, birthday, gender, address"),
    ] = ()
    joining_purchase_earns: Annotated[
        bool, Field(description="true: the purchase that lets in earns for who joined")
    ] = False
    joining_purchase_saves: Annotated[
        Id | None,
        Field(description="a coupon, of what member prices would have saved on it; null: none"),
    ] = None
    on_joining_return: Annotated[
        Literal["keep", "take_back", "close"],
        Field(
            description="keep, take_back: its rewards, or close: the card too, when the purchase"
            " that let in comes back"
        ),
    ] = "keep"
    family_cards: Annotated[
        int, Field(ge=0, le=9, description="0 to 9 cards beside the member's own")
    ] = 0
    rewards: Annotated[tuple[Reward, ...], Field(max_length=10, description="at most 10")] = ()
    reissue: Annotated[Reissue | None, Field(description="a table, or null: HQ replaces")] = None
    activation: Annotated[
        Literal["none", "message", "approval", "in_store"],
        Field(
            description="none: rights at once; message, approval: when headquarters has released"
            " the card; in_store: a card that is handed out is nothing before"
        ),
    ] = "none"
    min_age: Annotated[int | None, Field(ge=1, le=99, description="1 to 99 years, or null")] = None
    organisation: Annotated[bool, Field(description="true or false")] = False
    renew: Annotated[Renew | None, Field(description="a table, or null")] = None


class Lapsed(Section):
    """What a member may still do when the term has ended."""

    earn: Annotated[bool, Field(description="true or false")] = False
    member_price: Annotated[bool, Field(description="true or false")] = False
    redeem_points: Annotated[bool, Field(description="true or false")] = False
