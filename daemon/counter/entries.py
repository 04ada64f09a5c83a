"""Drafts of enrolments, and what every draft of a flow carries.

In a draft `@` is this chain, `#` this entry, `#n` its n-th lot. Sales: sold.py.
"""

from collections.abc import Callable, Iterable, Sequence

import msgspec

from daemon.ledger import accounts
from daemon.ledger.acts.redeem import OWED
from daemon.ledger.bodies import (
    Commission,
    Consent,
    Guide,
    MemberEnrolled,
    NewLot,
    Profile,
    Tender,
    Welcome,
)
from daemon.ledger.kinds import Kind, Unit, coupon_unit, right_unit
from daemon.ledger.limits import LOTS_FROM, ONCE, risked
from daemon.ledger.records import At, By, Draft, PackRef, Posting
from daemon.rules.tenders import Paid
from daemon.rules.types import EnrolmentOffer, Given

SOURCE = "keypad"
CASH = "cash"  # the tender whose money lies in the drawer
HERE, ENTRY = "@", "#"


class Stamp(msgspec.Struct, frozen=True):
    """What every draft of a flow carries."""

    id: str
    at: At
    by: By
    pack: PackRef | None
    guides: tuple[Guide, ...]


class Joining(msgspec.Struct, frozen=True):
    """An enrolment, ready to be written. `sales`: the entries that let in, the last one first."""

    card: str
    offer: EnrolmentOffer
    profile: Profile
    marketing: bool
    sales: tuple[str, ...] = ()
    saved: Given | None = None  # a coupon of what member prices would have saved on them
    commission: tuple[Commission, ...] = ()  # of the card that is sold


def enrolment_draft(
    joining: Joining, paid: Paid, stamp: Stamp, *, in_stock: Callable[[str], int], serial: bool
) -> Draft:
    """Return the enrolment as a draft. `serial`: the card's number is a lot of our stock."""
    offer = joining.offer
    card, *gifts = offer.welcome  # the blank card comes first, and is in the hand
    welcome = (card, *(_owed_if_missing(gift, in_stock) for gift in gifts))
    numbered = max((lot.n for lot in offer.lots), default=0) + 1
    coupons = _coupons(
        (*offer.coupons, *(() if joining.saved is None else (joining.saved,))),
        numbered,
        offer.pending,
    )
    owed = _waiting(welcome, lots_from=numbered + len(coupons))
    body = MemberEnrolled(
        card=joining.card,
        channel=offer.channel,
        joined=offer.joined.isoformat(),
        term_ends=None if offer.term_ends is None else offer.term_ends.isoformat(),
        consent=Consent(offer.terms, joining.marketing),
        profile=joining.profile,
        fee_fen=offer.fee_fen,
        rounding_fen=paid.rounding_fen,
        tenders=paid.tenders,
        points=offer.points,
        growth=offer.growth,
        welcome=welcome,
        guides=stamp.guides,
        applied=offer.applied,
        lots=(*offer.lots, *coupons, *owed),
        uses=offer.uses,
        commission=joining.commission,
        level=offer.level,
        waits=offer.waits,
        receipts=joining.sales[1:],
    )
    postings = _postings(body, joining.card if serial else "")
    for number, rule in enumerate(offer.once, LOTS_FROM):
        postings += risked(ENTRY, right_unit(rule, ONCE), 1, f"#{number}")
    return _draft(
        stamp, Kind.MEMBER_ENROLLED, body, postings, re=joining.sales[0] if joining.sales else None
    )


