"""What an entry does to the books beside its postings: (entry) -> changes. Pure.

Members, cards, products, staff, lots, sales, totals of days, shifts, packs. The books apply the
changes in order; the same entries always give the same books.
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType

import msgspec

from daemon.ledger.bodies import (
    Advance,
    CardChanged,
    CardIssued,
    CardReplaced,
    Claim,
    CouponIssued,
    DownApplied,
    DownRefused,
    Exchange,
    LevelChanged,
    MemberEnrolled,
    MemberRenewed,
    Moved,
    NewLot,
    PackActivated,
    PointsAdjusted,
    PointsGranted,
    PointsRedeemed,
    PointsTransferred,
    Promised,
    Returned,
    ReturnUnreferenced,
    Sale,
    SaleClaimed,
    ShiftOpened,
    Tender,
    TopUp,
    TopUpVoided,
    Use,
    ValueRefunded,
)
from daemon.ledger.bodies_notice import PackReceived
from daemon.ledger.codec import down_body, down_message, hash_of
from daemon.ledger.ids import entry_id, lot_id
from daemon.ledger.kinds import Kind, claim_unit
from daemon.ledger.lots import lent
from daemon.ledger.messages import (
    CardBlocked,
    CardRanges,
    DownBody,
    HoldingGranted,
    MemberSnapshot,
    Pack,
    PackActivate,
    Product,
    Products,
    Staff,
    StaffList,
    Tombstones,
)
from daemon.ledger.notices import NoticeChange, answered, told
from daemon.ledger.projection_member import (
    BenefitsPut,
    CardPut,
    LevelPut,
    MemberCarded,
    MemberChange,
    MemberPut,
    RangesSet,
    TermPut,
)
from daemon.ledger.projection_pack import PackChange, pack_entry, pack_told
from daemon.ledger.projection_shop import (
    MallEnded,
    ShopChange,
    UnlistedPut,
    Used,
    gone,
    shop_changes,
)
from daemon.ledger.records import At, Chain, Entry

ACTIVE = "active"
DAY_CHARS = len("2026-03-06")  # of a time, its day in the shop's own zone
_STATUS: Mapping[Kind, str] = MappingProxyType(
    {
        Kind.CARD_LOST: "lost",
        Kind.CARD_FROZEN: "frozen",
        Kind.CARD_UNFROZEN: ACTIVE,
        Kind.CARD_CLOSED: "closed",
    }
)
REGISTERED = "registered"


class ProductPut(msgspec.Struct, frozen=True):
    product: Product


class ProductRetired(msgspec.Struct, frozen=True):
    sku: str


class StaffPut(msgspec.Struct, frozen=True):
    staff: Staff


class StaffRetired(msgspec.Struct, frozen=True):
    no: str


class LotPut(msgspec.Struct, frozen=True):
    lot: str
    granted: str
    expires: str | None
    source: str
    topup: str
    owner: str
    value_fen: int = 0


class SalePut(msgspec.Struct, frozen=True):
    at: str
    operator: str
    member: str
    pay_fen: int


class SaleEnrolled(msgspec.Struct, frozen=True):
    sale: str
    member: str


class Answered(msgspec.Struct, frozen=True):
    """The entry answers another: a return its sale."""

    entry: str


class DayAdded(msgspec.Struct, frozen=True):
    kind: str
    tender: str
    amount_fen: int


class ShiftPut(msgspec.Struct, frozen=True):
    operator: str


class DownMarked(msgspec.Struct, frozen=True):
    epoch: int
    n: int
    hash: str


Change = (
    MemberChange
    | ProductPut
    | ProductRetired
    | StaffPut
    | StaffRetired
    | LotPut
    | SalePut
    | SaleEnrolled
    | Answered
    | DayAdded
    | ShiftPut
    | PackChange
    | DownMarked
    | ShopChange
    | NoticeChange
)


def changes(entry: Entry) -> Iterator[Change]:
    """Yield what the entry does to the books, in order."""
    if entry.re is not None:
        yield Answered(entry.re)
    match entry.body:
        case Sale() as sale:
            yield SalePut(entry.at.wall, entry.by.operator, sale.member, sale.pay_fen)
            yield from _lots(entry, sale.lots)
            yield from _totals(entry, sale.pay_fen, sale.tenders)
            yield from used(entry.at, sale.member, sale.uses)
            if sale.advance is not None:
                own = entry_id(Chain(entry.box, entry.epoch), entry.seq)
                yield from advanced(entry.at.wall, own, sale.advance)
            for one in sale.later:
                yield UnlistedPut(one.code, one.n)
            if entry.re is not None:
                slip = next((one.reference for one in sale.tenders if one.reference), "")
                yield MallEnded(entry.re, slip, lapsed=False)
        case MemberEnrolled() as enrolled:
            yield from _enrolled(entry, enrolled)
        case DownApplied(n=n, message=message):
            yield DownMarked(entry.epoch, n, hash_of(message.encode()))
            yield from _down(n, down_body(down_message(message.encode())))
        case DownRefused(n=n, message=message):
            yield DownMarked(entry.epoch, n, hash_of(message.encode()))
        case ShiftOpened(operator=operator):
            yield ShiftPut(operator)
        case PackActivated() | PackReceived() as body:
            yield from pack_entry(body)
        case CardChanged(card=card):
            yield CardPut(card, "", _STATUS[entry.kind])
        case CardReplaced() as new:
            yield CardPut(new.old, "", "closed")
            yield CardPut(new.card, new.member, ACTIVE)
            yield MemberCarded(new.member, new.card, new.cipher, new.nonce)
        case CardIssued() as more:
            yield CardPut(more.card, more.member, ACTIVE)
            yield from _totals(entry, more.fee_fen - more.rounding_fen, more.tenders)
        case _:
            yield from _value(entry)
            yield from _standing(entry)
            yield from shop_changes(entry.body)
            yield from answered(entry.body)


def _value(entry: Entry) -> Iterator[Change]:
    """Yield what an entry that moves members' value does."""
    match entry.body:
        case TopUp() as topup:
            own = entry_id(Chain(entry.box, entry.epoch), entry.seq)
            yield from _lots(entry, topup.lots, topup=own)
            yield from _totals(entry, topup.amount_fen, topup.tenders)
            yield from used(entry.at, topup.member, topup.uses)
            if topup.benefits:
                yield BenefitsPut(topup.member, topup.benefits)
        case TopUpVoided() as gone:
            yield from _claims(entry, gone.claims)
            yield from _totals(entry, -gone.amount_fen, _back(gone.tenders))
            yield from used(entry.at, gone.member, gone.uses)
            if gone.benefits is not None:
                yield BenefitsPut(gone.member, gone.benefits)
        case ValueRefunded() as paid:
            yield from _totals(entry, -paid.refund_fen, _back(paid.tenders))
        case Returned() as back:
            yield from _lots(entry, back.lots)
            yield from _claims(entry, back.claims)
            yield from _totals(entry, -back.pay_fen, _back((*back.tenders, *_as_tenders(back))))
            yield from used(entry.at, back.member, back.uses)
        case ReturnUnreferenced() as back:
            yield from _totals(entry, -back.pay_fen, _back(back.tenders))
        case Exchange() as swap:
            yield from _lots(entry, swap.lots)
            yield from _claims(entry, swap.claims)
            yield from _totals(entry, swap.net_fen, (*swap.tenders, *_back(_as_tenders(swap))))
            yield from used(entry.at, swap.member, swap.uses)
        case SaleClaimed() as late:
            yield from _lots(entry, late.lots)
            yield from _claims(entry, late.claims)
            yield from used(entry.at, late.member, late.uses)
        case Moved(claims=claims) if claims:
            yield from _claims(entry, claims)
        case PointsTransferred() as passed:
            yield from used(entry.at, passed.member, passed.uses)
        case PointsGranted() | PointsAdjusted() as body:
            yield from _lots(entry, body.lots)
        case PointsRedeemed() as gift:
            yield from _lots(entry, gift.lots)
            yield from used(entry.at, gift.member, gift.uses)
        case CouponIssued() | Promised() as body:
            yield from _lots(entry, body.lots)
        case _:
            return


