"""Bodies of entries about a member as a person. Personal data stands in them only encrypted."""

from daemon.ledger.parts import (
    Applied,
    Commission,
    Consent,
    Guide,
    NewLot,
    Part,
    Profile,
    Settled,
    Tender,
    Use,
    Welcome,
)


class MemberRenewed(Part, frozen=True):
    """续会: the term goes on. `re` names the sale that renewed it, where a purchase did."""

    member: str
    card: str
    channel: str  # fee, purchase, grant
    term_from: str | None  # when it ended, or would have
    term_ends: str | None
    fee_fen: int = 0
    rounding_fen: int = 0
    tenders: tuple[Tender, ...] = ()
    points: int = 0
    growth: int = 0
    welcome: tuple[Welcome, ...] = ()
    settled: tuple[Settled, ...] = ()
    guides: tuple[Guide, ...] = ()
    applied: tuple[Applied, ...] = ()
    lots: tuple[NewLot, ...] = ()
    uses: tuple[Use, ...] = ()  # what levels count of it
    commission: tuple[Commission, ...] = ()  # of the term that was sold


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


class LevelChanged(Part, frozen=True):
    """A level went up or down. What it is worth, the pack says."""

    member: str
    level: str  # "": none any more
    before: str
    reason: str = ""  # review, growth, by hand ...
    until: str | None = None  # when it is looked at again, RFC 3339
    manager: str = ""  # the second person, where it was changed by hand
    provisional: bool = False  # by what one shop knows; headquarters decides


class CardIssued(Part, frozen=True):
    """One more card of a member; the others stay good, and all of them reach the same value."""

    card: str
    member: str
    sku: str
    reason: str = ""
    fee_fen: int = 0
    rounding_fen: int = 0  # given away by cash rounding
    tenders: tuple[Tender, ...] = ()


class AuditConfirmed(Part, frozen=True):
    """积分核对: an auditor looked at a member's points on the spot. Nothing moves by it."""

    member: str
    card: str
    period: str  # `2026-12`
    points: int  # by the books of this box
    counted: int  # by the member's own statement
    auditor: str
    gifts: tuple[str, ...] = ()  # rules of the gift table that the member may redeem
    note: str = ""


class VisitNoted(Part, frozen=True):
    """A member, or a card of ours, was served and left without buying. Once a day; what he did
    that has an entry of its own says itself that he was here.
    """

    member: str
    card: str = ""
