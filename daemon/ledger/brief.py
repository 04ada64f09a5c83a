"""Sales with only what the books keep of them: a third of the time that a whole one takes.

Most entries are sales, and a rebuild reads all there are. What is left out is skipped, not looked
at, but a field that this software does not know is refused here too. It encodes nothing.
"""

from typing import Literal

import msgspec

from daemon.ledger.parts import Advance, NewLot, Tender, Unlisted, Use
from daemon.ledger.records import At, By, Posting


class SaleInBrief(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """A sale's body: the fields of bodies.Sale, most of them as they stand in the bytes."""

    lines: msgspec.Raw
    tenders: tuple[Tender, ...]
    list_fen: int  # a number is made sooner than a view of its bytes
    bill_fen: int
    rounding_fen: int
    pay_fen: int
    member: str = ""
    card: msgspec.Raw = msgspec.Raw()
    points: int = 0
    growth: int = 0
    guides: msgspec.Raw = msgspec.Raw()
    applied: msgspec.Raw = msgspec.Raw()
    lots: tuple[NewLot, ...] = ()
    spent: msgspec.Raw = msgspec.Raw()
    settled: msgspec.Raw = msgspec.Raw()
    commission: msgspec.Raw = msgspec.Raw()
    uses: tuple[Use, ...] = ()
    gifts: msgspec.Raw = msgspec.Raw()
    chosen: msgspec.Raw = msgspec.Raw()
    near: msgspec.Raw = msgspec.Raw()
    frozen: msgspec.Raw = msgspec.Raw()
    later: tuple[Unlisted, ...] = ()
    advance: Advance | None = None


class BriefSale(msgspec.Struct, frozen=True, forbid_unknown_fields=True, gc=False):
    """An entry that is a sale and answers no other."""

    v: Literal[1]
    box: str
    epoch: int
    seq: int
    prev: msgspec.Raw
    source: str
    id: str
    kind: Literal["sale"]
    at: At
    by: By
    pack: msgspec.Raw
    re: None
    body: SaleInBrief
    postings: tuple[Posting, ...]


_SALE = msgspec.json.Decoder(BriefSale)


def brief_sale(data: bytes) -> BriefSale | None:
    """Return the sale; None: the bytes are another entry, or none. codec.py reads them."""
    try:
        return _SALE.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
