"""A bill that goods may come back to, and what their coming back means. Pure.

After each return the net effect is a function of the cumulative returned quantities alone, so a
return posts effect(after) - effect(before): many small returns equal one large return. No part of
the effect ever falls when quantities rise: what paid is spread over the lines once, and every
share of a line or of the bill is rounded down until the last piece is back.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce

import msgspec
from msgspec.structs import replace

from daemon.ledger.acts.shares import largest_remainder, part_of
from daemon.ledger.bodies import (
    Commission,
    Exchange,
    Sale,
    SaleClaimed,
    SaleLine,
    Taken,
    Tender,
    Use,
)
from daemon.ledger.ids import id_of, lot_id
from daemon.ledger.kinds import Unit
from daemon.ledger.records import Entry

DAY_CHARS = len("2026-03-06")
LATE = "@late"  # what a limit of late swipes counts: a return gives none of it back

Quantities = Mapping[int, int]
"""How much of each line is back, by the line's number."""


class Lot(msgspec.Struct, frozen=True):
    """What a lot of the bill's entry, or an older one that it carries on, was earned by it."""

    unit: str
    lot: str
    amount: int


class Ended(msgspec.Struct, frozen=True):
    """A lot whose end came before its goods came back."""

    lot: str
    until: str  # the end of the lot that takes its place
    topup: str = ""  # that it came with


class Bill(msgspec.Struct, frozen=True):
    entry: str
    lines: tuple[SaleLine, ...]
    bill_fen: int
    rounding_fen: int
    money: tuple[Tender, ...]
    spent: tuple[Taken, ...]
    earned: tuple[Lot, ...]
    growth: int
    commission: tuple[Commission, ...]
    member: str
    card: str
    uses: tuple[Use, ...] = ()  # what limits count of it, with its day
    ended: tuple[Ended, ...] = ()  # of the lots that paid, those that ended since (grace)
    by: str = ""  # of another shop's sale: the chain that holds what was spent

    def returnable(self, n: int) -> str:
        """Return the lot of what of a line may still come back."""
        return lot_id(self.entry, n)


class Effect(msgspec.Struct, frozen=True):
    """What is back in all; money, spent and earned in the bill's own order."""

    goods: tuple[int, ...]  # fen by line
    points: tuple[int, ...]  # by line
    rounding_fen: int
    money: tuple[int, ...]
    spent: tuple[tuple[int, int, int], ...]  # amount, worth, list price
    earned: tuple[int, ...]
    growth: int
    commission: tuple[int, ...]
    uses: tuple[int, ...] = ()

    def since(self, before: "Effect") -> "Effect":
        """Return the difference."""
        return Effect(
            _less(self.goods, before.goods),
            _less(self.points, before.points),
            self.rounding_fen - before.rounding_fen,
            _less(self.money, before.money),
            tuple(
                (one[0] - old[0], one[1] - old[1], one[2] - old[2])
                for one, old in zip(self.spent, before.spent, strict=True)
            ),
            _less(self.earned, before.earned),
            self.growth - before.growth,
            _less(self.commission, before.commission),
            _less(self.uses, before.uses),
        )


def bill_of(entry: Entry, *claims: Entry | None) -> Bill | None:
    """Return the bill of a sale or exchange; None: no goods were sold by it.

    `claims`: the entries by which it earned later: its card was forgotten, or its goods not listed.
    """
    match entry.body:
        case Sale() as sale:
            lot_codes = {one.code for one in sale.spent}
            bill = Bill(
                id_of(entry),
                sale.lines,
                sale.bill_fen,
                sale.rounding_fen,
                tuple(tender for tender in sale.tenders if tender.code not in lot_codes),
                tuple(_named(one, id_of(entry)) for one in sale.spent),
                _earned_of(entry, sale),
                sale.growth,
                sale.commission,
                sale.member,
                sale.card,
                _dated(entry, sale.uses),
            )
            return reduce(_claimed, filter(None, claims), bill)
        case Exchange() as exchange:
            own = id_of(entry)
            return Bill(
                own,
                exchange.lines,
                exchange.bill_fen,
                exchange.rounding_fen,
                _added(
                    (*exchange.carried, *(one for one in exchange.tenders if one.amount_fen > 0))
                ),
                exchange.spent,
                tuple(
                    Lot(one.unit, one.lot or lot_id(own, one.n), one.amount)
                    for one in exchange.earned
                ),
                exchange.growth,
                exchange.commission,
                exchange.member,
                exchange.card,
            )
        case _:
            return None


def effect(bill: Bill, back: Quantities) -> Effect:
    """Return what it means that so much of each line is back."""
    lines = bill.lines
    quantity = [back.get(line.n, 0) for line in lines]
    done, whole = _in_line(lines, [line.paid_fen for line in lines], quantity), bill.bill_fen
    if whole == 0:  # gifts: pieces stand for their price
        done, whole = [*quantity], sum(line.qty for line in lines)
    weight = sum(done)
    *rows, rounded = [_in_line(lines, row, quantity) for row in _spread(bill)]
    paid = [sum(row) for row in rows]
    of_money, of_spent = paid[: len(bill.money)], paid[len(bill.money) :]
    points = _in_line(lines, [line.points for line in lines], quantity)
    return Effect(
        tuple(sum(column) for column in zip(*rows, rounded, strict=True)),
        tuple(points),
        sum(rounded),
        tuple(of_money),
        tuple(
            _of_lot(one, worth)
            if one.worth_fen
            else (part_of(one.amount, done=weight, whole=whole), 0, 0)
            for one, worth in zip(bill.spent, of_spent, strict=True)
        ),
        _earned_back(bill, sum(points), weight, whole),
        part_of(bill.growth, done=weight, whole=whole),
        tuple(part_of(one.amount_fen, done=weight, whole=whole) for one in bill.commission),
        tuple(counted_back(one, lines, back, done=weight, whole=whole) for one in bill.uses),
    )


