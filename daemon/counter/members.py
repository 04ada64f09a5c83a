"""Who a card or a phone number is, and whether the counter may go on with it."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

import msgspec
from msgspec.structs import replace

from daemon.counter import promised
from daemon.counter.codes import Code
from daemon.counter.screens import MemberPage, MemberShown
from daemon.counter.shop import Known, Shop
from daemon.ledger.accounts import visitor
from daemon.ledger.profiles import TAIL_DIGITS, masked
from daemon.rules.types import VISITOR, MemberFacts, Notice

BLOCKED: Mapping[str, Code] = MappingProxyType(
    {
        "lost": Code.LOST,
        "frozen": Code.FROZEN,
        "closed": Code.FROZEN,
    }
)


class Found(msgspec.Struct, frozen=True):
    """A member to go on with; `notice`: what clerk and customer should know of it (E05, E06)."""

    member: Known
    notice: Notice | None = None


class Unfit(msgspec.Struct, frozen=True):
    """No member to go on with; `code`: why."""

    code: str


def by_card(card: str, shop: Shop, now: datetime) -> Found | Unfit:
    """Return the card's member. A card of ours that nobody here has is a visitor's."""
    known = shop.member_by_card(card)
    if known is not None:
        # A card that was replaced still leads to its member; it opens nothing any more.
        dead = BLOCKED.get(shop.card_status(card)) if card != known.facts.card else None
        return _fit(known, shop, now) if dead is None else Unfit(dead)
    if shop.blank_card(card):
        return Unfit(Code.BLANK_CARD)
    if not shop.in_card_range(card):
        return Unfit(Code.UNREADABLE)
    return Found(stranger(card, "active"), Notice(Code.VISITOR, {}))


def by_phone(phone: str, shop: Shop, now: datetime) -> Found | Unfit:
    """Return the member of a phone number: he earns and sees, but has not proved himself."""
    known = shop.member_by_phone(phone)
    if known is None:
        return Unfit(Code.NO_MEMBER)
    return _fit(replace(known, proved=False), shop, now)


def by_number(card: str, shop: Shop, now: datetime) -> Found | Unfit:
    """Return the member of a card's number that was keyed: as good as a phone's."""
    found = by_card(card, shop, now)
    if isinstance(found, Unfit):
        return found
    return replace(found, member=replace(found.member, proved=False))


def page_of(member: Known, shop: Shop) -> MemberPage:
    """Return the inquiry's page. The balance is not on it until it is asked for."""
    ends = member.facts.term_ends if shop.engine().house().tells("term_ends") else None
    until = None if ends is None else ends.date().isoformat()
    return MemberPage(member.shown, until, member.shown.expiring)


def _fit(known: Known, shop: Shop, now: datetime) -> Found | Unfit:
    blocked = BLOCKED.get(known.facts.status)
    if blocked is not None:
        return Unfit(blocked)
    tells = shop.engine().house().tells
    shown = replace(
        known.shown,
        gifts=shop.gifts(known.facts) if tells("gifts") else (),
        expiring=shop.expiring(known.facts.id) if tells("expiring") else (),
        waiting=promised.told(known.facts.id, shop),
    )
    known = replace(known, shown=shown)
    ends = known.facts.term_ends
    if ends is not None and now >= ends:  # half open: at this instant the term has ended
        return Found(known, Notice(Code.TERM_ENDED, {"date": ends.date().isoformat()}))
    return Found(known)


def stranger(card: str, status: str) -> Known:
    """Return who brings a card of ours that nobody here has; it may be blocked all the same."""
    facts = MemberFacts(
        id=visitor(card), card=card, kind=VISITOR, status=status, joined=None, term_ends=None
    )
    return Known(
        facts, MemberShown(masked(None, card), card[-TAIL_DIGITS:], "", points=None, visitor=True)
    )
