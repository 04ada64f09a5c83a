"""Goods that move without being sold: received, adjusted, counted, sent to another shop. Pure.

Stock never refuses a sale, so plain pieces may go below zero; a numbered piece is here or not.
"""

from collections.abc import Mapping, Sequence
from datetime import date

import msgspec

from daemon.ledger import accounts
from daemon.ledger.acts.moves import Refusal, Request, Stamp
from daemon.ledger.bodies import (
    Body,
    CountedLine,
    StockAdjusted,
    StockCounted,
    StockLine,
    StockMoved,
    StockReceived,
)
from daemon.ledger.codec import CodecError
from daemon.ledger.ids import parse_entry_id
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.machine import OWN, OWN_TRANSIT, serials
from daemon.ledger.messages import OpeningStock
from daemon.ledger.messages_shop import GoodsSent
from daemon.ledger.posting import POSTINGS_MAX, transit
from daemon.ledger.records import Draft, Posting

GIFT = "gift"  # 赠送: booked like every gift, on given:<sku>
REASONS = ("tester", "sample", "loss", "expired", "own_use", GIFT)


class ReceiveRequest(Request, frozen=True, kw_only=True):
    """`sent`: the `stock.moved` that the goods came with; `lines` is what is in the parcel."""

    lines: tuple[StockLine, ...]
    supplier: str = ""
    document: str = ""
    sent: str = ""


class AdjustStockRequest(Request, frozen=True, kw_only=True):
    """Quantities above zero leave; below zero: put back what was taken out by mistake."""

    lines: tuple[StockLine, ...]
    reason: str
    note: str = ""
    manager: str = ""


class Count(StockLine, frozen=True):
    """What was counted of one kind; `serials`: every number found, for numbered goods."""

    serials: tuple[str, ...] = ()


class CountRequest(Request, frozen=True, kw_only=True):
    """`position`: the last entry when the shelf was counted; "" is now."""

    lines: tuple[Count, ...]
    position: str = ""


class MoveRequest(Request, frozen=True, kw_only=True):
    lines: tuple[StockLine, ...]
    to: str  # the other shop's chain: `0019.1`
    document: str = ""


class Shelf(msgspec.Struct, frozen=True):
    """What the books know of the goods at hand, by sku."""

    position: str  # the last entry
    expected: Mapping[str, int]  # quantity just after the count's position
    serials: Mapping[str, frozenset[str]] = msgspec.field(default_factory=dict)  # numbers here now


def receive(
    request: ReceiveRequest, stamp: Stamp, sent: GoodsSent | None = None
) -> Draft | Refusal:
    """Return goods that came in; `sent`: what another shop sent, when they came from one."""
    wrong = _wrong(request.lines) or _wrong_dates(request.lines)
    if wrong is not None:
        return wrong
    if request.sent:
        return _arrived(request, stamp, sent)
    postings = [
        posting
        for line in request.lines
        for posting in _pieces(line, sign=1, other=accounts.supplied(line.sku))
    ]
    body = StockReceived(request.lines, request.supplier, request.document)
    return _draft(stamp, Kind.STOCK_RECEIVED, body, postings)


def adjust_stock(request: AdjustStockRequest, stamp: Stamp) -> Draft | Refusal:
    """Return goods that left, or came back, for a reason."""
    if request.reason not in REASONS:
        return Refusal("not_allowed", f"{request.reason!r} is no reason: {', '.join(REASONS)}")
    wrong = _wrong(request.lines, back=True)
    if wrong is not None:
        return wrong
    postings = [
        posting
        for line in request.lines
        for posting in _pieces(line, sign=-1, other=_left_for(request.reason, line.sku))
    ]
    body = StockAdjusted(request.lines, request.reason, request.note, request.manager)
    return _draft(stamp, Kind.STOCK_ADJUSTED, body, postings)


def count(request: CountRequest, shelf: Shelf, stamp: Stamp) -> Draft | Refusal:
    """Return the stock-take: what was counted against the books of that moment."""
    skus = [line.sku for line in request.lines]
    if not skus or len(set(skus)) != len(skus) or min(line.qty for line in request.lines) < 0:
        return Refusal("not_allowed", "a count names each kind of goods once, from 0 pieces up")
    position = request.position or shelf.position
    lines, postings = [], []
    for line in request.lines:
        here = shelf.serials.get(line.sku, frozenset())
        if (here or line.serials) and position != shelf.position:
            what = f"{line.sku} has serial numbers: book its count before anything else"
            return Refusal("not_allowed", what)
        if line.serials and len(set(line.serials)) != line.qty:
            return Refusal(
                "not_allowed", f"{line.sku}: {line.qty} pieces, other than its serial numbers"
            )
        if here and not line.serials and line.qty:
            return Refusal("not_allowed", f"{line.sku} has serial numbers: count them by number")
        counted, moved = _compared(line, shelf.expected[line.sku], here)
        lines.append(counted)
        postings += moved
    body = StockCounted(tuple(lines), position)
    return _draft(stamp, Kind.STOCK_COUNTED, body, postings)


