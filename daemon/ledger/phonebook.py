"""Digests of phone numbers made anew: the key that they are keyed with was lost.

What can be opened is looked up again; for the others the phone number has to be asked once more.
"""

from contextlib import suppress
from typing import Protocol

import msgspec

from daemon.errors import SealError
from daemon.ledger.local import Local
from daemon.ledger.profiles import open_profile, phone_digest
from daemon.ledger.views import MemberRow
from daemon.seal import keyed_digest

KEY_FACT = "phone_key"  # in local.db: a digest by which the key of the digests is known
_MARKED = "memberbox phone key"  # no phone number


class Members(Protocol):
    def member_by_card(self, card: str) -> MemberRow | None: ...


class Rebuilt(msgspec.Struct, frozen=True):
    """How many members can be found by phone again, and how many cannot."""

    found: int
    lost: int

    def __str__(self) -> str:
        said = (
            "keys/phone.key was lost and a new one was made: "
            f"{self.found} phone numbers can be looked up as before"
        )
        if not self.lost:
            return f"{said}. Nothing is to be done; make a new backup."
        return (
            f"{said}, {self.lost} cannot: these members are found by card only, until"
            " headquarters has told the box of them again. Make a new backup."
        )


def check_digests(books: Members, local: Local, phone_key: bytes, *, fresh: bool) -> Rebuilt | None:
    """Key the digests anew where they were keyed with another key; None: they fit.

    `fresh`: the key was made just now. The key's own mark is kept beside the digests, so that a
    crash in between changes nothing. Raises StoreError.
    """
    mark = keyed_digest(phone_key, _MARKED).hex()
    known = local.fact(KEY_FACT)
    if known == mark:
        return None
    rebuilt = _rebuilt(books, local, phone_key) if known is not None or fresh else None
    local.put_fact(KEY_FACT, mark)
    return rebuilt


def _rebuilt(books: Members, local: Local, phone_key: bytes) -> Rebuilt | None:
    """A digest that cannot be made anew is taken away: it would match nobody for ever."""
    digests: dict[str, bytes | None] = {}
    for card, key in local.keys_with_phone():
        row = books.member_by_card(card)
        digests[card] = None
        if row is not None and row.profile is not None:
            with suppress(SealError):  # the profile of an older card of this member
                phone = open_profile(row.profile, card=card, key=key).phone
                digests[card] = phone_digest(phone_key, phone) if phone else None
    local.put_phone_digests(digests)
    found = sum(digest is not None for digest in digests.values())
    return Rebuilt(found, len(digests) - found) if digests else None