def _standing(entry: Entry) -> Iterator[Change]:
    """Yield what an entry about a member's term or level does."""
    match entry.body:
        case MemberRenewed() as again:
            yield TermPut(again.member, again.term_ends)
            if entry.re is not None:
                yield SaleEnrolled(entry.re, again.member)
            yield from _lots(entry, again.lots)
            yield from _totals(entry, again.fee_fen - again.rounding_fen, again.tenders)
            yield from used(entry.at, again.member, again.uses)
        case LevelChanged(member=member, level=level, until=until):
            yield LevelPut(member, level, until)
        case _:
            return


def _enrolled(entry: Entry, body: MemberEnrolled) -> Iterator[Change]:
    member = entry_id(Chain(entry.box, entry.epoch), entry.seq)
    yield MemberPut(
        *(member, body.card, REGISTERED, body.joined, body.term_ends),
        *(body.level, "", body.profile),
        broker=body.broker,
    )
    yield CardPut(body.card, member, "frozen" if body.waits else ACTIVE)
    for sale in (*body.receipts, *(() if entry.re is None else (entry.re,))):
        yield SaleEnrolled(sale, member)
    yield from _lots(entry, body.lots)
    yield from _totals(entry, body.fee_fen - body.rounding_fen, body.tenders)
    yield from used(entry.at, member, body.uses)


