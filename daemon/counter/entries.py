"""Drafts of entries: what a finished flow commits. The only place of this room that makes postings.

In a draft `@` is this chain, `#` this entry, `#n` its n-th lot. Lots 1 to n of a sale are its
lines' returnable lots; points follow after them.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from daemon.counter.shop import Known
from daemon.ledger import accounts
from daemon.ledger.acts.claims import settling
from daemon.ledger.bodies import (
    Consent,
    Guide,
    MemberEnrolled,
    NewLot,
    Profile,
    Sale,
    Settled,
    Tender,
    Welcome,
)
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.records import At, By, Draft, PackRef, Posting
from daemon.ledger.views import LotRow
from daemon.rules.tenders import Paid
from daemon.rules.types import EnrolmentOffer, Settlement

SOURCE = "keypad"
CASH = "cash"  # the tender whose money lies in the drawer
HERE, ENTRY = "@", "#"


@dataclass(frozen=True, slots=True)
class Stamp:
    """What every draft of a flow carries."""

    id: str
    at: At
    by: By
    pack: PackRef | None
    guides: tuple[Guide, ...]


@dataclass(frozen=True, slots=True)
class Joining:
    """An enrolment, ready to be written. `sale`: the entry that qualified, "" by other channels."""

    card: str
    offer: EnrolmentOffer
    profile: Profile
    marketing: bool
    sale: str = ""


def sale_draft(
    settlement: Settlement, member: Known | None, stamp: Stamp, claims: Sequence[LotRow] = ()
) -> Draft:
    """Return the sale as a draft; `claims`: what the member owes back, settled from its points."""
    quote, facts = settlement.quote, None if member is None else member.facts
    settled: tuple[Settled, ...] = ()
    repaid: tuple[Posting, ...] = ()
    if facts is not None and claims and settlement.points:
        lot = next(f"#{lot.n}" for lot in settlement.lots if lot.unit == Unit.POINT)
        settled, repaid = settling(facts.id, Unit.POINT, (lot, settlement.points), claims)
    body = Sale(
        lines=settlement.lines,
        tenders=settlement.tenders,
        list_fen=quote.list_fen,
        bill_fen=quote.bill_fen,
        rounding_fen=settlement.rounding_fen,
        pay_fen=settlement.pay_fen,
        member="" if facts is None else facts.id,
        card="" if facts is None else facts.card,
        points=settlement.points,
        growth=settlement.growth,
        guides=stamp.guides,
        applied=settlement.applied,
        lots=settlement.lots,
        settled=settled,
    )
    postings = [
        *_money(settlement.tenders, settlement.rounding_fen, accounts.SALES_GOODS, quote.bill_fen),
        *_goods(settlement),
    ]
    if facts is not None:
        postings += _earned(facts.id, settlement.points, settlement.growth, settlement.lots)
        postings += repaid
    return _draft(stamp, Kind.SALE, body, postings, re=None)


def enrolment_draft(
    joining: Joining, paid: Paid, stamp: Stamp, *, in_stock: Callable[[str], int], serial: bool
) -> Draft:
    """Return the enrolment as a draft. `serial`: the card's number is a lot of our stock."""
    offer = joining.offer
    card, *gifts = offer.welcome  # the blank card comes first, and is in the hand
    welcome = (card, *(_owed_if_missing(gift, in_stock) for gift in gifts))
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
        lots=offer.lots,
    )
    postings = [
        *_money(paid.tenders, paid.rounding_fen, accounts.SALES_FEE, offer.fee_fen),
        *_pieces(card.sku, card.qty, accounts.given, lot=joining.card if serial else ""),
    ]
    for gift in welcome[1:]:
        if not gift.owed:
            postings += _pieces(gift.sku, gift.qty, accounts.given)
    postings += _earned(ENTRY, offer.points, offer.growth, offer.lots)
    return _draft(stamp, Kind.MEMBER_ENROLLED, body, postings, re=joining.sale or None)


def _draft(
    stamp: Stamp,
    kind: Kind,
    body: Sale | MemberEnrolled,
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


def _goods(settlement: Settlement) -> Iterable[Posting]:
    """Yield what leaves the stock (unlisted goods have none), and per line what may come back."""
    for line in settlement.lines:
        if line.sku:
            yield from _pieces(line.sku, line.qty, accounts.sold)
        lot = f"#{line.n}"
        unit = Unit.RETURNABLE
        yield _posting(accounts.returnable(lot), unit, lot=lot, amount=line.qty)
        yield _posting(accounts.SOLD_LINES, unit, amount=-line.qty)


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


def _posting(account: str, unit: Unit, *, lot: str = "", amount: int) -> Posting:
    return Posting(HERE, account, unit, lot, amount)
