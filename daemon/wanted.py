"""What a step at the counter may lack that headquarters has."""

from enum import StrEnum

import msgspec


class What(StrEnum):
    MEMBER = "member"  # by card or phone
    HOLDING = "holding"  # points or value
    SALE = "sale"  # of another shop, for a return


class Wanted(msgspec.Struct, frozen=True):
    what: What
    card: str = ""
    phone: str = ""
    member: str = ""
    unit: str = ""
    amount: int = 0
    sale: str = ""
