"""What acts ask of the demo shop in memory."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from daemon.ledger import accounts
from daemon.ledger.acts.bill import Bill, bill_of
from daemon.ledger.acts.moves import ACTIVE, NOBODY, Member, Refusal, Request, Stamp
from daemon.ledger.acts.refund import Used, lots_of, used_of
from daemon.ledger.acts.shift import CloseDayRequest, Till, day_closed
from daemon.ledger.acts.stock import Shelf
from daemon.ledger.acts.topup import ValueLimits
from daemon.ledger.bodies import NewLot, Profile, Sale
from daemon.ledger.daytotals import day_totals
from daemon.ledger.ids import id_of
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.records import Chain, Draft, Entry
from daemon.ledger.views import LotRow, MemberRow

if TYPE_CHECKING:
    from tests.counter.demo import DemoShop

GRANTED = "2026-03-06T09:55:00+08:00"


class Books:
    """What acts ask, answered from the tally and the journal in memory."""

    def __init__(self, shop: "DemoShop") -> None:
        self._shop = shop
        self.limits = ValueLimits()

    def stamp(self, request: Request) -> Stamp:
        shop = self._shop
        now = datetime.fromisoformat(shop.at().wall)
        return Stamp(request.source, request.id, shop.at(), shop.by(), shop.engine().ref, now)

    def member(self, member: str, card: str = "") -> Member:
        facts = next(
            (
                known.facts
                for known in self._shop.members.values()
                if known.facts.id == member or (card and known.facts.card == card)
            ),
            None,
        )
        if facts is None:
            name = member or (accounts.visitor(card) if self._shop.in_card_range(card) else "")
            return Member(name, card, ACTIVE, "", self._lots(name)) if name else NOBODY
        return Member(facts.id, facts.card, facts.status, facts.kind, self._lots(facts.id))

    def row(self, member: str) -> MemberRow | None:
        facts = next((k.facts for k in self._shop.members.values() if k.facts.id == member), None)
        if facts is None:
            return None
        joined = "" if facts.joined is None else facts.joined.isoformat()
        return MemberRow(
            facts.id, facts.card, facts.status, facts.kind, joined, None, "", facts.staff, None
        )

    def balance(self, account: str, unit: str, lot: str) -> int:
        return self._shop.balance[account, unit, lot]

    def is_blank(self, sku: str, card: str) -> bool:
        return sku == "CARD" and card in self._shop.blanks

    def profile_for(self, row: MemberRow, card: str) -> Profile | None:
        return None

    def entry(self, entry: str) -> Entry | None:
        return next((one.entry for one in self._shop.journal if id_of(one.entry) == entry), None)

    def answer(self, entry: str, kind: Kind) -> Entry | None:
        found = self.find(lambda one: one.re == entry and one.kind is kind, most=1)
        return found[0] if found else None

    def bill(self, sale: str) -> Bill | Refusal:
        entry = self.entry(sale)
        found = None if entry is None else bill_of(entry, self.answer(sale, Kind.SALE_CLAIMED))
        return found or Refusal("not_returnable", f"{sale} is no sale of this box")

    def in_shift(self, entry: str) -> bool:
        return self.entry(entry) is not None

    def held_value(self, member: Member) -> int:
        return member.total(Unit.PRINCIPAL) + member.total(Unit.BONUS)

    def used(self, topup: Entry) -> Used:
        spent = [
            one
            for durable in self._shop.journal
            if isinstance(durable.entry.body, Sale)
            for one in durable.entry.body.spent
        ]
        return used_of(list(lots_of(topup)), spent, [], {})

    def till(self) -> Till:
        taken: dict[str, int] = {}
        for (account, _, _), fen in self._shop.balance.items():
            code = account.removeprefix(accounts.tender(""))
            if code != account:
                taken[code] = taken.get(code, 0) + fen
        return Till(self._shop.shift, self._shop.held(accounts.CASH_DRAWER), taken)

    def shelf(self, skus: Sequence[str], position: str) -> Shelf:
        assert not position, "the counter asks of now"
        balance = self._shop.balance
        here = {
            sku: {k[2]: n for k, n in balance.items() if k[0] == f"stock:{sku}"} for sku in skus
        }
        numbers = {
            sku: frozenset(lot for lot in here[sku] if lot and here[sku][lot]) for sku in skus
        }
        last = len(self._shop.journal)
        return Shelf(f"0018.1:{last}", {sku: sum(here[sku].values()) for sku in skus}, numbers)

    def chain(self) -> Chain:
        return Chain("0018", 1)

    def close_day(self, request: CloseDayRequest) -> Draft | Refusal:
        shop, date = self._shop, self._shop.at().business_date
        if self.find(lambda one: one.kind is Kind.DAY_CLOSED, most=1):
            return Refusal("not_allowed", "the day is closed already")
        totals = day_totals(one.entry for one in shop.journal)
        return day_closed(
            shop.at(), date=date, totals=totals, last="", signature="", stamp=self.stamp(request)
        )

    def find(self, wanted: Callable[[Entry], bool], *, most: int) -> tuple[Entry, ...]:
        newest = (one.entry for one in reversed(self._shop.journal))
        return tuple(filter(wanted, newest))[:most]

    def _source(self, name: str) -> str:
        """Return why a lot was granted; "" for those that the members came with."""
        granted, _, n = name.rpartition(":")
        entry = self.entry(granted) if granted else None
        lots: tuple[NewLot, ...] = () if entry is None else getattr(entry.body, "lots", ())
        return next((lot.source for lot in lots if str(lot.n) == n), "")

    def _lots(self, member: str) -> tuple[LotRow, ...]:
        return tuple(
            LotRow(lot, account, unit, amount, GRANTED, None, self._source(lot))
            for (account, unit, lot), amount in self._shop.balance.items()
            if amount and account.partition(":")[2] == member
        )
