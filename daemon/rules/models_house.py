"""What a pack says around the sale: display, privacy, roaming, stock, who wrote it, lint."""

from typing import Annotated, Literal

from pydantic import AwareDatetime, Field

from daemon.rules.models_time import Every
from daemon.rules.vocabulary import ID_SAID, POINTS_MAX, Categories, Fen, Id, Period, Section, Word

_BP_SAID = "0 to 10000: 5000 is a half"


class DisplayRules(Section):
    """What the customer's side shows, and for how long."""

    idle_after_s: Annotated[int, Field(ge=5, le=3600, description="5 to 3600 seconds")] = 30
    opens_hour: Annotated[int, Field(ge=0, le=23, description="0 to 23")] = 0
    closes_hour: Annotated[int, Field(ge=1, le=24, description="1 to 24, half open")] = 24
    mask: Annotated[Literal["surname", "initials"], Field(description="surname or initials")] = (
        "surname"
    )
    expected_value: Annotated[bool, Field(description="true: what the points are worth")] = False
    expiring_days: Annotated[
        int, Field(ge=0, le=3660, description="0 to 3660: of what lapses within them is told")
    ] = 366


class Stock(Section):
    """What the stock is watched for. Least and most of a product come with the product list."""

    low: Annotated[bool, Field(description="true: told when there is less than the least")] = True
    high: Annotated[bool, Field(description="true: told when there is more than the most")] = True
    count_every: Annotated[
        Every | None, Field(description="how often goods are counted, or null: not asked")
    ] = None
    count: Annotated[
        Categories, Field(description="categories to count, as cards and gifts; empty: all")
    ] = ()


class About(Section):
    """Who wrote these rules, and what was published of them. Changes no result."""

    author: Annotated[Word | None, Field(description="1 to 64 characters, or null")] = None
    issued: Annotated[AwareDatetime | None, Field(description="a time with an offset, or null")] = (
        None
    )
    supersedes: Annotated[
        int | None, Field(ge=1, le=1_000_000, description="the version before, or null")
    ] = None
    budget_fen: Annotated[
        int | None,
        Field(ge=1, le=10**12, description="what it may give away a month, fen, or null"),
    ] = None
    notice: Annotated[
        str, Field(max_length=4000, description="the text for members, at most 4000 characters")
    ] = ""


class Share(Section):
    """To whom which fields may go, and only with the member's consent."""

    party: Annotated[Id, Field(description=ID_SAID)]
    fields: Annotated[
        tuple[Literal["name", "phone", "birthday", "level", "spend", "points"], ...],
        Field(min_length=1, max_length=6, description="fields that may go"),
    ]
    consent: Annotated[Literal[True], Field(description="true: never without consent")] = True


class Privacy(Section):
    share: Annotated[tuple[Share, ...], Field(max_length=20, description="at most 20")] = ()
    retention: Annotated[Period, Field(description="a duration, as P5Y")] = "P5Y"
    export: Annotated[Literal["encrypted"], Field(description="encrypted")] = "encrypted"
    profile_roles: Annotated[
        tuple[Literal["clerk", "manager", "hq"], ...],
        Field(min_length=1, max_length=3, description="who sees a whole profile"),
    ] = ("manager", "hq")


class Roaming(Section):
    """How much of what a shop grants goes to HQ's pool at each sync, and what stays."""

    release_basis_points: Annotated[int, Field(ge=0, le=10_000, description=_BP_SAID)] = 0
    home_keeps_points: Annotated[
        int, Field(ge=0, le=POINTS_MAX, description=f"0 to {POINTS_MAX}")
    ] = 0
    floor_points: Annotated[
        int, Field(ge=0, le=POINTS_MAX, description=f"0 to {POINTS_MAX}: above the holding")
    ] = 0
    limits: Annotated[
        Literal["refuse", "accept_risk"],
        Field(description="refuse, or accept_risk: a shop without the right gives all the same"),
    ] = "refuse"


class Limits(Section):
    """What `rules check` measures a pack by."""

    min_tier_gap_fen: Annotated[Fen, Field(description="whole fen on a 9.00 item")] = 100
    max_back: Annotated[
        int, Field(ge=1, le=10_000, description="basis points of spend that points may give back")
    ] = 2000
    levels_max: Annotated[int, Field(ge=1, le=20, description="1 to 20")] = 5
    need_member_clause: Annotated[bool, Field(description="true or false")] = False
    broker_basis_points_min: Annotated[
        int, Field(ge=0, le=10_000, description="0 to 10000: 1000 is 10%")
    ] = 1000
    broker_basis_points_max: Annotated[
        int, Field(ge=0, le=10_000, description="0 to 10000: 1500 is 15%")
    ] = 1500
    offline_message_activation: Annotated[
        Literal["forbid", "allow"], Field(description="forbid or allow")
    ] = "forbid"
    barcode_with_terminal: Annotated[
        Literal["forbid", "allow"], Field(description="forbid or allow")
    ] = "forbid"
