"""When a rule holds: days, hours, and who the member is. Data only; occasions.py evaluates it.

All fields that are given must hold (and); within a field one of its values is enough (or). Days
are those of the shop's clock.
"""

from typing import Annotated, Self

from pydantic import Field, model_validator

from daemon.rules.vocabulary import Id, Period, Section, Word, refusal

DAYS_MAX = 60  # around a birthday: two months of greetings are the most that anybody gives

Day = Annotated[
    str,
    Field(
        pattern=r"^([0-9]{4}-)?(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$",
        description="03-08, each year, or 2026-03-08",
    ),
]
LunarDay = Annotated[
    str, Field(pattern=r"^(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|30)$", description="08-15")
]
Minute = Annotated[
    str, Field(pattern=r"^(([01][0-9]|2[0-3]):[0-5][0-9]|24:00)$", description="00:00 to 24:00")
]


class Dates(Section):
    """From the first to the last day, both included. Without years it may run over New Year."""

    first: Day
    last: Day

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        years = len(self.first) == len(self.last)
        if not years or (len(self.first) == 10 and self.first > self.last):
            raise refusal(
                f"{self.first} to {self.last} is no range",
                "two days with years in order, or two days without",
            )
        return self


class Hours(Section):
    """Half open: 18:00 to 22:00 ends before 22:00:00."""

    starts: Minute
    ends: Minute

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.starts >= self.ends:
            raise refusal(f"{self.starts} to {self.ends} is no time", "an end after the start")
        return self


class Birthday(Section):
    """Days around the member's birthday; 0 and 0 is the day itself. 29 February is 28."""

    days_before: Annotated[int, Field(ge=0, le=DAYS_MAX, description=f"0 to {DAYS_MAX}")] = 0
    days_after: Annotated[int, Field(ge=0, le=DAYS_MAX, description=f"0 to {DAYS_MAX}")] = 0


class When(Section):
    weekdays: Annotated[
        tuple[Annotated[int, Field(ge=1, le=7)], ...],
        Field(max_length=7, description="1 (Monday) to 7"),
    ] = ()
    month_days: Annotated[
        tuple[Annotated[int, Field(ge=1, le=31)], ...],
        Field(max_length=31, description="1 to 31; a day that a month lacks is its last"),
    ] = ()
    dates: Annotated[tuple[Dates, ...], Field(max_length=50, description="ranges of days")] = ()
    lunar: Annotated[
        tuple[LunarDay, ...], Field(max_length=50, description="days of the lunar year, as 08-15")
    ] = ()
    hours: Annotated[tuple[Hours, ...], Field(max_length=10, description="ranges of hours")] = ()
    holidays: Annotated[bool, Field(description="true: on the holidays of the calendar only")] = (
        False
    )
    levels: Annotated[tuple[Id, ...], Field(max_length=20, description="ids of levels")] = ()
    tags: Annotated[tuple[Word, ...], Field(max_length=20, description="segments")] = ()
    benefits: Annotated[
        tuple[Id, ...], Field(max_length=20, description="ids of card types by face value")
    ] = ()
    birthday: Annotated[Birthday | None, Field(description="a table, or null")] = None
    joined_within: Annotated[
        Period | None, Field(description="a duration, as P30D: new members only")
    ] = None
    joined_for: Annotated[
        Period | None, Field(description="a duration, as P30D: who has been one so long")
    ] = None