def counted_back(
    use: Use, lines: Sequence[SaleLine], back: Quantities, *, done: int, whole: int
) -> int:
    """Return what of a count is given back: a line's with its pieces, a receipt's in its share."""
    if use.line:
        return part_of(use.amount, done=back.get(use.line, 0), whole=lines[use.line - 1].qty)
    return part_of(use.amount, done=done, whole=whole)


def _in_line(
    lines: Sequence[SaleLine], amounts: Sequence[int], quantity: Sequence[int]
) -> list[int]:
    """Return each line's part of its amount for the pieces that are back."""
    return [
        part_of(amount, done=qty, whole=line.qty)
        for line, amount, qty in zip(lines, amounts, quantity, strict=True)
    ]


def _of_lot(one: Taken, worth: int) -> tuple[int, int, int]:
    """Return amount, worth and list price of what goes back to a lot that paid."""
    return (
        part_of(one.amount, done=worth, whole=one.worth_fen),
        worth,
        part_of(one.list_fen, done=worth, whole=one.worth_fen),
    )


def _spread(bill: Bill) -> list[list[int]]:
    """Return what each tender and lot paid of each line, in rows; the last row: of rounding."""
    prices = [line.paid_fen for line in bill.lines]
    rest = largest_remainder(bill.bill_fen - bill.rounding_fen, prices)
    rounded = [price - due for price, due in zip(prices, rest, strict=True)]
    rows = []
    worths = [*(one.amount_fen for one in bill.money), *(one.worth_fen for one in bill.spent)]
    for worth in worths:
        row = largest_remainder(worth, rest)
        rest = [left - part for left, part in zip(rest, row, strict=True)]
        rows.append(row)
    return [*rows, rounded]


def _earned_back(bill: Bill, points: int, done: int, whole: int) -> tuple[int, ...]:
    """Return what of each earned lot is to be taken back, the bill's first lot first.

    Points follow their lines; what the bill as a whole earned follows its money.
    """
    of_lines = sum(line.points for line in bill.lines)
    total = sum(one.amount for one in bill.earned if one.unit == Unit.POINT)
    rest = min(points, total) + part_of(max(0, total - of_lines), done=done, whole=whole)
    back = []
    for one in bill.earned:
        if one.unit == Unit.POINT:
            back.append(min(one.amount, rest))
            rest -= back[-1]
        else:
            back.append(part_of(one.amount, done=done, whole=whole))
    return tuple(back)


def _earned_of(entry: Entry, sale: Sale) -> tuple[Lot, ...]:
    own = id_of(entry)
    return tuple(
        Lot(lot.unit, lot_id(own, lot.n), lot.amount or sale.points)
        for lot in sale.lots
        if lot.amount or lot.unit == Unit.POINT
    )


def _named(taken: Taken, own: str) -> Taken:
    """Return a part of a lot by its name; a sale's own lot stands in it by its number."""
    return msgspec.structs.replace(taken, lot=lot_id(own, taken.n), n=0) if taken.n else taken


def _claimed(bill: Bill, claimed: Entry) -> Bill:
    body = claimed.body
    assert isinstance(body, SaleClaimed), "only a claim makes a sale earn later"
    own = id_of(claimed)
    points = body.lines or tuple(0 for _ in bill.lines)
    return replace(
        bill,
        lines=tuple(
            msgspec.structs.replace(line, points=line.points + of_line)
            for line, of_line in zip(bill.lines, points, strict=True)
        ),
        earned=(
            *bill.earned,
            *(Lot(lot.unit, lot_id(own, lot.n), lot.amount) for lot in body.lots),
        ),
        growth=bill.growth + body.growth,
        member=body.member,
        card=body.card,
        uses=(*bill.uses, *_dated(claimed, (one for one in body.uses if one.what != LATE))),
    )


def _dated(entry: Entry, uses: Iterable[Use]) -> tuple[Use, ...]:
    """Return counts with their day: what is given back is given back to it."""
    day = entry.at.wall[:DAY_CHARS]
    return tuple(msgspec.structs.replace(one, day=one.day or day) for one in uses)


def _added(tenders: tuple[Tender, ...]) -> tuple[Tender, ...]:
    """Return one tender for each code."""
    sums: dict[str, int] = {}
    for one in tenders:
        sums[one.code] = sums.get(one.code, 0) + one.amount_fen
    return tuple(Tender(code, amount) for code, amount in sums.items() if amount)


def _less(now: tuple[int, ...], before: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(one - old for one, old in zip(now, before, strict=True))
