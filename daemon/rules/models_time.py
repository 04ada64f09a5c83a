"""What a pack says of time: expiry, windows, festivals, reminders, entitlements. Data only."""

from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from daemon.rules.vocabulary import ID_SAID, Id, Period, Section, Sku, Word, refusal

Every = Literal["day", "week", "month", "quarter", "half_year", "year"]
MonthDay = Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]
LunarMonthDay = Annotated[str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|30)$")]
Day = Annotated[str, Field(pattern=r"^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$")]

EVERY_SAID = "day, week, month, quarter, half_year or year"
PERIOD_SAID = "a duration, as P1Y"

_EXPIRY_KEYS = MappingProxyType(
    {
        "never": (),
        "card_age_check": ("month", "day", "min_age", "confirm"),
        "year_roll": ("month", "day", "years"),
        "sweep": ("month", "day", "who", "confirm"),
        "ttl": ("life",),
        "payout": ("every", "to"),
    }
)


class Expiry(Section):
    """Which keys belong to which kind: docs/RULES.md has the table.

    card_age_check: on the day, cards of `min_age` lose what was not redeemed. year_roll: points
    of year Y are void on the day of year Y + years. sweep: on the day, everybody in `who`. ttl:
    each lot after its life. payout: money rewards become a voucher at each period's end.
    """

    kind: Annotated[
        Literal["never", "card_age_check", "year_roll", "sweep", "ttl", "payout"],
        Field(description="never, card_age_check, year_roll, sweep, ttl or payout"),
    ]
    month: Annotated[int | None, Field(ge=1, le=12, description="1 to 12")] = None
    day: Annotated[int | None, Field(ge=1, le=31, description="1 to 31")] = None
    min_age: Annotated[Period | None, Field(description=PERIOD_SAID)] = None
    confirm: Annotated[
        Literal["manual", "auto"] | None,
        Field(description="manual: when somebody confirms; auto: at 0:00 of the day"),
    ] = None
    years: Annotated[
        int | None, Field(ge=1, le=9, description="1 to 9: 2 voids year Y in year Y+2")
    ] = None
    life: Annotated[Period | None, Field(description=PERIOD_SAID)] = None
    who: Annotated[
        Literal["all", "dormant", "level"] | None, Field(description="all, dormant or level")
    ] = None
    dormant_for: Annotated[Period | None, Field(description=PERIOD_SAID)] = None
    levels: Annotated[tuple[Id, ...], Field(max_length=20, description="ids of levels")] = ()
    every: Annotated[Every | None, Field(description=EVERY_SAID)] = None
    to: Annotated[Id | None, Field(description="the kind of coupon it becomes")] = None
    voucher_life: Annotated[Period | None, Field(description=PERIOD_SAID)] = None
    by: Annotated[Literal["post", "store"], Field(description="post or store")] = "store"
    notice_days: Annotated[int, Field(ge=0, le=366, description="0 to 366")] = 0

    @model_validator(mode="after")
    def _complete(self) -> Self:
        needed = set(_EXPIRY_KEYS[self.kind])
        if self.who == "dormant":
            needed.add("dormant_for")
        named = {key for keys in _EXPIRY_KEYS.values() for key in keys} | {"dormant_for"}
        given = {key for key in named if getattr(self, key) is not None}
        if given != needed or bool(self.levels) != (self.who == "level"):
            allowed = ", ".join(sorted(needed)) or "no other key"
            raise refusal(f"is no complete {self.kind}", f"{allowed} with {self.kind}")
        if self.who in ("dormant", "level") and self.confirm == "auto":
            raise refusal("depends on what other shops know", "confirm manual")
        return self


class Window(Section):
    """A span of days that comes again: the first `days` of each period, or between two dates."""

    every: Annotated[Every | None, Field(description=EVERY_SAID)] = None
    days: Annotated[int | None, Field(ge=1, le=366, description="1 to 366")] = None
    starts: Annotated[MonthDay | None, Field(description="month and day, as 12-15")] = None
    ends: Annotated[MonthDay | None, Field(description="month and day, half open")] = None

    @model_validator(mode="after")
    def _one_shape(self) -> Self:
        given = [one is not None for one in (self.every, self.days, self.starts, self.ends)]
        if given not in ([True, True, False, False], [False, False, True, True]):
            raise refusal("is no window", "every and days, or starts and ends")
        return self


class Festival(Section):
    """A day that comes each year: by the sun (03-08) or by the moon (08-15)."""

    id: Annotated[Id, Field(description=ID_SAID)]
    name: Annotated[Word, Field(description="1 to 64 characters")]
    date: Annotated[MonthDay | None, Field(description="month and day, as 03-08")] = None
    lunar: Annotated[LunarMonthDay | None, Field(description="lunar, as 08-15")] = None

    @model_validator(mode="after")
    def _one_date(self) -> Self:
        if (self.date is None) == (self.lunar is None):
            raise refusal("says no single day", "exactly one of date, lunar")
        return self


class LifeEvent(Section):
    """Something that happens in a member's life and that somebody tells the shop: a wedding."""

    id: Annotated[Id, Field(description=ID_SAID)]
    name: Annotated[Word, Field(description="1 to 64 characters")]