def _lots(entry: Entry, lots: tuple[NewLot, ...], *, topup: str = "") -> Iterator[Change]:
    if lots:
        own = entry_id(Chain(entry.box, entry.epoch), entry.seq)
        for lot in lots:
            bought = lot.topup or topup
            name = lot_id(own, lot.n)
            granted, value = entry.at.wall, lot.value_fen
            yield LotPut(name, granted, lot.expires, lot.source, bought, lot.owner, value)


def _claims(entry: Entry, claims: tuple[Claim, ...]) -> Iterator[Change]:
    own = entry_id(Chain(entry.box, entry.epoch), entry.seq)
    for claim in claims:
        yield LotPut(lot_id(own, claim.n), entry.at.wall, None, claim_unit(claim.unit), "", "")


def advanced(wall: str, own: str, advance: Advance) -> Iterator[LotPut]:
    """Yield the lot that entry `own` lent, and the claim for it."""
    lot, claim = lent(advance, own)
    yield LotPut(lot_id(own, lot.n), wall, lot.expires, lot.source, "", "")
    yield LotPut(lot_id(own, claim.n), wall, None, claim_unit(claim.unit), "", "")


def used(at: At, member: str, uses: tuple[Use, ...]) -> Iterator[Used]:
    """Yield what limits count of an entry."""
    for one in uses:
        yield Used(member, one.day or at.wall[:DAY_CHARS], one.what, one.amount)


def _back(tenders: tuple[Tender, ...]) -> tuple[Tender, ...]:
    return tuple(Tender(one.code, -one.amount_fen) for one in tenders)


def _as_tenders(body: Returned | Exchange) -> tuple[Tender, ...]:
    """Return what went back to lots as the tenders that it had been."""
    sums: dict[str, int] = {}
    for one in body.restored:
        sums[one.code] = sums.get(one.code, 0) + one.worth_fen
    return tuple(Tender(code, fen) for code, fen in sums.items())


def _totals(entry: Entry, amount_fen: int, tenders: tuple[Tender, ...]) -> Iterator[Change]:
    kind = entry.kind.value
    yield DayAdded(kind, "", amount_fen)
    for tender in tenders:
        yield DayAdded(kind, tender.code, tender.amount_fen)


def _down(n: int, body: DownBody) -> Iterator[Change]:
    match body:
        case Products(upsert=products, retire=retired):
            yield from map(ProductPut, products)
            yield from map(ProductRetired, retired)
        case StaffList(upsert=staff, retire=retired):
            yield from map(StaffPut, staff)
            yield from map(StaffRetired, retired)
        case CardRanges(ranges=ranges):
            yield RangesSet(ranges)
        case MemberSnapshot() as member:
            yield MemberPut(
                member.id,
                member.card,
                member.kind,
                member.joined,
                member.term_ends,
                member.level,
                member.staff,
                member.profile,
                member.tags,
                member.broker,
                member.benefits,
            )
            yield CardPut(member.card, member.id, member.status)
        case HoldingGranted(lots=lots):
            for lot in lots:
                yield LotPut(
                    lot.lot,
                    lot.granted,
                    lot.expires,
                    lot.source,
                    lot.topup,
                    lot.owner,
                    lot.value_fen,
                )
        case Pack() | PackActivate() as pack:
            yield from pack_told(n, pack)
        case CardBlocked(card=card, reason=reason):
            yield CardPut(card, "", reason or ACTIVE)
        case Tombstones(erased=erased):
            for one in erased:
                yield from gone(one.member, one.cards)
        case _:
            yield from told(body)
