"""The small books of a case: members, lots, stock and sales, in memory, for one evaluation."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from daemon.ledger.messages import Limit, Product
from daemon.ledger.records import PackRef
from daemon.rules.account import AccountRules, compile_account
from daemon.rules.casefile import Case, CaseProduct, joined_at, zone_of
from daemon.rules.caseholder import SPENT, Holder, Lot
from daemon.rules.engine import Engine, compile_pack
from daemon.rules.joining import Measure, compile_measure
from daemon.rules.models import Pack
from daemon.rules.periods import later, span
from daemon.rules.types import VISITOR, HeldCoupon, MemberFacts, Settlement

Answer = dict[str, object]  # JSON


@dataclass(slots=True)
class Sold:
    """A sale of the case that went through."""

    settlement: Settlement
    anonymous: bool
    has_enrolled: bool = False
    enrolled: Holder | None = None  # whom it let in
    holder: Holder | None = None
    gained: list[Lot] = field(default_factory=list)  # lots that it granted
    taken: dict[str, list[tuple[Lot, int]]] = field(default_factory=dict)  # unit -> what it took
    used: list[HeldCoupon] = field(default_factory=list)
    gave: list[HeldCoupon] = field(default_factory=list)
    back: dict[int, int] = field(default_factory=dict)  # line number -> pieces that came back
    swapped: dict[int, int] = field(default_factory=dict)  # and those that were swapped evenly
    claimed: bool = False


@dataclass(slots=True)
class CaseTopup:
    """A top-up of the case that went through."""

    card: str
    amount_fen: int
    has_enrolled: bool = False


@dataclass(slots=True)
class Swapped:
    """An even swap: its lines stand for pieces of a sale. Each: line of the sale, sku, pieces."""

    sale: Sold
    lines: list[tuple[int, str, int]]


@dataclass(slots=True)
class World:
    pack: Pack
    engine: Engine
    products: Mapping[str, Product]
    stock: dict[str, int]
    holders: dict[str, Holder]
    account: AccountRules
    began: datetime  # the first event
    sold: dict[int, Sold] = field(default_factory=dict)
    swaps: dict[int, Swapped] = field(default_factory=dict)
    used_coupons: set[str] = field(default_factory=set)
    persons: set[str] = field(default_factory=set)  # who has had what is once per person
    coupons_given: int = 0
    ticked: datetime | None = None
    counted: Mapping[str, datetime] = field(default_factory=dict)
    let_in: dict[str, list[Sold]] = field(default_factory=dict)  # member -> by which purchases
    told: list[tuple[str, str, date]] = field(default_factory=list)  # rule, member, day
    topups: dict[int | None, CaseTopup] = field(default_factory=dict)
    measures: Mapping[str, Measure] = field(default_factory=dict)  # of ways in and of renewing

    def holder(self, name: str) -> Holder | None:
        """Return the member of this name or card; an unknown card number is a visitor."""
        for holder in self.holders.values():
            if name in (holder.facts.id, holder.facts.card, *holder.family):
                return holder
        if name.isdecimal():
            facts = MemberFacts(f"card:{name}", name, VISITOR, "active", None, None)
            return self.holders.setdefault(name, Holder(facts, lapses=self.lapses_of(None)))
        return None

    def lapses_of(self, joined: datetime | None) -> Callable[[datetime], datetime | None]:
        """Return when points of a card lapse by themselves."""
        return lambda granted: self.account.lapsing.of_lot(granted, joined)


def world_of(case: Case, pack: Pack) -> World:
    """Return the books as the case gives them, and the pack's engine."""
    zone = zone_of(case)
    term = None if pack.enrol is None or pack.enrol.term is None else span(pack.enrol.term)
    engine = compile_pack(pack, PackRef(pack.id, pack.version, ""))
    began = min((event.at for event in case.events), default=datetime.max.replace(tzinfo=zone))
    account = compile_account(pack)
    products = {one.sku: _product(one) for one in case.products}
    world = World(pack, engine, products, dict(case.stock), {}, account, began)
    world.counted = case.counted
    world.measures = _measures(pack)
    for member in case.members:
        joined = joined_at(member, zone)
        facts = MemberFacts(
            member.id,
            member.card,
            member.kind,
            member.status,
            joined,
            None if term is None else later(joined, term),
            member.level or "",
            staff=member.staff,
            birthday=member.birthday or "",
            tags=member.tags,
            broker=member.broker,
        )
        holder = world.holders[member.id] = Holder(facts, growth=member.growth)
        holder.phone, holder.consent = member.phone, member.consent
        holder.lapses = world.lapses_of(joined)
        for unit, lots in zip(SPENT, (member.points, member.principal, member.bonus), strict=True):
            for lot in lots:
                holder.grant(unit, lot.amount, lot.granted, "case", expires=lot.expires)
        for n, one in enumerate(member.coupons):
            name = one.id or f"{member.id}-{n}"
            granted = one.granted or joined
            coupon = HeldCoupon(name, one.kind, one.value, granted, one.expires, "case")
            holder.coupons.append(coupon)
    return world


def _measures(pack: Pack) -> dict[str, Measure]:
    """Return what measures purchases, by `purchase` and `renew:purchase`."""
    section = pack.enrol
    renew = () if section is None or section.renew is None else section.renew.channels
    ways = [("", one) for one in (() if section is None else section.channels)]
    ways += [("renew:", one) for one in renew]
    return {f"{name}{one.kind}": compile_measure(one) for name, one in ways}


def _product(one: CaseProduct) -> Product:
    return Product(
        one.sku,
        one.name or one.sku,
        one.price,
        one.cls,
        category=one.category,
        cost_fen=one.cost,
        member_price_fen=one.member_price,
        swap_price_fen=one.swap_price,
        unit=one.unit,
        limit=None if one.limit is None else Limit(one.limit.per, one.limit.qty, "card"),
        exchange_group=one.exchange_group,
        brand=one.brand,
        department=one.department,
        stock_min=one.least,
        stock_max=one.most,
    )


def shown(holder: Holder) -> Answer:
    """Return a member as the answer shows him."""
    facts = holder.facts
    return {
        "points": holder.points(),
        "principal": holder.principal,
        "bonus": holder.bonus,
        "growth": holder.growth,
        "level": facts.level or None,
        "status": facts.status,
        "term_ends": iso(facts.term_ends),
        "coupons": [
            {
                "id": one.id,
                "kind": one.kind,
                "value": one.value_fen,
                "member": facts.id,
                "expires": iso(one.expires),
            }
            for one in holder.coupons
        ],
        "claims": sum(holder.claims.values()),
        "lots": [
            {
                "unit": lot.unit,
                "amount": lot.amount,
                "granted": lot.granted.isoformat(),
                "expires": iso(lot.expires),
                "source": lot.source,
                **({"hq_part": lot.hq_part} if lot.hq_part else {}),
            }
            for lot in holder.lots
            if lot.amount
        ],
    }


def iso(moment: datetime | None) -> str | None:
    """Return a time as answers write it."""
    return None if moment is None else moment.isoformat()
