"""What a member of a case holds: lots of every unit, coupons, claims, and what he did so far."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date, datetime

from daemon.ledger.kinds import Unit
from daemon.rules.types import HeldCoupon, MemberFacts

SPENT = (Unit.POINT, Unit.PRINCIPAL, Unit.BONUS)
REWARD = "reward"  # money owed as a reward


@dataclass(slots=True, eq=False)
class Lot:
    """`amount` is what is left of it. Two lots are never the same one."""

    amount: int
    granted: datetime
    source: str
    expires: datetime | None = None
    unit: str = Unit.POINT
    frozen: bool = False
    topup: int | None = None  # the position of the event that took the money
    order: int = 0  # of the grant, within the member
    held_since: datetime | None = None  # by a hold, not by a guard
    hq_part: int = 0  # of what was granted, what headquarters pays for

    def available(self, at: datetime) -> bool:
        return not self.frozen and (self.expires is None or at < self.expires)


@dataclass(slots=True)
class Did:
    """Something that limits count: so much of `what` on a day."""

    what: str  # a rule's id, `sku:<sku>`, `@sales`, `spend:<rule>`
    on: date
    amount: int


@dataclass(slots=True)
class Right:
    """An entitlement that opened: what is left of it, and until when (half open)."""

    rule: str
    qty: int
    opened: date
    ends: date | None


def never(granted: datetime) -> datetime | None:
    """Return when a lot of that time lapses by itself: it does not."""
    return None


@dataclass(slots=True)
class Holder:
    """A member or visitor of the case, with what he holds."""

    facts: MemberFacts
    lots: list[Lot] = field(default_factory=list)
    growth: int = 0
    coupons: list[HeldCoupon] = field(default_factory=list)  # neither used nor withdrawn
    claims: dict[str, int] = field(default_factory=dict)  # unit -> what is owed
    did: list[Did] = field(default_factory=list)
    granted: int = 0  # lots so far
    lapses: Callable[[datetime], datetime | None] = never  # of points, by the pack
    level_since: datetime | None = None
    risen: datetime | None = None  # to the level that he has
    rights: list[Right] = field(default_factory=list)
    by: str = ""  # the way in
    life: list[tuple[date, str]] = field(default_factory=list)  # events that he told the shop
    family: list[str] = field(default_factory=list)  # cards beside his own
    phone: str = "in_service"
    consent: bool = False
    were: list[tuple[datetime, MemberFacts]] = field(default_factory=list)  # after each event

    def as_of(self, at: datetime) -> MemberFacts:
        """Return how the member stood then: after the last event that was not later."""
        known = [facts for moment, facts in self.were if moment <= at]
        return known[-1] if known else self.facts

    def held(self, unit: str, at: datetime | None = None) -> int:
        """Return what is held of a unit; with a time: what may be spent then."""
        return sum(
            lot.amount
            for lot in self.lots
            if lot.unit == unit and (at is None or lot.available(at))
        )

    def points(self, at: datetime | None = None) -> int:
        return self.held(Unit.POINT, at)

    @property
    def principal(self) -> int:
        return self.held(Unit.PRINCIPAL)

    @property
    def bonus(self) -> int:
        return self.held(Unit.BONUS)

    def grant(
        self,
        unit: str,
        amount: int,
        at: datetime,
        source: str,
        *,
        expires: datetime | None = None,
        topup: int | None = None,
        hq_part: int = 0,
    ) -> int:
        """Add a lot after what is owed was settled from it; return what the member gained."""
        settled = min(amount, self.claims.get(unit, 0))
        if settled:
            self.claims[unit] -= settled
        if amount > settled:
            self.granted += 1
            rest = amount - settled
            if expires is None and unit == Unit.POINT:
                expires = self.lapses(at)
            lot = Lot(rest, at, source, expires, unit, topup=topup, order=self.granted)
            lot.hq_part = hq_part
            self.lots.append(lot)
        return amount - settled

    def spendable(self, unit: str, at: datetime) -> list[Lot]:
        """Return the lots in the order they are spent: the first to lapse, then the oldest."""
        return sorted(
            (lot for lot in self.lots if lot.unit == unit and lot.available(at)),
            key=lambda lot: (lot.expires is None, lot.expires or at, lot.granted, lot.order),
        )

    def take(self, unit: str, amount: int, at: datetime) -> list[tuple[Lot, int]]:
        """Take what is there of the amount, and return from which lots."""
        taken: list[tuple[Lot, int]] = []
        for lot in self.spendable(unit, at):
            part = min(amount, lot.amount)
            if part:
                lot.amount -= part
                amount -= part
                taken.append((lot, part))
        return taken

    def freeze_last(self) -> None:
        """Hold the lot that was granted last: shown, not spendable."""
        if self.lots:
            self.lots[-1].frozen = True

    def owe(self, unit: str, amount: int) -> None:
        """Book what could not be taken back: the next grants settle it."""
        if amount:
            self.claims[unit] = self.claims.get(unit, 0) + amount

    def so_far(self, at: datetime) -> dict[str, int]:
        """Return what limits count: `<what>:day`, `:month` and `:year` of the time's day."""
        counts: dict[str, int] = {}
        for one in self.did:
            for period in _periods(one.on, at.date()):
                key = f"{one.what}:{period}"
                counts[key] = counts.get(key, 0) + one.amount
        return counts


def _periods(day: date, today: date) -> Iterator[str]:
    if day == today:
        yield "day"
    if (day.year, day.month) == (today.year, today.month):
        yield "month"
    if day.year == today.year:
        yield "year"
