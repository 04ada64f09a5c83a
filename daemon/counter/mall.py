"""Bills for the mall's till (商场专柜): the number on one, and the draft that writes it. Pure.

The number is an EAN-13 for use inside a shop, so that any scanner reads it and a keypad keys it:
prefix, epoch, number of the entry, check digit. It names an entry of this box, nothing else.
"""

from daemon.counter.entries import SOURCE, Stamp
from daemon.ledger.bodies import MallBilled, Sale
from daemon.ledger.ids import entry_id
from daemon.ledger.kinds import Kind
from daemon.ledger.records import Chain, Draft

PREFIX = "26"  # 20 to 29 are every shop's own; goods that have the same code are sold as goods
EPOCH_DIGITS, SEQ_DIGITS = 2, 8


def billed(sale: Sale, stamp: Stamp) -> Draft:
    """Return the bill: prices, points and pack stand from now on, and nothing has moved."""
    body = MallBilled(sale)
    return Draft(SOURCE, stamp.id, Kind.MALL_BILLED, stamp.at, stamp.by, stamp.pack, None, body, ())


def number_of(epoch: int, seq: int) -> str:
    """Return the 13 digits on the bill that entry `seq` wrote."""
    digits = (
        f"{PREFIX}{epoch % 10**EPOCH_DIGITS:0{EPOCH_DIGITS}}{seq % 10**SEQ_DIGITS:0{SEQ_DIGITS}}"
    )
    return digits + _check_digit(digits)


def entry_of(code: str, chain: Chain) -> str | None:
    """Return the entry that a bill's number names; None: the code is no such number."""
    if len(code) != 13 or not code.isdecimal() or not code.startswith(PREFIX):
        return None
    if _check_digit(code[:-1]) != code[-1]:
        return None
    end = len(PREFIX) + EPOCH_DIGITS
    epoch, seq = int(code[len(PREFIX) : end]), int(code[end:-1])
    return entry_id(Chain(chain.box, epoch), seq)


def _check_digit(digits: str) -> str:
    odd, even = (sum(map(int, digits[at::2])) for at in (0, 1))
    return str(-(odd + 3 * even) % 10)
