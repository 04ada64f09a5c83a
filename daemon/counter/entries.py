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
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.records import At, By, Draft, PackRef, Posting
from daemon.rules.tenders import Paid
from daemon.rules.types import EnrolmentOffer

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
    """An enrolment, ready to be written. `sale`: the entry that qualified, "" by other channels."""

    card: str
    offer: EnrolmentOffer
    profile: Profile
    marketing: bool
    sale: str = ""
    commission: tuple[Commission, ...] = ()  # of the card that is sold


def enrolment_draft(
    joining: Joining, paid: Paid, stamp: Stamp, *, in_stock: Callable[[str], int], serial: bool
) -> Draft:
    """Return the enrolment as a draft. `serial`: the card's number is a lot of our stock."""
    offer = joining.offer
    card, *gifts = offer.welcome  # the blank card comes first, and is in the hand
    welcome = (card, *(_owed_if_missing(gift, in_stock) for gift in gifts))
    owed = _waiting(welcome, lots_from=max((lot.n for lot in offer.lots), default=0) + 1)
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
        lots=(*offer.lots, *owed),
        uses=offer.uses,
        commission=joining.commission,
    )
    postings = [
        *_money(paid.tenders, paid.rounding_fen, accounts.SALES_FEE, offer.fee_fen),
        *_pieces(card.sku, card.qty, accounts.given, lot=joining.card if serial else ""),
    ]
    for gift in welcome[1:]:
        if not gift.owed:
            postings += _pieces(gift.sku, gift.qty, accounts.given)
    for lot in owed:
        mark = f"#{lot.n}"
        postings += [
            _posting(accounts.waiting(ENTRY), Unit.PIECE, lot=mark, amount=lot.amount),
            _posting(accounts.PROMISED, Unit.PIECE, amount=-lot.amount),
        ]
    postings += _earned(ENTRY, offer.points, offer.growth, offer.lots)
    for one in joining.commission:
        postings += [
            _posting(accounts.commission(one.staff), Unit.FEN, amount=-one.amount_fen),
            _posting(accounts.COMMISSION_COST, Unit.FEN, amount=one.amount_fen),
        ]
    return _draft(stamp, Kind.MEMBER_ENROLLED, body, postings, re=joining.sale or None)


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
        granted = [lot for lot in lots if lot.unit == Unit.POINT]
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


def _posting(account: str, unit: Unit, *, lot: str = "", amount: int) -> Posting:
    return Posting(HERE, account, unit, lot, amount)
