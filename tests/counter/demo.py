"""The demo shop in memory: the real rules, postings checked as the store checks them."""

from collections import Counter as Tally
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import cache

from msgspec.structs import replace

from daemon.clock import ClockState
from daemon.counter.actbooks import ActBooks
from daemon.counter.screens import GiftShown, MemberShown
from daemon.counter.screens import Row as ListRow
from daemon.counter.shop import Known, PinTry, TenderKey
from daemon.ledger import accounts
from daemon.ledger.bodies import (
    Guide,
    MallBilled,
    MemberEnrolled,
    MemberRenewed,
    Profile,
    Sale,
    ShiftClosed,
    ShiftOpened,
)
from daemon.ledger.codec import encode, hash_of
from daemon.ledger.ids import entry_id, id_of
from daemon.ledger.kinds import Unit
from daemon.ledger.messages import Product, Staff
from daemon.ledger.posting import check
from daemon.ledger.profiles import Person, masked
from daemon.ledger.records import ZERO_HASH, At, By, Chain, Draft, PackRef
from daemon.ledger.sealing import seal_draft
from daemon.ledger.views import Durable, LotRow, MallBill, Problem, SaleRow, ShiftRow
from daemon.rules.counts import Counts, SoFar
from daemon.rules.document import read
from daemon.rules.engine import Engine, compile_pack
from daemon.rules.types import MemberFacts
from tests.counter.demo_books import Books
from tests.counter.demo_goods import (
    CONFIG,
    by_barcode,
    by_plu,
    document,
    staff_here,
    tender_rows,
    whole,
    without_code,
)

CHAIN = Chain("0018", 1)
START = datetime.fromisoformat("2026-03-06T09:55:00+08:00")
LOT = "hq.1:1:1"
CREDITS = ("points:", "principal:")


@cache
def rules() -> Engine:
    opened = read((CONFIG / "packs" / "zhenzi.json").read_text())
    return compile_pack(opened.pack, opened.ref)


