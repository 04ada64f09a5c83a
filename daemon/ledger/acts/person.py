"""A member as a person: the profile changed, consent changed, the person erased. Pure.

Personal data comes to this file only encrypted; what an erasure means for keys is the store's.
"""

import msgspec

from daemon.ledger.acts.moves import Member, Refusal, Request, Stamp
from daemon.ledger.bodies import Body, Consent, ConsentChanged, MemberErased, MemberUpdated, Profile
from daemon.ledger.kinds import Kind
from daemon.ledger.profiles import Person
from daemon.ledger.records import Draft

WAYS = ("counter", "console", "letter")


class UpdateRequest(Request, frozen=True, kw_only=True):
    """None leaves a field as it is; "" empties it."""

    member: str = ""
    card: str = ""
    phone: str | None = None
    name: str | None = None
    birthday: str | None = None  # YYYY-MM-DD
    gender: str | None = None
    address: str | None = None
    note: str | None = None


class ConsentRequest(Request, frozen=True, kw_only=True):
    member: str = ""
    card: str = ""
    terms: str  # version of the terms agreed to
    marketing: bool
    way: str = "counter"


class EraseRequest(Request, frozen=True, kw_only=True):
    member: str = ""
    card: str = ""
    reason: str


def changed(request: UpdateRequest, person: Person) -> tuple[Person, tuple[str, ...]]:
    """Return the person as wanted, and the names of the fields that differ."""
    wanted = {
        name: value
        for name in Person.__struct_fields__
        if (value := getattr(request, name)) is not None and value != getattr(person, name)
    }
    return msgspec.structs.replace(person, **wanted), tuple(wanted)


def update(member: Member, profile: Profile, fields: tuple[str, ...], stamp: Stamp) -> Draft:
    """Return that the profile is another."""
    body = MemberUpdated(member.id, member.card, profile, fields)
    return _draft(stamp, Kind.MEMBER_UPDATED, body)


def consent(request: ConsentRequest, member: Member, stamp: Stamp) -> Draft | Refusal:
    """Return that the member agreed to other terms, or withdrew from marketing."""
    if not member.kind:
        return Refusal("card_not_ours", "name a member who is known here")
    if request.way not in WAYS or not request.terms:
        return Refusal("not_allowed", f"consent has terms, and comes by {', '.join(WAYS)}")
    body = ConsentChanged(member.id, Consent(request.terms, request.marketing), request.way)
    return _draft(stamp, Kind.CONSENT_CHANGED, body)


def erase(
    request: EraseRequest, member: Member, cards: tuple[str, ...], stamp: Stamp
) -> Draft | Refusal:
    """Return the tombstone. Points and value stay in the books, under a number that is nobody's.

    A member who still has paid value is refunded first: afterwards nobody can say whose it is.
    """
    if not member.kind or not cards:
        return Refusal("card_not_ours", "name a member who is known here")
    if not request.reason:
        return Refusal("not_allowed", "say why: asked by the member, ended by law ...")
    left = member.total("principal")
    if left:
        return Refusal("not_allowed", f"{left} fen of paid value are left: refund them first")
    body = MemberErased(member.id, cards, request.reason)
    return _draft(stamp, Kind.MEMBER_ERASED, body)


def _draft(stamp: Stamp, kind: Kind, body: Body) -> Draft:
    return Draft(stamp.source, stamp.id, kind, stamp.at, stamp.by, stamp.pack, None, body, ())
