"""Changes that entries make to what the books know of members and cards. No behaviour."""

from dataclasses import dataclass

from daemon.ledger.bodies import Profile
from daemon.ledger.messages import CardRange


@dataclass(frozen=True, slots=True)
class MemberPut:
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


@dataclass(frozen=True, slots=True)
class CardPut:
    """A card of a member, or (member "") a status alone: the card keeps the member it has."""

    number: str
    member: str
    status: str


@dataclass(frozen=True, slots=True)
class RangesSet:
    ranges: tuple[CardRange, ...]


@dataclass(frozen=True, slots=True)
class MemberCarded:
    """The member has a new card, and his profile is locked for it."""

    member: str
    card: str
    cipher: str
    nonce: str


@dataclass(frozen=True, slots=True)
class TermPut:
    """The membership ends at another time."""

    member: str
    term_ends: str | None


@dataclass(frozen=True, slots=True)
class LevelPut:
    """`until`: when it is looked at again."""

    member: str
    level: str
    until: str | None = None


@dataclass(frozen=True, slots=True)
class BenefitsPut:
    """A member holds these card types by face value."""

    member: str
    benefits: tuple[str, ...]


MemberChange = MemberPut | CardPut | RangesSet | MemberCarded | TermPut | LevelPut | BenefitsPut
