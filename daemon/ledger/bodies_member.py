"""Bodies of entries about a member as a person. Personal data stands in them only encrypted."""

from daemon.ledger.parts import Consent, Part, Profile


class MemberUpdated(Part, frozen=True):
    """The profile, encrypted anew with the member's own key; says which fields changed."""

    member: str
    card: str
    profile: Profile
    fields: tuple[str, ...]  # names of what changed, never the values
    points: int = 0


class ConsentChanged(Part, frozen=True):
    member: str
    consent: Consent
    way: str = "counter"  # counter, console, letter


class MemberErased(Part, frozen=True):
    """A tombstone: the keys of these cards are forgotten, and refused wherever they come up."""

    member: str
    cards: tuple[str, ...]
    reason: str = ""  # asked by the member, ended by law ...
