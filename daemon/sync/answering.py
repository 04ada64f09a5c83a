"""What requests of headquarters are answered from: this chain's lots, as the books have them."""

from daemon.ledger.accounts import returnable
from daemon.ledger.records import Entry
from daemon.ledger.views import LotRow
from daemon.sync.inbox import Answering
from daemon.sync.ports import Ledger

LONG_AGO = "1970-01-01T00:00:00+00:00"  # of a lot whose date nobody knows: it goes first
_RETURNABLE = returnable("")


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

    return Answering(lots_of, find)


def _dated(lot: LotRow) -> LotRow:
    return LotRow(lot.lot, lot.account, lot.unit, lot.amount, LONG_AGO, lot.expires, lot.source)
