"""The past told again: a journal folded into what rules need, and its entries evaluated anew.

`Past` holds products, members and packs as they stood before the next entry, nothing else; it does
not grow with the number of sales. What a sale spent (points, stored value, coupons) is taken from
its entry: that it was there is the ledger's proof, not the rules'.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime

import msgspec
from msgspec.structs import replace

from daemon.clock import moment
from daemon.ledger.bodies import MallBilled, MemberEnrolled, NewLot, Sale, SaleLine
from daemon.ledger.ids import id_of
from daemon.ledger.kinds import Unit, coupon_unit
from daemon.ledger.messages import Product
from daemon.ledger.projection import ProductPut, ProductRetired, changes
from daemon.ledger.projection_member import CardPut, LevelPut, MemberCarded, MemberPut, TermPut
from daemon.ledger.projection_pack import PackPut
from daemon.ledger.projection_shop import Used
from daemon.ledger.records import Entry, PackRef
from daemon.rules.counts import Counts
from daemon.rules.engine import NO_PACK, Engine
from daemon.rules.joining import SOURCE_SAVED
from daemon.rules.types import (
    VISITOR,
    Basket,
    BasketLine,
    EnrolmentOffer,
    HeldCoupon,
    KeyedTender,
    Manual,
    MemberFacts,
    Refusal,
    Settlement,
    Spend,
    Wallet,
)

STORED = "stored_value"
COUNTED = ("purchase", "topup")  # ways in that measure something
OWN_MONEY = ("points", "coupon")  # paid by what the member holds, before any tender

Compiling = Callable[[str, PackRef], Engine]  # a pack's signed document


class _Row(msgspec.Struct, frozen=True):
    """A row of the tender table of that day: what was over came back as change."""

    code: str
    change: bool = True


@dataclass(slots=True)
class Past:
    """What a journal has said so far, as far as rules ask."""

    compiling: Compiling
    products: dict[str, Product] = field(default_factory=dict)
    members: dict[str, MemberFacts] = field(default_factory=dict)
    cards: dict[str, str] = field(default_factory=dict)  # card -> member
    packs: dict[str, str] = field(default_factory=dict)  # hash -> document
    engines: dict[str, Engine] = field(default_factory=dict)
    counts: Counts = field(default_factory=Counts)
    bills: dict[str, Sale] = field(default_factory=dict)  # that wait for the mall's till

    def apply(self, entry: Entry) -> None:
        """Take the entry into account."""
        if isinstance(entry.body, MallBilled):
            self.bills[id_of(entry)] = entry.body.sale
        elif entry.re is not None:
            self.bills.pop(entry.re, None)
        for change in changes(entry):
            match change:
                case ProductPut(product=product):
                    self.products[product.sku] = product
                case ProductRetired(sku=sku):
                    self.products.pop(sku, None)
                case MemberPut() as put:
                    self._member(put, entry)
                case CardPut(number=number, member=member, status=status):
                    self.cards[number] = member or self.cards.get(number, "")
                    self._status(self.cards[number], number, status)
                case MemberCarded(member=member, card=card):
                    self._carded(member, card)
                case LevelPut(member=member, level=level) if member in self.members:
                    self.members[member] = replace(self.members[member], level=level)
                case TermPut(member=member, term_ends=ends) if member in self.members:
                    until = (
                        None
                        if ends is None
                        else moment(ends, datetime.fromisoformat(entry.at.wall).tzinfo)
                    )
                    self.members[member] = replace(self.members[member], term_ends=until)
                case PackPut(ref=ref, document=document):
                    self.packs[ref.hash] = document
                case Used(member=member, day=day, what=what, amount=amount):
                    self.counts.add(member, what, day=day, amount=amount)
                case _:
                    pass

    def engine(self, ref: PackRef | None) -> Engine | None:
        """Return the pack of an entry, compiled; None: its document is not in this journal."""
        if ref is None:
            return NO_PACK
        if ref.hash not in self.engines:
            document = self.packs.get(ref.hash)
            if document is None:
                return None
            self.engines[ref.hash] = self.compiling(document, ref)
        return self.engines[ref.hash]

    def _member(self, put: MemberPut, entry: Entry) -> None:
        zone = datetime.fromisoformat(entry.at.wall)
        self.members[put.id] = MemberFacts(
            put.id,
            put.card,
            put.kind,
            "active",
            moment(put.joined, zone.tzinfo),
            None if put.term_ends is None else moment(put.term_ends, zone.tzinfo),
            put.level,
            put.staff,
            tags=put.tags,
            benefits=put.benefits,
            broker=put.broker,
        )

    def _status(self, member: str, card: str, status: str) -> None:
        facts = self.members.get(member)
        if facts is not None and facts.card == card:
            self.members[member] = replace(facts, status=status)

    def _carded(self, member: str, card: str) -> None:
        facts = self.members.get(member)
        if facts is not None:
            self.members[member] = replace(facts, card=card, status="active")


def retold(
    past: Past,
    entry: Entry,
    sale: Sale,
    engine: Engine,
    *,
    joined: bool = True,
    counts: Counts | None = None,
) -> Settlement | Refusal:
    """Return the sale as an engine would settle it: the same goods, card, time and money.

    A promo that prices single pieces splits a line, and the entry does not say which lines were
    one: `joined` takes neighbours of one product that got different prices for one line.
    `counts`: what limits are to count in place of what the journal says (another pack's past).
    """
    sold = _joined(sale.lines) if joined else sale.lines
    at = datetime.fromisoformat(entry.at.wall)
    member = None
    if sale.member:
        member = past.members.get(sale.member) or MemberFacts(
            sale.member, sale.card, VISITOR, "active", None, None
        )
        member = replace(member, near=sale.near)
    lines = tuple(_line(past, n, line) for n, line in enumerate(sold, start=1))
    staff = sale.guides[0].staff if sale.guides else entry.by.operator
    before = (past.counts if counts is None else counts).so_far(sale.member, entry.at.wall[:10])
    quote = engine.quote(Basket(lines, member, at, staff, sale.chosen, before))
    spend, wallet = _spent(sale, at)
    own = sum(one.amount_fen for one in sale.tenders if one.code in OWN_MONEY)
    keyed = _keyed(sale, engine, quote.bill_fen - own)
    table = tuple(_Row(code) for code in {one.code for one in keyed})
    return engine.settle(quote, keyed, table, spend, wallet)


def differences(past: Past, entry: Entry) -> list[str] | None:
    """Return what an evaluation under the entry's own pack says otherwise; None: not evaluated."""
    if not isinstance(entry.body, Sale | MallBilled | MemberEnrolled):
        return None
    engine = past.engine(entry.pack)
    if engine is None:
        return ["its pack is not in this journal"]
    if isinstance(entry.body, MallBilled):
        return _of_sale(past, entry, entry.body.sale, engine)
    if isinstance(entry.body, Sale):
        billed = past.bills.get(entry.re or "")
        if billed is not None:
            return _of_bill(billed, entry.body)
        return _of_sale(past, entry, entry.body, engine)
    return _of_enrolment(entry, entry.body, engine)


def _of_sale(past: Past, entry: Entry, sale: Sale, engine: Engine) -> list[str]:
    """Return what differs; nothing if the lines, split or joined, give what the entry says."""
    as_it_was = _differing(sale, retold(past, entry, sale, engine, joined=False))
    if not as_it_was or len(_joined(sale.lines)) == len(sale.lines):
        return as_it_was
    return _differing(sale, retold(past, entry, sale, engine)) and as_it_was


def _of_bill(billed: Sale, sale: Sale) -> list[str]:
    """Return what a sale says otherwise than its bill; only the mall's slip is new."""
    pairs: list[tuple[str, object, object]] = [
        ("lines", billed.lines, sale.lines),
        ("pay", billed.pay_fen, sale.pay_fen),
        ("points", billed.points, sale.points),
        ("growth", billed.growth, sale.growth),
        ("uses", billed.uses, sale.uses),
    ]
    return [f"{what}: {then} billed, {now} sold" for what, then, now in pairs if then != now]


def _differing(sale: Sale, found: Settlement | Refusal) -> list[str]:
    if isinstance(found, Refusal):
        return [f"refused now: {found.code}: {found.why}"]
    if len(sale.lines) != len(found.lines):
        return [f"lines: {len(sale.lines)} then, {len(found.lines)} now"]
    pairs: list[tuple[str, object, object]] = [
        ("list", sale.list_fen, found.quote.list_fen),
        ("bill", sale.bill_fen, found.quote.bill_fen),
        ("rounding", sale.rounding_fen, found.rounding_fen),
        ("pay", sale.pay_fen, found.pay_fen),
        ("points", sale.points, found.points_in_all),
        ("growth", sale.growth, found.growth),
        ("uses", sale.uses, found.uses),
        ("birthday", sale.near, found.near),
        ("frozen", sale.frozen, found.frozen),
    ]
    for then, now in zip(sale.lines, found.lines, strict=True):
        said = (then.paid_fen, then.cls, then.points, then.rule)
        pairs.append(
            (f"line {then.n} ({then.sku})", said, (now.paid_fen, now.cls, now.points, now.rule))
        )
    return [f"{what}: {then} then, {now} now" for what, then, now in pairs if then != now]


def _of_enrolment(entry: Entry, body: MemberEnrolled, engine: Engine) -> list[str]:
    fee = next((one for one in body.applied if one.what == "fee"), None)
    counted = None if fee is None or body.channel not in COUNTED else fee.base
    at = datetime.fromisoformat(body.joined)
    offer = engine.offer(body.channel, counted=counted, at=at, level=body.level)
    if not isinstance(offer, EnrolmentOffer):
        return [f"refused now: {offer.code}: {offer.why}"]
    ends = None if body.term_ends is None else datetime.fromisoformat(body.term_ends)
    welcome = [(one.sku, one.qty) for one in body.welcome]
    pairs: list[tuple[str, object, object]] = [
        ("fee", body.fee_fen, offer.fee_fen),
        ("points", body.points, offer.points),
        ("growth", body.growth, offer.growth),
        ("coupons", _coupons(body.lots), [(one.coupon, one.value) for one in offer.coupons]),
        ("funding", _funded(body.lots), _funded(offer.lots)),
        ("term", ends, offer.term_ends),
        ("welcome", welcome, [(one.sku, one.qty) for one in offer.welcome]),
    ]
    return [f"{what}: {then} then, {now} now" for what, then, now in pairs if then != now]


def _coupons(lots: tuple[NewLot, ...]) -> list[tuple[str, int]]:
    prefix = coupon_unit("")
    return [
        (one.unit.removeprefix(prefix), one.value_fen)
        for one in lots
        if one.unit.startswith(prefix) and one.source != SOURCE_SAVED
    ]


def _funded(lots: tuple[NewLot, ...]) -> int:
    """Return how many of the points headquarters pays for."""
    return sum(one.hq_part for one in lots if one.unit == Unit.POINT)


def _joined(lines: tuple[SaleLine, ...]) -> tuple[SaleLine, ...]:
    whole: list[SaleLine] = []
    rules: set[str] = set()
    for line in lines:
        last = whole[-1] if whole else None
        if last is None or (last.sku, last.code) != (line.sku, line.code) or line.rule in rules:
            whole.append(line)
            rules = {line.rule}
            continue
        qty, listed = last.qty + line.qty, last.list_fen + line.list_fen
        whole[-1] = msgspec.structs.replace(last, qty=qty, list_fen=listed)
        rules.add(line.rule)
    return tuple(whole)


def _line(past: Past, n: int, line: SaleLine) -> BasketLine:
    product = past.products.get(line.sku)
    if product is None:
        unknown = Product(line.sku, line.name, cls=line.cls)
        return BasketLine(n, unknown, line.qty, line.list_fen, line.code, unlisted=True)
    listed = None if product.price_fen is None else product.price_fen * line.qty
    hand = line.by_hand
    if hand is not None:
        manual = Manual(hand.role, hand.reason, hand.staff)
        return BasketLine(n, product, line.qty, hand.fen, line.code, manual=manual)
    return BasketLine(
        n, product, line.qty, None if listed == line.list_fen else line.list_fen, line.code
    )


def _spent(sale: Sale, at: datetime) -> tuple[Spend, Wallet]:
    """Return what the member used of his own, and a wallet that held just that."""
    points = _of_unit(sale, Unit.POINT)
    coupons = tuple(
        HeldCoupon(one.lot, one.unit.partition(":")[2], one.worth_fen, at)
        for one in sale.spent
        if one.unit.startswith("coupon:")
    )
    wallet = Wallet(points, _of_unit(sale, Unit.PRINCIPAL), _of_unit(sale, Unit.BONUS))
    return Spend(points, coupons), wallet


def _of_unit(sale: Sale, unit: str) -> int:
    return sum(one.amount for one in sale.spent if one.unit == unit)


def _keyed(sale: Sale, engine: Engine, open_fen: int) -> list[KeyedTender]:
    """Return the money in its order, as far as it is needed; the last of it closes the bill.

    Stored value stands after the money in an entry; where the bill was rounded, cash closed it.
    """
    money: dict[str, int] = {STORED: 0} if sale.rounding_fen else {}
    for one in sale.tenders:
        if one.code not in OWN_MONEY:
            money[one.code] = money.get(one.code, 0) + one.amount_fen
    money = {code: amount for code, amount in money.items() if amount}
    keyed: list[KeyedTender] = []
    for place, (code, amount) in enumerate(money.items(), start=1):
        if amount >= engine.due_of(open_fen, keyed, code) or place == len(money):
            return [*keyed, KeyedTender(code, None)]
        keyed.append(KeyedTender(code, amount))
    return keyed
