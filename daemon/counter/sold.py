"""The draft of a sale: what the rules settled, and where it goes in the books.

Lots 1 to n of a sale are its lines' returnable lots; what the sale grants follows after them. What
a member spends is taken from his lots here: those that lapse first, then the oldest.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec

from daemon.counter.entries import SOURCE, Stamp
from daemon.counter.shop import Known
from daemon.ledger import accounts
from daemon.ledger.acts.claims import settle
from daemon.ledger.acts.moves import (
    ACTIVE,
    COUPON,
    OF_LOTS,
    POINTS,
    STORED_VALUE,
    Member,
    Moves,
    purse,
)
from daemon.ledger.acts.selling import owe_commission, pay_with, sold
from daemon.ledger.acts.shares import largest_remainder, part_of
from daemon.ledger.acts.spend import spendable
from daemon.ledger.bodies import Commission, Guide, NewLot, Sale, Settled, Taken, Tender, Welcome
from daemon.ledger.kinds import Kind, Unit, coupon_unit
from daemon.ledger.lots import take
from daemon.ledger.records import Draft
from daemon.ledger.views import LotRow
from daemon.rules.tenders import BONUS, PRINCIPAL
from daemon.rules.types import Given, HeldCoupon, Settlement, Share

PARTS = ((PRINCIPAL, Unit.PRINCIPAL), (BONUS, Unit.BONUS))  # stored value, as the rules name it
WHOLE = 10_000  # the shares of a sale's guides


@dataclass(frozen=True, slots=True)
class Buyer:
    """Whose sale it is. `lots`: all that the books hold of him; `now`: the lower bound of now."""

    known: Known
    lots: Sequence[LotRow]
    now: datetime


@dataclass(frozen=True, slots=True)
class _Got:
    """What the member gets, what it settles, and what he spends."""

    lots: tuple[NewLot, ...] = ()
    settled: tuple[Settled, ...] = ()
    spent: tuple[Taken, ...] = ()


_NOTHING = _Got()


def sale_draft(settled: Settlement, buyer: Buyer | None, stamp: Stamp) -> Draft:
    """Return the sale as a draft. What it spends was available when the rules settled it."""
    member = None if buyer is None else _member(buyer)
    held = {} if buyer is None else {(lot.account, lot.unit, lot.lot): lot for lot in buyer.lots}
    moves = Moves(
        lambda *key: held[key].amount if key in held else 0, lots_from=len(settled.lines) + 1
    )
    money = _money(settled.tenders)
    moves.pay(money)
    moves.move(accounts.ROUNDING_CASH, Unit.FEN, settled.rounding_fen)
    moves.move(accounts.SALES_GOODS, Unit.FEN, -settled.quote.bill_fen)
    sold(moves, settled.lines)
    got = (
        _NOTHING if member is None or buyer is None else _value_moves(moves, member, settled, buyer)
    )
    gifts = tuple(Welcome(one.sku, one.qty) for one in settled.given if one.payout == "gift")
    for gift in gifts:
        moves.pieces(gift.sku, gift.qty, accounts.given(gift.sku))
    commission = commissions(settled.commissions, stamp.guides)
    owe_commission(moves, commission)
    body = Sale(
        lines=settled.lines,
        tenders=(*money, *_as_tenders(got.spent)),
        list_fen=settled.quote.list_fen,
        bill_fen=settled.quote.bill_fen,
        rounding_fen=settled.rounding_fen,
        pay_fen=settled.pay_fen,
        member="" if member is None else member.id,
        card="" if member is None else member.card,
        points=settled.points_in_all,
        growth=settled.growth,
        guides=stamp.guides,
        applied=settled.applied,
        lots=got.lots,
        spent=got.spent,
        settled=got.settled,
        commission=commission,
        uses=settled.uses,
        gifts=gifts,
        chosen=settled.quote.basket.chosen,
        near=settled.near,
        frozen=settled.frozen,
    )
    moved = moves.postings()
    return Draft(SOURCE, stamp.id, Kind.SALE, stamp.at, stamp.by, stamp.pack, None, body, moved)


def commissions(shares: Sequence[Share], guides: Sequence[Guide]) -> tuple[Commission, ...]:
    """Return whose commission is what: a guide's is split among all guides of the sale."""
    owed: dict[str, int] = {}
    for one in shares:
        served = [guide.staff for guide in guides]
        among = guides if one.payee in served[:1] else (Guide(one.payee, WHOLE),)
        parts = largest_remainder(one.amount_fen, [guide.share for guide in among])
        for guide, part in zip(among, parts, strict=True):
            owed[guide.staff] = owed.get(guide.staff, 0) + part
    return tuple(Commission(staff, fen) for staff, fen in owed.items() if fen)


def coupons_of(lots: Sequence[LotRow]) -> tuple[HeldCoupon, ...]:
    """Return the coupons in these lots, one by one, as the rules know them."""
    prefix = coupon_unit("")
    return tuple(
        HeldCoupon(
            lot.lot if n == 0 else f"{lot.lot}/{n}",
            lot.unit.removeprefix(prefix),
            lot.value_fen,
            datetime.fromisoformat(lot.granted),
            None if lot.expires is None else datetime.fromisoformat(lot.expires),
            lot.source,
        )
        for lot in lots
        if lot.unit.startswith(prefix)
        for n in range(lot.amount)
    )


def _member(buyer: Buyer) -> Member:
    facts = buyer.known.facts
    return Member(facts.id, facts.card, ACTIVE, facts.kind, tuple(buyer.lots))


