"""What a run of entries says of people, goods and hours: net of what came back. A pure fold.

Money of a sale is what its lines were sold for (before cash rounding), so that goods, people and
hours add up to one sum. What came back counts against those who sold it, in the hour in which it
came back.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import msgspec

from daemon.ledger import accounts
from daemon.ledger.acts.shares import largest_remainder
from daemon.ledger.bodies import Exchange, Guide, Returned, ReturnUnreferenced, Sale
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.records import Entry

NOBODY = ""  # no guide was named
WHOLE = 10_000  # of which a guide's share is a part


@dataclass(slots=True)
class Tally:
    """Of one person, kind of goods or hour. `count`: sales; of goods: pieces (or grams)."""

    count: int = 0
    fen: int = 0
    commission_fen: int = 0
    name: str = ""


class ShopReport(msgspec.Struct, frozen=True):
    staff: Mapping[str, Tally]
    goods: Mapping[str, Tally]  # by sku; without one by name
    hours: Mapping[int, Tally]
    sales: Tally
    members: Tally  # of those the ones with a member


@dataclass(slots=True)
class _Fold:
    staff: dict[str, Tally] = field(default_factory=dict)
    goods: dict[str, Tally] = field(default_factory=dict)
    hours: dict[int, Tally] = field(default_factory=dict)
    sales: Tally = field(default_factory=Tally)
    members: Tally = field(default_factory=Tally)


def shop_report(entries: Iterable[Entry], answered: Callable[[str], Entry | None]) -> ShopReport:
    """Return the figures; `answered` finds the sale that an entry answers."""
    fold = _Fold()
    for entry in entries:
        body = entry.body
        match body:
            case Sale():
                _money(fold, entry, body.bill_fen, body.guides, member=body.member, sales=1)
                for line in body.lines:
                    _goods(fold, line.sku, line.name, line.qty, line.paid_fen)
            case Returned():
                guides, voided = _guides(entry, answered), entry.kind is Kind.SALE_VOIDED
                _money(fold, entry, -body.goods_fen, guides, member=body.member, sales=-voided)
                for back in body.lines:
                    _goods(fold, back.sku, back.name, -back.qty, -back.goods_fen)
            case Exchange():
                _exchanged(fold, entry, body, _guides(entry, answered))
            case ReturnUnreferenced():
                paid = sum(line.paid_fen for line in body.lines)
                _money(fold, entry, -paid, (), member=body.member, sales=0)
                for line in body.lines:
                    _goods(fold, line.sku, line.name, -line.qty, -line.paid_fen)
            case _:
                continue
        _commission(fold, entry)
    return ShopReport(fold.staff, fold.goods, fold.hours, fold.sales, fold.members)


def _exchanged(fold: _Fold, entry: Entry, body: Exchange, sold_by: Sequence[Guide]) -> None:
    """Goods back at the sale's guides, goods out at this slip's."""
    _money(fold, entry, -body.back_fen, sold_by, member=body.member, sales=0)
    _money(fold, entry, body.bill_fen, body.guides or sold_by, member=body.member, sales=0)
    for back in body.back:
        _goods(fold, back.sku, back.name, -back.qty, -back.goods_fen)
    for line in body.lines:
        _goods(fold, line.sku, line.name, line.qty, line.paid_fen)


def _money(
    fold: _Fold, entry: Entry, fen: int, guides: Sequence[Guide], *, member: str, sales: int
) -> None:
    hour = fold.hours.setdefault(int(entry.at.wall[11:13]), Tally())
    for tally in (hour, fold.sales, *((fold.members,) if member else ())):
        tally.count += sales
        tally.fen += fen
    if not guides:
        guides = (Guide(NOBODY, WHOLE),)
    for guide, part in zip(guides, _parts(fen, guides), strict=True):
        tally = fold.staff.setdefault(guide.staff, Tally())
        tally.count += sales
        tally.fen += part


def _parts(fen: int, guides: Sequence[Guide]) -> list[int]:
    sign = -1 if fen < 0 else 1
    return [sign * part for part in largest_remainder(abs(fen), [guide.share for guide in guides])]


def _goods(fold: _Fold, sku: str, name: str, qty: int, fen: int) -> None:
    tally = fold.goods.setdefault(sku or name, Tally(name=name))
    tally.count += qty
    tally.fen += fen


def _commission(fold: _Fold, entry: Entry) -> None:
    """What is owed for it stands in the postings, also what was clawed back."""
    for posting in entry.postings:
        staff = posting.account.removeprefix(accounts.commission(""))
        if staff != posting.account and posting.unit == Unit.FEN:
            fold.staff.setdefault(staff, Tally()).commission_fen -= posting.amount


def _guides(entry: Entry, answered: Callable[[str], Entry | None]) -> Sequence[Guide]:
    sale = None if entry.re is None else answered(entry.re)
    return sale.body.guides if sale is not None and isinstance(sale.body, Sale | Exchange) else ()
