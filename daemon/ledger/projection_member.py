"""Changes that entries make to what the books know of members and cards. No behaviour."""

import msgspec

from daemon.ledger.bodies import Profile
from daemon.ledger.messages import CardRange


class MemberPut(msgspec.Struct, frozen=True):
    id: str
    card: str
    kind: str
    joined: str
    term_ends: str | None
    level: str
    staff: str
    profile: Profile | None
    tags: tuple[str, ...] = ()
    broker: str = ""
    benefits: tuple[str, ...] = ()


class CardPut(msgspec.Struct, frozen=True):
    """A card of a member, or (member "") a status alone: the card keeps the member it has."""

    number: str
    member: str
    status: str


class RangesSet(msgspec.Struct, frozen=True):
    ranges: tuple[CardRange, ...]


class MemberCarded(msgspec.Struct, frozen=True):
    """The member has a new card, and his profile is locked for it."""

    member: str
    card: str
    cipher: str
    nonce: str


class TermPut(msgspec.Struct, frozen=True):
    """The membership ends at another time."""

    member: str
    term_ends: str | None


class LevelPut(msgspec.Struct, frozen=True):
    """`until`: when it is looked at again."""

    member: str
    level: str
    until: str | None = None


class BenefitsPut(msgspec.Struct, frozen=True):
    """A member holds these card types by face value."""

    member: str
    benefits: tuple[str, ...]


MemberChange = MemberPut | CardPut | RangesSet | MemberCarded | TermPut | LevelPut | BenefitsPut
