"""What requests of headquarters are answered from: this chain's lots, as the books have them."""

from daemon.ledger import accounts
from daemon.ledger.limits import HOME, VALUE, is_home, lineage_of
from daemon.ledger.messages import PleasePart
from daemon.ledger.records import Entry
from daemon.ledger.requests import Hand
from daemon.ledger.views import LotRow
from daemon.sync.inbox import Answering
from daemon.sync.ports import Ledger

LONG_AGO = "1970-01-01T00:00:00+00:00"  # of a lot whose date nobody knows: it goes first
_RETURNABLE = accounts.returnable("")


def answering_from(store: Ledger) -> Answering:
    """Return the view of a store that the inbox needs."""

    def lots_of(account: str, unit: str) -> list[LotRow]:
        if account.startswith(_RETURNABLE):
            lot = account.removeprefix(_RETURNABLE)
            held = store.books.held(account, unit, lot)
            return [LotRow(lot, account, unit, held, LONG_AGO, None, "")] if held > 0 else []
        return [lot if lot.granted else _dated(lot) for lot in store.books.lots(account, unit)]

    def find(source: str, name: str) -> Entry | None:
        known = store.find(source, name)
        return None if known is None else known.entry

    def opens(part: PleasePart) -> int:
        """Return how much of a limit this chain opens; one that was handed over while the period
        ran leaves it: the chain before may have opened it."""
        member = part.account.partition(":")[2]
        if store.books.held(accounts.limit(member), part.unit, ""):
            return 0
        lineage = lineage_of(store.chain, store.read)
        own = lineage_of(store.chain, store.read, back=False)
        home = bool(store.books.lots(accounts.right(member), HOME))
        if not is_home(member, lineage, part.starts, holds_home=home) or part.starts <= own.since:
            return 0
        return max(0, part.opens - (value_here(member) if part.unit == VALUE else 0))

    def value_here(member: str) -> int:
        purses = ((accounts.principal(member), "principal"), (accounts.bonus(member), "bonus"))
        return sum(lot.amount for purse in purses for lot in store.books.lots(*purse))

    return Answering(Hand(lots_of, store.books.held, opens), find)


def _dated(lot: LotRow) -> LotRow:
    return LotRow(lot.lot, lot.account, lot.unit, lot.amount, LONG_AGO, lot.expires, lot.source)
