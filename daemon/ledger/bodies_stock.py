"""Bodies of entries that move goods without selling them. Quantities: pieces, or grams."""

from daemon.ledger.parts import Part


class StockLine(Part, frozen=True):
    """Goods of one kind. Serial-numbered goods (blank cards) name their first and last number."""

    sku: str
    qty: int
    name: str = ""
    batch: str = ""  # 批号, as on the carton
    use_by: str = ""  # YYYY-MM-DD
    serial_first: str = ""
    serial_last: str = ""


class StockReceived(Part, frozen=True):
    """Goods came in: from the supplier, or (`sent`) from another shop, through transit."""

    lines: tuple[StockLine, ...]
    supplier: str = ""
    document: str = ""  # number of the delivery note
    sent: str = ""  # the `stock.moved` of the shop that sent them
    missing: tuple[StockLine, ...] = ()  # sent, and not in the parcel


class StockAdjusted(Part, frozen=True):
    """Goods left, or came back, for a reason that is no sale."""

    lines: tuple[StockLine, ...]
    reason: str  # tester, sample, loss, expired, own_use, gift
    note: str = ""
    manager: str = ""  # the second person, where the shop wants one


class CountedLine(Part, frozen=True):
    sku: str
    counted: int
    expected: int  # by the books, just after entry `position`
    name: str = ""
    missing: tuple[str, ...] = ()  # serial numbers that were expected and not found
    found: tuple[str, ...] = ()  # serial numbers that were found and not expected


class StockCounted(Part, frozen=True):
    """A stock-take (盘点) while selling: each line is compared with the books of its own moment.

    `position`: the last entry when the shelf was counted; what was sold since changes nothing.
    """

    lines: tuple[CountedLine, ...]
    position: str


class StockMoved(Part, frozen=True):
    """Goods on their way to another shop (调拨); its `stock.received` ends the way."""

    lines: tuple[StockLine, ...]
    to: str  # the other shop's chain: `0019.1`
    document: str = ""