def _postings(body: MemberEnrolled, serial: str) -> list[Posting]:
    """Return what moves; `serial`: the lot of the blank card, "" where cards have none."""
    card, *gifts = body.welcome
    postings = [
        *_money(body.tenders, body.rounding_fen, accounts.SALES_FEE, body.fee_fen),
        *_pieces(card.sku, card.qty, accounts.given, lot=serial),
    ]
    for gift in gifts:
        if not gift.owed:
            postings += _pieces(gift.sku, gift.qty, accounts.given)
    for lot in [one for one in body.lots if one.unit == Unit.PIECE]:
        mark = f"#{lot.n}"
        postings += [
            _posting(accounts.waiting(ENTRY), Unit.PIECE, lot=mark, amount=lot.amount),
            _posting(accounts.PROMISED, Unit.PIECE, amount=-lot.amount),
        ]
    postings += _earned(ENTRY, body.points, body.growth, body.lots)
    for lot in [one for one in body.lots if one.pending and one.unit == Unit.POINT]:
        postings += [
            _posting(accounts.pending(ENTRY), lot.unit, lot=f"#{lot.n}", amount=lot.amount),
            _posting(accounts.ISSUED_POINTS, lot.unit, amount=-lot.amount),
        ]
    for lot in [one for one in body.lots if one.unit.startswith(coupon_unit(""))]:
        purse = accounts.pending(ENTRY) if lot.pending else accounts.coupons(ENTRY)
        postings += [
            _posting(purse, lot.unit, lot=f"#{lot.n}", amount=lot.amount),
            _posting(accounts.issued(lot.unit), lot.unit, amount=-lot.amount),
        ]
    for one in body.commission:
        postings += [
            _posting(accounts.commission(one.staff), Unit.FEN, amount=-one.amount_fen),
            _posting(accounts.COMMISSION_COST, Unit.FEN, amount=one.amount_fen),
        ]
    return postings


def _draft(
    stamp: Stamp,
    kind: Kind,
    body: MemberEnrolled,
    postings: Iterable[Posting],
    *,
    re: str | None,
) -> Draft:
    moved = tuple(posting for posting in postings if posting.amount)
    return Draft(SOURCE, stamp.id, kind, stamp.at, stamp.by, stamp.pack, re, body, moved)


def _money(
    tenders: Sequence[Tender], rounding_fen: int, income: str, bill_fen: int
) -> list[Posting]:
    """Return where the money went: net of change, and what rounding gave away on its own."""
    taken = [
        _posting(_purse(tender.code), Unit.FEN, amount=tender.amount_fen) for tender in tenders
    ]
    return [
        *taken,
        _posting(accounts.ROUNDING_CASH, Unit.FEN, amount=rounding_fen),
        _posting(income, Unit.FEN, amount=-bill_fen),
    ]


def _purse(code: str) -> str:
    return accounts.CASH_DRAWER if code == CASH else accounts.tender(code)


def _pieces(sku: str, qty: int, to: Callable[[str], str], *, lot: str = "") -> Iterable[Posting]:
    yield _posting(accounts.stock(sku), Unit.PIECE, lot=lot, amount=-qty)
    yield _posting(to(sku), Unit.PIECE, amount=qty)


def _earned(member: str, points: int, growth: int, lots: Sequence[NewLot]) -> Iterable[Posting]:
    if points:
        granted = [lot for lot in lots if lot.unit == Unit.POINT and not lot.pending]
        assert len(granted) == 1, f"{points} points in {len(granted)} lots: who gets how many?"
        lot = f"#{granted[0].n}"
        yield _posting(accounts.points(member), Unit.POINT, lot=lot, amount=points)
        yield _posting(accounts.ISSUED_POINTS, Unit.POINT, amount=-points)
    if growth:
        yield _posting(accounts.growth(member), Unit.GROWTH, amount=growth)
        yield _posting(accounts.ISSUED_GROWTH, Unit.GROWTH, amount=-growth)


def _owed_if_missing(gift: Welcome, in_stock: Callable[[str], int]) -> Welcome:
    """Return the gift as owed (欠赠) when the stock has not enough; the enrolment goes through."""
    return Welcome(gift.sku, gift.qty, owed=in_stock(gift.sku) < gift.qty)


def _waiting(welcome: Sequence[Welcome], *, lots_from: int) -> tuple[NewLot, ...]:
    """Return a lot of what is owed for each gift that is: it is handed over when it is here."""
    owed = [gift for gift in welcome if gift.owed]
    return tuple(
        NewLot(number, Unit.PIECE, OWED + gift.sku, amount=gift.qty)
        for number, gift in enumerate(owed, lots_from)
    )


def _coupons(given: Sequence[Given], first: int, pending: Sequence[str]) -> tuple[NewLot, ...]:
    """Return a lot of each coupon that joining gives; `pending`: whose rules wait for HQ."""
    return tuple(
        NewLot(
            number,
            coupon_unit(one.coupon),
            one.rule,
            None if one.expires is None else one.expires.isoformat(),
            amount=1,
            value_fen=one.value,
            hq_part=one.hq_part,
            pending=one.rule in pending,
        )
        for number, one in enumerate(given, first)
    )


def _posting(account: str, unit: str, *, lot: str = "", amount: int) -> Posting:
    return Posting(HERE, account, unit, lot, amount)
