"""Papers about goods: a stock-take, what came in or was taken out, and how everything stands."""

from daemon.display.stock import StockLevels, levels_slip, stock_slip
from daemon.paper import Paper
from daemon.papers.sources import Sources, Wanted, committed
from daemon.stocktold import told


def paper(sources: Sources, wanted: Wanted) -> Paper:
    entry, digest = committed(sources, wanted.about)
    return stock_slip(entry, digest, sources.shop, wanted.columns, wanted.copy)


def levels(sources: Sources, wanted: Wanted) -> Paper:
    books, desk = sources.store.books, sources.desk
    today = desk.at().business_date
    alerts = told(sources.store, desk.engine().house(), today)
    shown = StockLevels(desk.now(), books.stock_levels(), alerts)
    return levels_slip(shown, sources.shop, wanted.columns)