def send(request: MoveRequest, stamp: Stamp) -> Draft | Refusal:
    """Return goods on their way to another shop; only that shop takes them from the way."""
    wrong = _wrong(request.lines)
    if wrong is not None:
        return wrong
    if parse_entry_id(f"{request.to}:1") is None:
        return Refusal("not_allowed", f"{request.to!r} is no chain: give box.epoch, as 0019.1")
    way = transit(request.to)
    postings = [
        Posting(holder, accounts.stock(line.sku), Unit.PIECE, lot, sign * amount)
        for line in request.lines
        for lot, amount in _amounts(line)
        for holder, sign in ((OWN, -1), (way, 1))
    ]
    body = StockMoved(request.lines, request.to, request.document)
    return _draft(stamp, Kind.STOCK_MOVED, body, postings)


def _arrived(request: ReceiveRequest, stamp: Stamp, sent: GoodsSent | None) -> Draft | Refusal:
    """Take all that was sent off the way; what is not in the parcel is missing."""
    if sent is None or sent.sent != request.sent:
        return Refusal("not_allowed", f"{request.sent} sent no goods, or it is not known here yet")
    came = {line.sku: line for line in request.lines}
    if any(line.serial_first for line in (*request.lines, *sent.lines)) and sorted(
        map(_range, request.lines)
    ) != sorted(map(_range, sent.lines)):
        return Refusal("not_allowed", "numbered goods arrive as they were sent; else send anew")
    postings, missing = [], []
    for line in sent.lines:
        arrived = came.pop(line.sku, None)
        qty = 0 if arrived is None else arrived.qty
        if qty > line.qty:
            return Refusal("not_allowed", f"{line.sku}: {qty} came, {line.qty} were sent")
        account = accounts.stock(line.sku)
        for lot, amount in _amounts(line):
            here = amount if lot else qty
            postings.append(Posting(OWN_TRANSIT, account, Unit.PIECE, lot, -amount))
            postings.append(Posting(OWN, account, Unit.PIECE, lot, here))
        if qty < line.qty:
            gap = line.qty - qty
            postings.append(Posting(OWN, accounts.missing(line.sku), Unit.PIECE, "", gap))
            missing.append(StockLine(line.sku, gap, line.name))
    if came:
        return Refusal("not_allowed", f"{', '.join(came)} was not sent by {request.sent}")
    body = StockReceived(
        request.lines, request.supplier, request.document, request.sent, tuple(missing)
    )
    return _draft(stamp, Kind.STOCK_RECEIVED, body, postings, re=request.sent)


def _compared(
    line: Count, expected: int, here: frozenset[str]
) -> tuple[CountedLine, list[Posting]]:
    seen = frozenset(line.serials)
    missing, found = tuple(sorted(here - seen)), tuple(sorted(seen - here))
    stock, other = accounts.stock(line.sku), accounts.counted(line.sku)
    if seen or here:
        moved = [(lot, -1) for lot in missing] + [(lot, 1) for lot in found]
    else:
        moved = [("", line.qty - expected)]
    over = sum(amount for _, amount in moved)
    postings = [Posting(OWN, stock, Unit.PIECE, lot, amount) for lot, amount in moved if amount]
    if over:
        postings.append(Posting(OWN, other, Unit.PIECE, "", -over))
    return CountedLine(line.sku, line.qty, expected, line.name, missing, found), postings


def _pieces(line: StockLine, *, sign: int, other: str) -> list[Posting]:
    account = accounts.stock(line.sku)
    pieces = [
        Posting(OWN, account, Unit.PIECE, lot, sign * amount) for lot, amount in _amounts(line)
    ]
    return [*pieces, Posting(OWN, other, Unit.PIECE, "", -sign * line.qty)]


def _amounts(line: StockLine) -> list[tuple[str, int]]:
    """Return (lot, amount): one for each serial number, or one for all."""
    numbers = serials(_numbered(line))
    sign = 1 if line.qty > 0 else -1
    return [(number, sign) for number in numbers] or [("", line.qty)]


def _numbered(line: StockLine) -> OpeningStock:
    return OpeningStock(line.sku, abs(line.qty), line.serial_first, line.serial_last)


def _range(line: StockLine) -> tuple[str, str, str]:
    return line.sku, line.serial_first, line.serial_last


def _left_for(reason: str, sku: str) -> str:
    return accounts.given(sku) if reason == GIFT else accounts.used(reason, sku)


def _wrong(lines: Sequence[StockLine], *, back: bool = False) -> Refusal | None:
    """Return what is wrong with the lines; None: nothing."""
    skus = [line.sku for line in lines]
    if not lines or "" in skus or len(set(skus)) != len(skus):
        return Refusal("not_allowed", "name each kind of goods once, by its sku")
    if any(line.qty == 0 or (line.qty < 0 and not back) for line in lines):
        return Refusal("not_allowed", "a quantity is a number of pieces above 0")
    try:
        postings = sum(2 * len(serials(_numbered(line))) + 2 for line in lines)
    except CodecError as error:
        return Refusal("not_allowed", str(error))
    if postings > POSTINGS_MAX:
        return Refusal("not_allowed", "too many numbers for one entry: book them in two")
    return None


def _wrong_dates(lines: Sequence[StockLine]) -> Refusal | None:
    for line in lines:
        if line.use_by:
            try:
                date.fromisoformat(line.use_by)
            except ValueError:
                return Refusal("not_allowed", f"{line.sku}: use by {line.use_by!r}: YYYY-MM-DD")
    return None


def _draft(
    stamp: Stamp, kind: Kind, body: Body, postings: Sequence[Posting], *, re: str | None = None
) -> Draft:
    moved = tuple(posting for posting in postings if posting.amount)
    return Draft(stamp.source, stamp.id, kind, stamp.at, stamp.by, stamp.pack, re, body, moved)
