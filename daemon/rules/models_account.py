"""What a pack says of an account: joining, the term, expiry. Data only, no evaluation."""

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


class Reward(Section):
    """Given when a member joins. Only HQ sees all shops: `accept_risk` gives it at once."""

    id: Annotated[Id, Field(description=ID_SAID)]
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
            raise refusal(
                f"is no complete {self.kind}",
                "month, day, min_age and confirm with card_age_check, none of them with never",
            )
        return self
