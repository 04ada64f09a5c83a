"""What requests of headquarters are answered from: this chain's lots, as the books have them."""

from functools import partial

from daemon.ledger import accounts
from daemon.ledger.limits import VALUE, Draw, Home, lineage_of, value_here, value_moved
from daemon.ledger.messages import PleasePart
from daemon.ledger.records import Entry, Posting
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

    def home() -> Home:
        lineage, held = lineage_of(store.chain, store.read), store.purses.held_by
        return Home(lineage, store.books.lots, partial(held, lot=""))

    def opens(part: PleasePart) -> int:
        """Return how much of a limit this chain opens; one that was handed over while the period
        ran leaves it: the chain before may have opened it."""
        member = part.account.partition(":")[2]
        own = lineage_of(store.chain, store.read, back=False)
        draw = Draw(part.unit, part.amount, part.opens, part.starts)
        if not home().may_open(member, draw) or part.starts <= own.since:
            return 0
        here = value_here(member, store.books.lots) if part.unit == VALUE else 0
        return max(0, part.opens - here)

    def room(member: str, delta: int) -> tuple[Posting, ...]:
        """Return what the card's cap makes of it; what is above the cap is the risk of returns."""
        from daemon.ledger.acts.topup import limits_of  # value comes back by our word seldom

        pack, row = store.books.active_pack(), store.books.member(member)
        kind = "" if row is None else row.kind
        most = limits_of("" if pack is None else pack.document).most(kind)
        if most is None:
            return ()
        before = value_here(member, store.books.lots)
        found = value_moved(member, delta, most - before, home().hand(member, risks=True))
        assert not isinstance(found, str), found  # a risk is never refused
        return found

    return Answering(Hand(lots_of, store.books.held, opens, room), find)


def _dated(lot: LotRow) -> LotRow:
    return LotRow(lot.lot, lot.account, lot.unit, lot.amount, LONG_AGO, lot.expires, lot.source)
