"""What a member may do at an instant: prices, earning, spending, and what is to be said. Pure."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from daemon.rules.types import VISITOR, MemberFacts, Notice


class Standing(msgspec.Struct, frozen=True):
    """What a member may do at this instant, and what is to be said about it."""

    member_prices: bool
    earns: bool
    notices: tuple[Notice, ...] = ()
    spends: bool = False  # points and coupons; stored value is his own money


NOBODY = Standing(member_prices=False, earns=False)
_FULL = Standing(member_prices=True, earns=True, spends=True)
_BLOCKED: Mapping[str, str] = {"lost": "E03", "frozen": "E04", "closed": "E04"}


def standing_of(
    member: MemberFacts, at: datetime, *, lapsed: Standing, dead_cards: bool
) -> Standing:
    """Return what a card's holder may do; `dead_cards`: one that nobody registered is nothing."""
    blocked = _BLOCKED.get(member.status)
    if blocked is not None:
        return Standing(member_prices=False, earns=False, notices=(Notice(blocked, {}),))
    if member.term_ends is not None and at >= member.term_ends:
        told = Notice("E05", {"date": member.term_ends.date().isoformat()})
        return Standing(lapsed.member_prices, lapsed.earns, (told,), lapsed.spends)
    if member.kind == VISITOR and dead_cards:
        return Standing(member_prices=False, earns=False, notices=(Notice("E06", {}),))
    if member.kind == VISITOR:
        here = (Notice("E06", {}),)
        return Standing(member_prices=True, earns=True, notices=here, spends=True)
    return _FULL