def _money(tenders: Sequence[Tender]) -> tuple[Tender, ...]:
    """Return what is no value of the member's own."""
    own = (*OF_LOTS, PRINCIPAL, BONUS)
    return tuple(tender for tender in tenders if tender.code not in own)


def _value_moves(moves: Moves, member: Member, settled: Settlement, buyer: Buyer) -> _Got:
    lots, claims = _granted(moves, member, settled)
    spent = _spent(member, settled, lots, buyer.now)
    for one in spent:
        pay_with(moves, member.id, one if one.lot else _own(one))
    return _Got(lots, claims, spent)


def _granted(
    moves: Moves, member: Member, settled: Settlement
) -> tuple[tuple[NewLot, ...], tuple[Settled, ...]]:
    """The member gets what the sale earned; points settle open claims first, or lie frozen."""
    moves.grow(member.id, settled.growth)
    lots: list[NewLot] = []
    claims: list[Settled] = []
    for said, amount in _grants(settled):
        number = moves.new_lot()
        moves.grant(member.id, said.unit, amount, number)
        lots.append(msgspec.structs.replace(said, n=number, amount=amount))
        if said.unit == Unit.POINT and settled.frozen:
            account = purse(member.id, said.unit)
            moves.take(account, said.unit, amount, f"#{number}", to=accounts.frozen(member.id))
        elif said.unit == Unit.POINT:
            claims += settle(moves, member, said.unit, [(f"#{number}", amount)])
    return tuple(lots), tuple(claims)


def _grants(settled: Settlement) -> list[tuple[NewLot, int]]:
    """Return every lot that the sale grants, and how much of it."""
    grants = [(lot, settled.points) for lot in settled.lots]
    if settled.reward_fen:
        grants.append((NewLot(0, Unit.REWARD, "sale"), settled.reward_fen))
    return grants + [_given(one) for one in settled.given if one.payout != "gift"]


def _given(one: Given) -> tuple[NewLot, int]:
    if one.payout == "coupon":
        ends = None if one.expires is None else one.expires.isoformat()
        return NewLot(0, coupon_unit(one.coupon), one.rule, ends, value_fen=one.value), 1
    unit = Unit.POINT if one.payout == "points" else Unit.REWARD
    return NewLot(0, unit, one.rule), one.value


def _spent(
    member: Member, settled: Settlement, lots: Sequence[NewLot], now: datetime
) -> tuple[Taken, ...]:
    """Return the parts of lots that pay: stored value, points, coupons."""
    return (
        *_value(member, settled, now),
        *_points(member, settled, lots, now),
        *_coupons(settled),
    )


def _value(member: Member, settled: Settlement, now: datetime) -> list[Taken]:
    """Return what stored value pays, with the list price of what it pays for."""
    parts: list[tuple[LotRow, int]] = []
    for code, unit in PARTS:
        fen = _paid(settled, code)
        mine = take(spendable(member, unit, now), fen) if fen else []
        assert sum(part for _, part in mine) == fen, f"{fen} {code} of {member.id}: the lots differ"
        parts += mine
    fen = sum(part for _, part in parts)
    listed = settled.quote.list_fen
    at_list = part_of(listed, done=fen, whole=settled.pay_fen) if fen else 0
    of_parts = largest_remainder(at_list, [part for _, part in parts])
    return [
        Taken(STORED_VALUE, lot.unit, lot.lot, part, worth_fen=part, list_fen=price)
        for (lot, part), price in zip(parts, of_parts, strict=True)
    ]


def _points(
    member: Member, settled: Settlement, lots: Sequence[NewLot], now: datetime
) -> list[Taken]:
    """Return the points that pay; what is not there yet comes from what this very sale earns."""
    parts = take(spendable(member, Unit.POINT, now), settled.points_spent)
    taken = [Taken(POINTS, Unit.POINT, lot.lot, part) for lot, part in parts]
    missing = settled.points_spent - sum(one.amount for one in taken)
    if missing:
        own = next(lot for lot in lots if lot.unit == Unit.POINT)
        taken.append(Taken(POINTS, Unit.POINT, "", missing, n=own.n))
    worths = largest_remainder(_paid(settled, POINTS), [one.amount for one in taken])
    return [
        msgspec.structs.replace(one, worth_fen=worth)
        for one, worth in zip(taken, worths, strict=True)
    ]


def _coupons(settled: Settlement) -> list[Taken]:
    worth = {
        tender.reference: tender.amount_fen for tender in settled.tenders if tender.code == COUPON
    }
    return [
        Taken(
            COUPON,
            coupon_unit(one.kind),
            one.id.partition("/")[0],
            1,
            worth_fen=worth.get(one.id, 0),
        )
        for one in settled.coupons_used
    ]


def _own(taken: Taken) -> Taken:
    """Return a part of this sale's own lot as postings name it."""
    return msgspec.structs.replace(taken, lot=f"#{taken.n}", n=0)


def _paid(settled: Settlement, code: str) -> int:
    return sum(tender.amount_fen for tender in settled.tenders if tender.code == code)


def _as_tenders(spent: Sequence[Taken]) -> list[Tender]:
    """Return what was spent as the receipt's and the day's tenders."""
    worth = {code: sum(one.worth_fen for one in spent if one.code == code) for code in OF_LOTS}
    return [Tender(code, fen) for code, fen in worth.items() if fen]
