"""Keys of erased members are forgotten: by an entry of this box, or by word of headquarters.

Keys out of a backup are older than the erasures since. They are held until headquarters has named
everyone who was erased (`member.tombstones`, complete) in the log of the chain that came after.
"""

from collections.abc import Callable, Iterable
from typing import Protocol

from daemon.ledger.bodies import Body, DownApplied, MemberErased
from daemon.ledger.codec import CodecError, down_body, down_message
from daemon.ledger.local import Local
from daemon.ledger.messages import Tombstones
from daemon.ledger.records import Entry

_TOLD = '"kind":"member.tombstones"'  # as it stands in a message: canonical JSON


class ErasedCards(Protocol):
    def erased_cards(self) -> list[str]: ...


def bring_up(local: Local, books: ErasedCards, chain: Callable[[], Iterable[Entry]]) -> None:
    """Before the store is open: forget what was erased, also where a crash came in between.

    `chain` yields the entries of the chain that is being written; it is read only after a restore.
    """
    local.forget_member_keys(books.erased_cards())
    if local.held_keys() and any(_complete(entry) for entry in chain()):
        local.release_member_keys()


def forget(local: Local, entry: Entry) -> None:
    """Do what an entry that is durable says about keys."""
    body = entry.body
    if isinstance(body, MemberErased):
        local.forget_member_keys(body.cards)
        return
    told = _told(body)
    if told is None:
        return
    local.forget_member_keys(card for one in told.erased for card in one.cards)
    if told.complete and local.held_keys():
        local.release_member_keys()


def _complete(entry: Entry) -> bool:
    told = _told(entry.body)
    return told is not None and told.complete


def _told(body: Body) -> Tombstones | None:
    if not isinstance(body, DownApplied) or _TOLD not in body.message:
        return None
    try:
        told = down_body(down_message(body.message.encode()))
    except CodecError:
        return None
    return told if isinstance(told, Tombstones) else None
