"""The slip of cash put in, paid out or handed in."""

from daemon.display.facts import CashFacts
from daemon.display.shift import cash_slip
from daemon.ledger import accounts
from daemon.ledger.kinds import Unit
from daemon.paper import Paper
from daemon.papers.sources import Sources, Wanted, committed


def paper(sources: Sources, wanted: Wanted) -> Paper:
    entry, digest = committed(sources, wanted.about)
    books = sources.store.books
    drawer = books.balance_as_of(accounts.CASH_DRAWER, Unit.FEN, wanted.about)
    facts = CashFacts(digest, drawer)
    return cash_slip(entry, facts, sources.shop, wanted.columns, wanted.copy)
