"""What a pack says of growth and levels. Data only; the lowest level stands first."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal

from pydantic import AfterValidator, Field

from daemon.rules.models_account import CouponGift
from daemon.rules.models_time import MonthDay
from daemon.rules.vocabulary import (
    AMOUNT_SAID,
    ID_SAID,
    POINTS_MAX,
    Fen,
    Goods,
    Id,
    Period,
    Section,
    Word,
)

LEVELS_MAX = 20  # an airline has eight

Metric = Literal[
    "earned_points",
    "spend",
    "visits",
    "growth",
    "max_single_topup",
    "points",
    "goods_spend",
    "goods_pieces",
]
Amount = Annotated[int, Field(ge=0, le=1_000_000_000)]


def _frozen(needs: Mapping[Metric, Amount]) -> Mapping[Metric, Amount]:
    return MappingProxyType(dict(needs))


class GrowthRule(Section):
    """成长值 for something done: per action, or for each full step of its money."""

    id: Annotated[Id, Field(description=ID_SAID)]
    on: Annotated[
        Literal["sale", "topup", "enrol", "renew", "grant"],
        Field(description="sale, topup, enrol, renew or grant"),
    ]
    step_fen: Annotated[Fen | None, Field(description=f"{AMOUNT_SAID}, or null: per action")] = None
    growth: Annotated[int, Field(ge=1, le=POINTS_MAX, description=f"1 to {POINTS_MAX}")]


class Level(Section):
    id: Annotated[Id, Field(description=ID_SAID)]
    name: Annotated[Word, Field(description="1 to 64 characters")]
    needs: Annotated[
        Mapping[Metric, Amount],
        AfterValidator(_frozen),
        Field(
            max_length=8,
            description="what it takes: earned_points, spend, visits, growth, max_single_topup,"
            " points, goods_spend, goods_pieces; empty: everybody",
        ),
    ]
    match: Annotated[
        Literal["all", "any"], Field(description="all: every need; any: one of them")
    ] = "all"
    coupon: Annotated[CouponGift | None, Field(description="a table, or null")] = None
    rights: Annotated[tuple[Word, ...], Field(max_length=20, description="at most 20 words")] = ()
    fee_fen: Annotated[
        Fen | None,
        Field(description="what joining and renewing by a fee cost at it; null: as enrol says"),
    ] = None
    card_design: Annotated[
        Word | None, Field(description="how its card looks, for who orders cards, or null")
    ] = None


class Levels(Section):
    """Levels by what was done within `window` (null: ever). Money is fen.

    Up at once (immediate) or at the review. A level holds for `validity` (null: for good); then,
    after `grace`, it is assessed anew and, where `down` says so, falls to what is reached. With
    `review_on` the review waits for that day of the year. `goods`: of which goods the needs
    goods_spend and goods_pieces count, as cars.
    """

    list: Annotated[
        tuple[Level, ...], Field(min_length=1, max_length=LEVELS_MAX, description="1 to 20")
    ]
    growth: Annotated[tuple[GrowthRule, ...], Field(max_length=40, description="at most 40")] = ()
    window: Annotated[Period | None, Field(description="a duration, or null: ever")] = None
    up: Annotated[Literal["immediate", "review"], Field(description="immediate or review")] = (
        "immediate"
    )
    down: Annotated[
        Literal["never", "to_reached", "one_step"],
        Field(description="never, to_reached or one_step"),
    ] = "never"
    decided_by: Annotated[
        Literal["shop", "chain"],
        Field(description="shop: by what it knows; chain: headquarters, by what all shops know"),
    ] = "shop"
    validity: Annotated[Period | None, Field(description="a duration, or null: for good")] = None
    review_on: Annotated[
        MonthDay | None, Field(description="month and day, as 01-01, or null: its own day")
    ] = None
    goods: Annotated[Goods | None, Field(description="a table, or null: all goods")] = None
    grace: Annotated[Period | None, Field(description="a duration, or null: none")] = None
