"""The draft of a sale: what the rules settled, and where it goes in the books.

Lots 1 to n of a sale are its lines' returnable lots; what the sale grants follows after them. What
a member spends is taken from his lots here: those that lapse first, then the oldest.
"""

from collections.abc import Sequence
from datetime import datetime

import msgspec

from daemon.counter.entries import SOURCE, Stamp
from daemon.counter.shop import Known
from daemon.ledger.acts.booked import book
from daemon.ledger.acts.moves import (
    ACTIVE,
    COUPON,
    OF_LOTS,
    POINTS,
    STORED_VALUE,
    Member,
    Moves,
)
from daemon.ledger.acts.shares import largest_remainder, part_of
from daemon.ledger.acts.spend import spendable
from daemon.ledger.bodies import (
    Advance,
    Commission,
    Guide,
    NewLot,
    Sale,
    Taken,
    Tender,
    Unlisted,
    Welcome,
)
from daemon.ledger.kinds import Kind, Unit, coupon_unit
from daemon.ledger.lots import take
from daemon.ledger.records import Draft
from daemon.ledger.views import LotRow
from daemon.rules.tenders import BONUS, PRINCIPAL
from daemon.rules.types import Given, HeldCoupon, Settlement, Share

PARTS = ((PRINCIPAL, Unit.PRINCIPAL), (BONUS, Unit.BONUS))  # stored value, as the rules name it
WHOLE = 10_000  # the shares of a sale's guides


class Buyer(msgspec.Struct, frozen=True):
    """Whose sale it is. `lots`: all that the books hold of him; `now`: the lower bound of now.

    `lent`: points that he may spend above them.
    """

    known: Known
    lots: Sequence[LotRow]
    now: datetime
    lent: int = 0


def sale_draft(settled: Settlement, buyer: Buyer | None, stamp: Stamp) -> Draft:
    """Return the sale as a draft. What it spends was available when the rules settled it."""
    member = None if buyer is None else _member(buyer)
    held = {} if buyer is None else {(lot.account, lot.unit, lot.lot): lot for lot in buyer.lots}
    sale = sale_of(settled, buyer, stamp)
    moves = Moves(lambda *key: held[key].amount if key in held else 0)
    claims = book(moves, sale, member)
    body = msgspec.structs.replace(sale, settled=claims) if claims else sale
    moved = moves.postings()
    return Draft(SOURCE, stamp.id, Kind.SALE, stamp.at, stamp.by, stamp.pack, None, body, moved)


def sale_of(settled: Settlement, buyer: Buyer | None, stamp: Stamp) -> Sale:
    """Return what the entry will say; which claims it settles is known once it is booked."""
    facts = None if buyer is None else buyer.known.facts
    lots = () if buyer is None else _lots(settled)
    advance = None if buyer is None else _advance(buyer, settled, lots)
    spent = () if buyer is None else _spent(buyer, settled, lots, advance)
    return Sale(
        lines=settled.lines,
        tenders=(*_money(settled.tenders), *_as_tenders(spent)),
        list_fen=settled.quote.list_fen,
        bill_fen=settled.quote.bill_fen,
        rounding_fen=settled.rounding_fen,
        pay_fen=settled.pay_fen,
        member="" if facts is None else facts.id,
        card="" if facts is None else facts.card,
        points=settled.points_in_all,
        growth=settled.growth,
        guides=stamp.guides,
        applied=settled.applied,
        lots=lots,
        spent=spent,
        commission=commissions(settled.commissions, stamp.guides),
        uses=settled.uses,
        gifts=tuple(Welcome(one.sku, one.qty) for one in settled.given if one.payout == "gift"),
        chosen=settled.quote.basket.chosen,
        near=settled.near,
        frozen=settled.frozen,
        later=tuple(
            Unlisted(line.n, line.code)
            for line in settled.lines
            if line.n in settled.later and line.code
        ),
        advance=advance,
    )


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


def _lots(settled: Settlement) -> tuple[NewLot, ...]:
    """Return the lots that the sale grants, numbered after its lines' returnable lots."""
    return tuple(
        msgspec.structs.replace(said, n=n, amount=amount)
        for n, (said, amount) in enumerate(_grants(settled), start=len(settled.lines) + 1)
    )


def _grants(settled: Settlement) -> list[tuple[NewLot, int]]:
    """Return every lot that the sale grants, and how much of it."""
    grants = [(lot, settled.points) for lot in settled.lots]
    if settled.reward_fen:
        lot = NewLot(0, Unit.REWARD, "sale", hq_part=settled.hq_reward_fen)
        grants.append((lot, settled.reward_fen))
    return grants + [_given(one) for one in settled.given if one.payout != "gift"]


def _given(one: Given) -> tuple[NewLot, int]:
    if one.payout == "coupon":
        ends = None if one.expires is None else one.expires.isoformat()
        unit = coupon_unit(one.coupon)
        lot = NewLot(0, unit, one.rule, ends, value_fen=one.value, hq_part=one.hq_part)
        return lot, 1
    held = Unit.POINT if one.payout == "points" else Unit.REWARD
    return NewLot(0, held, one.rule, hq_part=one.hq_part), one.value


def _advance(buyer: Buyer, settled: Settlement, lots: Sequence[NewLot]) -> Advance | None:
    """Return what of the points spent stands above what he holds; its two lots come last."""
    if not buyer.lent:
        return None
    held = sum(lot.amount for lot in spendable(_member(buyer), Unit.POINT, buyer.now))
    amount = min(settled.points_spent - held, buyer.lent)
    first = len(settled.lines) + len(lots) + 1
    return Advance(first, first + 1, amount) if amount > 0 else None


def _spent(
    buyer: Buyer, settled: Settlement, lots: Sequence[NewLot], advance: Advance | None
) -> tuple[Taken, ...]:
    """Return the parts of lots that pay: stored value, points, coupons."""
    member = _member(buyer)
    return (
        *_value(member, settled, buyer.now),
        *_points(member, settled, lots, buyer.now, advance),
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
    member: Member,
    settled: Settlement,
    lots: Sequence[NewLot],
    now: datetime,
    advance: Advance | None,
) -> list[Taken]:
    """Return the points that pay; what is not there yet is lent, or this very sale earns it."""
    parts = take(spendable(member, Unit.POINT, now), settled.points_spent)
    taken = [Taken(POINTS, Unit.POINT, lot.lot, part) for lot, part in parts]
    if advance is not None:
        taken.append(Taken(POINTS, Unit.POINT, "", advance.amount, n=advance.n))
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


def _paid(settled: Settlement, code: str) -> int:
    return sum(tender.amount_fen for tender in settled.tenders if tender.code == code)


def _as_tenders(spent: Sequence[Taken]) -> list[Tender]:
    """Return what was spent as the receipt's and the day's tenders."""
    worth = {code: sum(one.worth_fen for one in spent if one.code == code) for code in OF_LOTS}
    return [Tender(code, fen) for code, fen in worth.items() if fen]
