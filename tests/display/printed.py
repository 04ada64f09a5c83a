"""Paper through the real encoder and the simulated printer."""

from daemon.drivers.wire.dialect import Dialect
from daemon.drivers.wire.escpos import document
from daemon.paper import Paper
from tests.hardware_sim.escpos import Printer
from tests.hardware_sim.paper import Receipt

DOTS_PER_CELL = 12


def printed(paper: Paper, columns: int) -> Receipt:
    """Return what comes out of a printer of so many columns; it was cut off."""
    (receipt,) = pieces(paper, columns)
    return receipt


def pieces(paper: Paper, columns: int) -> tuple[Receipt, ...]:
    """Return every piece that is cut off: some papers have a copy for each side."""
    printer = Printer(columns)
    printer.feed(document(paper, Dialect(columns=columns, dots=columns * DOTS_PER_CELL)))
    return tuple(printer.receipts)
