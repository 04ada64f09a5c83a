"""All balances as one number, from the postings or from the books: equal when every balance is.

Each posting weighs its amount times a hash of its place (holder, account, unit, lot). The sum is
linear, so it can be made in any order, by several processes, and nothing is kept in memory. Python
hashes texts with a key that is drawn anew in every run, so nobody can make books that weigh right;
processes that share a sum must be forked from one.
"""

from collections.abc import Iterable, Mapping

from daemon.ledger.records import Posting
from daemon.ledger.sheet import PLACE_BITS, SMALL, own_lot, stored_account


class Scale:
    def __init__(self, box: str, first_no: Mapping[int, int]) -> None:
        """`first_no`: the number in the books of each epoch's first entry."""
        self._box = box
        self.first_no = first_no

    def postings(self, postings: Iterable[Posting], *, epoch: int, seq: int) -> int:
        """Return what the postings of an entry weigh."""
        weight = 0
        own = f"{self._box}.{epoch}:{seq}:"
        first = self.first_no.get(epoch)
        for posting in postings:
            account, unit, lot = posting.account, posting.unit, posting.lot
            if lot:
                n = SMALL.get(lot[len(own) :]) if lot.startswith(own) else None
                if n is None or first is None:
                    number = self._lot(lot)
                else:
                    number = (first + seq - 1) << PLACE_BITS | n
                place = hash((posting.holder, stored_account(account, unit, lot), unit))
                weight += posting.amount * hash((place, number))
            else:
                weight += posting.amount * hash((posting.holder, account, unit))
        return weight

    def balances(self, balances: Iterable[tuple[int, str | int, int]]) -> int:
        """Return what balances weigh: (hash of holder, account and unit; lot; amount)."""
        weight = 0
        for place, lot, amount in balances:
            if lot == 0:
                weight += amount * place
            else:
                weight += amount * hash((place, lot if isinstance(lot, int) else hash(lot)))
        return weight

    def _lot(self, text: str) -> int:
        number = own_lot(text, self._box, self.first_no)
        return hash(text) if number is None else number
