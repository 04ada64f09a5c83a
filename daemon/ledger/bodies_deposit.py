"""Bodies of entries about money taken in advance for goods that come later (定金)."""

from daemon.ledger.parts import Guide, Part, Tender


class DepositTaken(Part, frozen=True):
    """Money for goods that are ordered: owed to who paid, until they are bought or it is back."""

    amount_fen: int
    tenders: tuple[Tender, ...]
    goods: str  # what was ordered, in words
    due: str = ""  # when the goods shall be here, YYYY-MM-DD
    member: str = ""
    card: str = ""
    guides: tuple[Guide, ...] = ()


class DepositApplied(Part, frozen=True):
    """The whole deposit pays its part of a sale; `re` names the deposit."""

    amount_fen: int
    sale: str  # it has a tender `deposit` of this amount


class DepositRefunded(Part, frozen=True):
    """The whole deposit is paid back; `re` names it."""

    amount_fen: int
    tenders: tuple[Tender, ...]
    reason: str
