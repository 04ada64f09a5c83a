"""Bodies of entries about chains and what they hold: how a chain ends and who goes on with it."""

from daemon.ledger.parts import Part


class EpochClosed(Part, frozen=True):
    """The last entry of a chain that hands everything to its heir (a planned replacement).

    What it held left by the entries from number `first` on, each a `holding.released` to the heir.
    """

    heir: str  # the chain that goes on: `0018.2`
    first: int  # 0: there was nothing to hand over


class HoldingTaken(Part, frozen=True):
    """What another log released to this holder is in its hand now. What moves: the postings."""

    released: str  # the entry that sent it: `0018.1:512`


class LostLot(Part, frozen=True):
    """A lot that a closed chain held, and lot `n` of this entry that stands for it."""

    n: int
    lot: str
    account: str
    unit: str
    amount: int
    source: str = ""
    expires: str | None = None
    topup: str = ""
    owner: str = ""


class ChainClosed(Part, frozen=True):
    """Headquarters gives up a chain: nobody will ever take from what it held.

    A long holding fills several entries; `part` of `parts`.
    """

    chain: str
    mark: int  # the last entry that headquarters has of it
    hash: str
    lots: tuple[LostLot, ...]
    part: int = 1
    parts: int = 1
    undelivered: tuple[int, ...] = ()  # messages with grants that it never confirmed