@dataclass
class DemoShop:
    """A `counter.shop.Shop` whose books are a tally of postings."""

    wall: datetime = START
    mono_ms: int = 0
    guard_ms: int = 0
    reads: bool = True
    alone: bool = False
    online: bool = False
    rights: dict[str, Sequence[tuple[str, int]]] = field(default_factory=dict)  # that lack here
    baskets: dict[int, str] = field(default_factory=dict)
    pins: dict[str, str] = field(default_factory=lambda: {"staff:01": "1234"})
    new_pins: dict[str, str] = field(default_factory=dict)
    ids: int = 0
    seq: int = 0
    balance: Tally[tuple[str, str, str]] = field(default_factory=Tally)
    members: dict[str, Known] = field(default_factory=dict)
    phones: dict[str, str] = field(default_factory=dict)
    locked: dict[str, str] = field(default_factory=dict)
    sales: list[SaleRow] = field(default_factory=list)
    blanks: set[str] = field(default_factory=set)
    journal: list[Durable] = field(default_factory=list)
    shift: ShiftRow | None = ShiftRow("02", "0018.1:1", "2026-03-06")  # noqa: RUF009 - frozen

    def __post_init__(self) -> None:
        for row in document()["products"]:
            self.balance[accounts.stock(str(row["sku"])), Unit.PIECE, ""] = whole(row["stock"]) or 0
        for row in document()["other_stock"]:
            if row["sku"] != "CARD":  # cards are numbered
                plain = accounts.stock(str(row["sku"])), Unit.PIECE, ""
                self.balance[plain] = whole(row["stock"]) or 0
        for number in range(8800000001015, 8800000001055):
            self.blanks.add(str(number))
            self.balance[accounts.stock("CARD"), Unit.PIECE, str(number)] = 1
        for row in document()["members"]:
            self._admit(row)

    def _admit(self, row: dict[str, object]) -> None:
        card, member = str(row["card"]), str(row["id"])
        joined, ends = (
            datetime.fromisoformat(f"{row[name]}T00:00:00+08:00")
            for name in ("joined", "term_ends")
        )
        kind, status = str(row.get("kind", "registered")), str(row.get("status", "active"))
        facts = MemberFacts(member, card, kind, status, joined, ends)
        name = row["name"]
        shown = masked(name if isinstance(name, str) else None, card)
        self.members[card] = Known(facts, MemberShown(shown, card[-4:], "", 0))
        self.phones[str(row["phone"])] = card
        self.balance[accounts.points(member), Unit.POINT, LOT] = whole(row["points"]) or 0
        principal = whole(row["principal"]) or 0
        self.balance[accounts.principal(member), Unit.PRINCIPAL, LOT] = principal

    # -- counter.shop.Shop ---------------------------------------------------------------------

    def at(self) -> At:
        wall = self.wall + timedelta(milliseconds=self.mono_ms)
        text = wall.isoformat(timespec="milliseconds")
        return At("boot", self.mono_ms, text, ClockState.SYNCED, "2026-03-06")

    def by(self) -> By:
        return By("" if self.shift is None else self.shift.operator, "clerk")

    def engine(self) -> Engine:
        return rules()

    def engine_of(self, ref: PackRef | None) -> Engine | None:
        return self.engine() if ref == self.engine().ref else None

    def fresh_id(self) -> str:
        self.ids += 1
        return f"flow-{self.ids}"

    def product_by_plu(self, plu: int) -> Product | None:
        return by_plu().get(plu)

    def product_by_barcode(self, code: str) -> Product | None:
        return by_barcode().get(code)

    def scale_product(self, code: str) -> Product | None:
        for product in by_plu().values():
            scale = product.scale
            if scale is not None and code.startswith(scale.prefix + scale.item):
                return product
        return None

    def member_by_card(self, card: str) -> Known | None:
        known = self.members.get(card)
        if known is None:
            return None
        return replace(known, shown=replace(known.shown, points=self.points(known.facts.id)))

    def card_status(self, card: str) -> str:
        one = self.members.get(card)
        return "closed" if one is None or one.facts.card != card else one.facts.status

    def member_by_phone(self, phone: str) -> Known | None:
        card = self.phones.get(phone)
        return None if card is None else self.member_by_card(card)

    def in_card_range(self, card: str) -> bool:
        return len(card) == 13 and card.startswith("88000000")

    def blank_card(self, card: str) -> bool:
        return card in self.blanks

    def stock(self, sku: str) -> int:
        account = accounts.stock(sku)
        return sum(n for (name, _, _), n in self.balance.items() if name == account)

    def staff(self, no: str) -> Staff | None:
        return staff_here().get(no)

    def default_guides(self) -> tuple[Guide, ...]:
        return (Guide("02", 10_000),)

    def tenders(self) -> tuple[TenderKey, ...]:
        return tender_rows()

    def exact_cash_guard_ms(self) -> int:
        return self.guard_ms

    def last_anonymous_sale(self) -> SaleRow | None:
        return self.sales[-1] if self.sales and not self.sales[-1].member else None

    def expiring(self, member: str) -> tuple[tuple[str, int], ...]:
        return (("2026-12-15", self.points(member)),)

    def gifts(self, member: MemberFacts) -> tuple[GiftShown, ...]:
        offers = rules().gifts(member.level, self.wall)
        names = {str(row["sku"]): str(row["name"]) for row in document()["other_stock"]}
        return tuple(
            GiftShown(names[one.items[0].sku], one.points, one.coupon_fen) for one in offers
        )

    def balance_fen(self, member: str) -> int:
        return self.held(accounts.principal(member))

    def lots(self, member: str) -> tuple[LotRow, ...]:
        return self.books().member(member).lots

    def mall_bill(self, entry: str) -> MallBill | None:
        bill = self.books().entry(entry)
        if bill is None or not isinstance(bill.body, MallBilled):
            return None
        ended = self.books().find(lambda one: one.re == entry, most=1)
        state = "paid" if ended else "open"
        sale = ended[0].body if ended else None
        slip = sale.tenders[0].reference if isinstance(sale, Sale) else ""
        date, fen = bill.at.business_date, bill.body.sale.pay_fen
        return MallBill(entry, date, fen, state, slip, id_of(ended[0]) if ended else "")

    def least_now(self) -> datetime:
        return datetime.fromisoformat(self.at().wall)

    def so_far(self, member: str) -> SoFar:
        counts = Counts()
        for durable in self.journal:
            day = durable.entry.at.wall[:10]
            for one in getattr(durable.entry.body, "uses", ()):
                who = str(getattr(durable.entry.body, "member", ""))
                counts.add(who, one.what, day=one.day or day, amount=one.amount)
        return counts.so_far(member, self.at().wall[:10])

    def staff_by_badge(self, badge: str) -> Staff | None:
        return next((one for one in staff_here().values() if one.badge == badge), None)

    def has_pin(self, whose: str) -> bool:
        return whose in self.pins

    def set_pin(self, whose: str, pin: str) -> None:
        self.new_pins[whose] = pin

    def try_pin(self, whose: str, pin: str) -> PinTry:
        if self.new_pins.get(whose) == pin:
            self.pins[whose] = self.new_pins.pop(whose)
        return PinTry(self.pins.get(whose) == pin, left=3)

    def cut_off(self) -> bool:
        return self.alone

    def lacking(self, member: str, *, value: bool = False) -> Sequence[tuple[str, int]]:
        return self.rights.get(member, ())

    def hq_answers(self) -> bool:
        return self.online

    def clerk_reads(self) -> bool:
        return self.reads

    def books(self) -> ActBooks:
        return Books(self)

    def service(self, topic: str) -> tuple[ListRow, ...]:
        return (ListRow("1", topic, topic.upper()), ListRow("2", "more", "MORE"))

    def parked(self) -> Mapping[int, str]:
        return self.baskets

    def product(self, sku: str) -> Product | None:
        known = (*by_plu().values(), *without_code())
        return next((one for one in known if one.sku == sku), None)

    def products_without_code(self) -> Sequence[Product]:
        return without_code()

    def lock_profile(self, person: Person, card: str) -> Profile:
        self.locked[card] = person.phone
        return Profile(cipher=f"cipher of {len(self.locked)}", nonce="nonce")

    # -- the store's side ----------------------------------------------------------------------

    def held(self, account: str) -> int:
        return sum(n for (name, _, _), n in self.balance.items() if name == account)

    def points(self, member: str) -> int:
        return self.held(accounts.points(member))

    def problems(self, draft: Draft) -> list[Problem]:
        entry = seal_draft(draft, CHAIN, seq=self.seq + 1, prev=ZERO_HASH)
        return check(entry.postings, CHAIN, lambda *key: self.balance[key])

    def commit(self, draft: Draft) -> Durable:
        assert not self.problems(draft)
        self.seq += 1
        entry = seal_draft(draft, CHAIN, seq=self.seq, prev=ZERO_HASH)
        for posting in entry.postings:
            self.balance[posting.account, posting.unit, posting.lot] += posting.amount
        name, body = entry_id(CHAIN, self.seq), entry.body
        if isinstance(body, Sale):
            self.sales.append(SaleRow(name, entry.at.wall, body.member, body.pay_fen, ""))
        if isinstance(body, ShiftOpened):
            self.shift = ShiftRow(body.operator, name, entry.at.business_date)
        if isinstance(body, ShiftClosed):
            self.shift = None
        if isinstance(body, MemberEnrolled):
            self._enrolled(name, body, entry.re)
        if isinstance(body, MemberRenewed):
            self._renewed(body)
        self.journal.append(Durable(entry, hash_of(encode(entry))))
        return self.journal[-1]

    def _renewed(self, body: MemberRenewed) -> None:
        known = next(one for one in self.members.values() if one.facts.id == body.member)
        ends = None if body.term_ends is None else datetime.fromisoformat(body.term_ends)
        facts = replace(known.facts, term_ends=ends)
        self.members[facts.card] = replace(known, facts=facts)

    def _enrolled(self, name: str, body: MemberEnrolled, sale: str | None) -> None:
        joined = datetime.fromisoformat(body.joined)
        ends = None if body.term_ends is None else datetime.fromisoformat(body.term_ends)
        facts = MemberFacts(name, body.card, "registered", "active", joined, ends)
        shown = MemberShown(masked(None, body.card), body.card[-4:], "", 0)
        self.members[body.card] = Known(facts, shown)
        self.phones[self.locked[body.card]] = body.card
        self.blanks.discard(body.card)
        self.sales = [
            replace(row, enrolled=name) if row.entry == sale else row for row in self.sales
        ]