class Calendar(Section):
    festivals: Annotated[tuple[Festival, ...], Field(max_length=60, description="at most 60")] = ()
    holidays: Annotated[tuple[Day, ...], Field(max_length=400, description="dates")] = ()
    life_events: Annotated[
        tuple[LifeEvent, ...], Field(max_length=20, description="at most 20")
    ] = ()


class Gate(Section):
    """Who is reminded. All that is given must hold."""

    profile_complete: Annotated[bool, Field(description="true or false")] = False
    reachable: Annotated[
        bool, Field(description="true: only who has a phone that is in service")
    ] = False
    consent: Annotated[bool, Field(description="true: only who agreed to be told")] = False
    purchase_within: Annotated[Period | None, Field(description=PERIOD_SAID)] = None
    no_purchase_within: Annotated[Period | None, Field(description=PERIOD_SAID)] = None
    purchases_min: Annotated[int | None, Field(ge=1, le=999, description="1 to 999")] = None
    levels: Annotated[tuple[Id, ...], Field(max_length=20, description="ids; empty: all")] = ()
    points_min: Annotated[int | None, Field(ge=1, le=1_000_000, description="1 to 1000000")] = None


class Reminder(Section):
    """A due list: who is to be told, why and when. Sending is another matter."""

    id: Annotated[Id, Field(description=ID_SAID)]
    on: Annotated[
        Literal["birthday", "festival", "anniversary", "term_end", "lapse", "demotion", "period"],
        Field(
            description="birthday, festival, anniversary, term_end, lapse, demotion (a review that"
            " would take the level) or period"
        ),
    ]
    days_before: Annotated[int, Field(ge=0, le=366, description="0 to 366")] = 0
    every: Annotated[Every | None, Field(description=EVERY_SAID)] = None
    gate: Annotated[Gate | None, Field(description="a table, or null: everybody")] = None
    to: Annotated[
        tuple[Literal["store", "hq", "member"], ...],
        Field(min_length=1, max_length=3, description="a list of store, hq, member"),
    ]
    channel: Annotated[
        Literal["list", "sms", "wechat", "call"], Field(description="list, sms, wechat or call")
    ] = "list"
    text: Annotated[str, Field(max_length=200, description="at most 200 characters")] = ""
    list_max: Annotated[int, Field(ge=1, le=10_000, description="1 to 10000")] = 10_000
    max_times: Annotated[
        int | None, Field(ge=1, le=99, description="1 to 99 of a member, or null")
    ] = None
    per: Annotated[Every | None, Field(description=EVERY_SAID)] = None
    task: Annotated[bool, Field(description="true: somebody of the shop does it")] = False

    @model_validator(mode="after")
    def _period_has_one(self) -> Self:
        if (self.on == "period") != (self.every is not None):
            raise refusal("has no rhythm", "every with period, and only with it")
        if (self.max_times is None) != (self.per is None):
            raise refusal("is half a limit", "max_times and per, or neither")
        return self


class Grade(Section):
    """So much of a right for who bought for so much, inclusive (满)."""

    min_fen: Annotated[int, Field(ge=0, le=10_000_000, description="whole fen, 0 to 10000000")]
    qty: Annotated[int, Field(ge=1, le=10_000, description="1 to 10000")]


class Entitlement(Section):
    """A right to a thing or a service. It opens, is handed over in parts, and lapses.

    With `grades` the highest that was reached within `graded_within` says how much. Of rights that
    share `either` and open on one day the member takes one.
    """

    id: Annotated[Id, Field(description=ID_SAID)]
    unit: Annotated[
        Literal["item", "count", "minutes", "issue", "service"],
        Field(description="item, count, minutes, issue or service"),
    ]
    on: Annotated[
        Literal["period", "birthday", "festival", "anniversary", "enrol", "level", "life_event"],
        Field(description="period, birthday, festival, anniversary, enrol, level or life_event"),
    ]
    qty: Annotated[int, Field(ge=1, le=10_000, description="1 to 10000")] = 1
    sku: Annotated[Sku | None, Field(description="a sku, or null: nothing leaves stock")] = None
    every: Annotated[Every | None, Field(description=EVERY_SAID)] = None
    life: Annotated[Period | None, Field(description="a duration, or null: no end")] = None
    levels: Annotated[tuple[Id, ...], Field(max_length=20, description="ids; empty: all")] = ()
    festivals: Annotated[tuple[Id, ...], Field(max_length=60, description="ids; empty: all")] = ()
    events: Annotated[
        tuple[Id, ...], Field(max_length=20, description="ids of life events; empty: all")
    ] = ()
    grades: Annotated[tuple[Grade, ...], Field(max_length=20, description="at most 20")] = ()
    graded_within: Annotated[Period | None, Field(description=PERIOD_SAID)] = None
    either: Annotated[Id | None, Field(description="a name that such rights share")] = None
    deliver: Annotated[Literal["store", "post"], Field(description="store or post")] = "store"

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if (self.on == "period") != (self.every is not None):
            raise refusal("has no rhythm", "every with period, and only with it")
        least = [grade.min_fen for grade in self.grades]
        if least != sorted(set(least)):
            raise refusal("has grades out of order", "grades with growing min_fen")
        if bool(self.grades) != (self.graded_within is not None):
            raise refusal("is half a grading", "grades and graded_within, or neither")
        if self.events and self.on != "life_event":
            raise refusal(f"names life events, and opens on {self.on}", "life_event")
        return self
