"""What packs do to the books: they come down, their bytes maybe later; one is asked for, applies.

Pure.
"""

from collections.abc import Iterator

import msgspec

from daemon.ledger.bodies import PackActivated
from daemon.ledger.bodies_notice import PackReceived
from daemon.ledger.machine import pack_of
from daemon.ledger.messages import Pack, PackActivate
from daemon.ledger.notices import Notice, NoticeChange, NoticeGone, told
from daemon.ledger.records import PackRef


class PackPut(msgspec.Struct, frozen=True):
    """A pack came down; `document` "": its bytes have not come yet."""

    ref: PackRef
    document: str


class PackInForce(msgspec.Struct, frozen=True):
    ref: PackRef


class PackWanted(msgspec.Struct, frozen=True):
    """HQ asks for a pack from `start` on (None: at once); `n` is the message's number."""

    n: int
    ref: PackRef
    start: str | None


PackChange = PackPut | PackInForce | PackWanted


def pack_told(n: int, body: Pack | PackActivate) -> Iterator[PackChange | NoticeChange]:
    """Yield what message n does."""
    match body:
        case Pack(content=None, document=document):
            yield PackPut(pack_of(document), document)
        case Pack():
            yield PackPut(PackRef(body.id, body.version, body.hash), "")
            yield from told(body)
        case PackActivate():
            yield PackWanted(n, PackRef(body.id, body.version, body.hash), body.start)


def pack_entry(body: PackActivated | PackReceived) -> Iterator[PackChange | NoticeChange]:
    """Yield what an entry of the box does."""
    match body:
        case PackActivated():
            yield PackInForce(PackRef(body.id, body.version, body.hash))
        case PackReceived(content=digest, document=document):
            yield PackPut(pack_of(document), document)
            yield NoticeGone(Notice.PACK, digest)
