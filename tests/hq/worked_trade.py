"""What the shops of the worked month do, day by day, by the real acts of their boxes."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, timedelta

from daemon.ledger import daybook
from daemon.wanted import Wanted, What
from hq.owners import set_owner
from tests.hq.worked_shops import BLANK, GIFT, Shops

OWNERS = ("甲公司", "乙公司", "丙公司")
HEAD_OFFICE = "总部"
WECHAT_50 = {"code": "wechat", "amount_fen": 5000}
WECHAT_200 = {"code": "wechat", "amount_fen": 20000}
ACTS = (
    *(
        "sell",
        "sell",
        "member",
        "member",
        "top_up",
        "top_up",
        "elsewhere",
        "elsewhere",
        "elsewhere",
    ),
    *("points", "give_back", "give_back", "void", "redeem", "refund", "deposit", "bank", "count"),
)


@dataclass(slots=True)
class Shop:
    """What a shop may come back to."""

    cards: list[str] = field(default_factory=list)
    sales: list[str] = field(default_factory=list)
    topups: list[str] = field(default_factory=list)
    paid: list[str] = field(default_factory=list)  # cards that were topped up
    last: str = ""  # sale of this shift


@dataclass
class Month:
    """A story of shops: `lived` says how often what was done."""

    shops: Shops
    at: dict[str, Shop] = field(default_factory=dict)
    lived: Counter[str] = field(default_factory=Counter)
    cards: int = 0
    kept: str = ""  # a sale of which a piece comes back in the next month

    def begin(self) -> None:
        """Owners, members, cards and gifts."""
        office = self.shops.office
        set_owner(office, "hq", HEAD_OFFICE, "2000-01")
        for number, shop in enumerate(self.shops.boxes):
            # The first owner has two shops.
            set_owner(office, shop, OWNERS[max(0, number - 1) % len(OWNERS)], "2000-01")
            self.at[shop] = Shop()

    def visits(self) -> None:
        """A member of the first shop buys in the last with what he paid there, and the other way
        round; some of the goods come back where they were not sold."""
        first, *_, last = self.at
        for home, there in ((first, last), (last, first)):
            card = self.at[home].cards[1]
            self.shops.done(home, "topup", card=card, amount_fen=20000, bonus_fen=2000,
                            tenders=[WECHAT_200], identity=True)  # fmt: skip
            self.shops.settle()
            member = self.shops.member(there, card)
            for unit, amount in (("principal", 5000), ("bonus", 500)):
                self.shops.ask(there, Wanted(What.HOLDING, member=member, unit=unit, amount=amount))
            sold = self.shops.sell(there, 5500, card=card, value_fen=5500)
            assert sold, "what was asked for came"
        self.kept = self.shops.sell(first, 9900, by="wechat")
        self.shops.settle()
        self.shops.ask(last, Wanted(What.SALE, sale=sold))
        self.shops.done(last, "return", sale=sold, lines=[{"n": 1, "qty": 1}], reason=1)

    def day(self, day: date, acts: int, *, cut: str = "") -> None:
        """Live a day in all shops; `cut`: the shop whose line breaks at noon."""
        shops = self.shops
        shops.at(day, 9)
        for shop in self.at:
            self.morning(shop)
        shops.settle()
        for n in range(acts):
            if n == acts // 2 and cut:
                self._cut(cut)
            shops.at(day, 9 + n * 11 // acts)
            for shop in self.at:
                self.act(shop, shops.random.choice(ACTS))
        if not self.lived["visits"]:
            self.visits()
            self.lived["visits"] += 1
        shops.at(day, 20, 30)
        for shop in self.at:
            self._evening(shop)
        shops.settle()

    def _cut(self, shop: str) -> None:
        """The line breaks while the shop holds value that another has sold; it goes on selling."""
        shops, other = self.shops, next(iter(self.at))
        card, own = self._enrol(other), self._enrol(shop)  # nobody is near the cap of a new card
        shops.done(other, "topup", card=card, amount_fen=5000, tenders=[WECHAT_50], identity=True)
        shops.settle()
        wanted = Wanted(
            What.HOLDING, member=shops.member(shop, card), unit="principal", amount=3000
        )
        shops.ask(shop, wanted)
        shops.away.add(shop)
        sold = shops.sell(shop, 6600, by="wechat")
        shops.done(shop, "return", sale=sold, lines=[{"n": 1, "qty": 1}], reason=1)
        shops.done(shop, "topup", card=own, amount_fen=5000, tenders=[WECHAT_50])
        held = self.held(shop, card, "principal")
        assert shops.sell(shop, held, card=card, value_fen=held)

    def act(self, shop: str, what: str) -> None:
        entry = getattr(self, f"_{what}")(shop, self.at[shop])
        self.lived[what if entry else f"{what}: not possible"] += 1

    # -- the day ---------------------------------------------------------------------------------

    def morning(self, shop: str) -> None:
        box = self.shops.boxes[shop]
        for draft in daybook.forgotten_days(box.store, box.facts.at()):
            box.store.commit(draft)
            self.lived["自动日结"] += 1
        self.lived["lapsed"] += len(box.acts.lapse())
        self.shops.done(shop, "shift.opened", operator="02", float_fen=30000)
        if not self.at[shop].cards:
            for sku, qty in ((BLANK, 9), (GIFT, 9), ("ZZ-001", 90)):
                self.shops.done(shop, "stock.received", lines=[{"sku": sku, "qty": qty}])
            for _ in range(2):
                self._enrol(shop)

    def _evening(self, shop: str) -> None:
        variance = self.shops.random.choice((0, 0, -50, 120))
        counted = [{"code": "cash", "fen": max(0, self.shops.drawer(shop) + variance)}]
        self.shops.done(shop, "shift.closed", counted=counted)
        self.lived["counted otherwise"] += variance != 0
        self.at[shop].last = ""
        if self.shops.random.randrange(5):
            self.shops.done(shop, "day.closed")

    # -- what is done ----------------------------------------------------------------------------

    def _enrol(self, shop: str) -> str:
        self.cards += 1
        card = f"88000000{self.cards:05d}"
        self.shops.enrol(shop, card, 4800)
        self.at[shop].cards.append(card)
        return card

    def _sell(self, shop: str, has: Shop) -> str:
        fen = self._fen()
        cash = self.shops.random.randrange(2)
        rounding = fen % 10 if cash else 0
        by = "cash" if cash else "wechat"
        has.last = self.shops.sell(shop, fen, by=by, rounding_fen=rounding)
        return self._keep(has)

    def _member(self, shop: str, has: Shop) -> str:
        has.last = self.shops.sell(shop, self._fen(), card=self._own_card(has), by="wechat")
        return self._keep(has)

    def _top_up(self, shop: str, has: Shop) -> str:
        fen = 10000 * self.shops.random.randint(1, 3)
        soon = (self.shops.time.wall + timedelta(days=2)).isoformat(timespec="seconds")
        more = {"bonus_expires": soon} if self.shops.random.randrange(2) else {}
        card = self._own_card(has)
        self._make_room(shop, card)
        entry = self.shops.do(
            shop, "topup", card=card, amount_fen=fen, bonus_fen=fen // 10 + 7,
            tenders=[{"code": "cash", "amount_fen": fen}], identity=True, **more,
        )  # fmt: skip
        if entry:
            has.topups.append(entry)
            has.paid.append(card)
        return entry

    def _elsewhere(self, shop: str, has: Shop) -> str:
        """A member of another shop pays with value that was sold there."""
        card, member = self._guest(shop)
        if not member:
            return ""
        fen = self._fen()
        for unit in ("principal", "bonus"):
            self.shops.ask(shop, Wanted(What.HOLDING, member=member, unit=unit, amount=fen))
        held = sum(self.held(shop, card, unit) for unit in ("principal", "bonus"))
        fen = min(fen, held)
        if not fen:
            return ""
        has.last = self.shops.sell(shop, fen, card=card, value_fen=fen)
        return self._keep(has)

    def _points(self, shop: str, has: Shop) -> str:
        card, member = self._guest(shop)
        if not member:
            return ""
        self.shops.ask(shop, Wanted(What.HOLDING, member=member, unit="point", amount=40))
        used = min(40, self.held(shop, card, "point"))
        if not used:
            return ""
        has.last = self.shops.sell(
            shop, 5000, card=card, points_used=used, points_worth_fen=used * 10
        )
        return self._keep(has)

    def _give_back(self, shop: str, has: Shop) -> str:
        """Goods come back, some of them to another shop than sold them."""
        other = self.shops.random.choice(list(self.at))
        sales = self.at[other].sales
        if not sales or (other != shop and {other, shop} & self.shops.away):
            return ""
        sale = self.shops.random.choice(sales)
        if other != shop:
            self.shops.settle()
            self.shops.ask(shop, Wanted(What.SALE, sale=sale))
        lines = [{"n": 1, "qty": 1}]
        entry = self.shops.do(shop, "return", sale=sale, lines=lines, reason=1)
        self.lived["of it another shop's goods"] += other != shop and bool(entry)
        return entry

    def _void(self, shop: str, has: Shop) -> str:
        sale, has.last = has.last, ""
        return self.shops.do(shop, "sale.voided", sale=sale) if sale else ""

    def _redeem(self, shop: str, has: Shop) -> str:
        card = self._own_card(has)
        return self.shops.do(
            shop, "points.redeemed", card=card, rule="gift1", points=25, sku=GIFT, name="小样礼盒"
        )

    def _refund(self, shop: str, has: Shop) -> str:
        if not has.topups:
            return ""
        topup = self.shops.random.choice(has.topups)
        if self.shops.random.randrange(2):
            return self.shops.do(shop, "topup.voided", topup=topup)
        return self.shops.do(
            shop, "value.refunded", topup=topup, basis="not_own_wish", manager="01"
        )

    def _deposit(self, shop: str, has: Shop) -> str:
        tenders = [{"code": "cash", "amount_fen": 2000}]
        taken = self.shops.do(
            shop, "deposit.taken", amount_fen=2000, tenders=tenders, goods="10 盒"
        )
        if self.shops.random.randrange(2):
            return self.shops.do(
                shop, "deposit.refunded", deposit=taken, tenders=tenders, reason="没货"
            )
        return taken

    def _bank(self, shop: str, has: Shop) -> str:
        fen = self.shops.drawer(shop) // 2
        banked = {"way": "banked", "amount_fen": fen, "receiver": "bank"}
        return self.shops.do(shop, "cash.moved", **banked) if fen > 0 else ""

    def _count(self, shop: str, has: Shop) -> str:
        there = self.shops.boxes[shop].store.books.stock(GIFT)
        lines = [{"sku": GIFT, "qty": max(0, there - self.shops.random.randrange(2))}]
        return self.shops.do(shop, "stock.counted", lines=lines)

    # -- inside ----------------------------------------------------------------------------------

    def _fen(self) -> int:
        return self.shops.random.randint(1000, 9999)

    def _own_card(self, has: Shop) -> str:
        return self.shops.random.choice(has.cards)

    def _make_room(self, shop: str, card: str) -> None:
        """What others have spent of a card leaves room that lies with them: ask for it."""
        facts = self.shops.boxes[shop].facts
        member, today = facts.member("", card).id, date.fromisoformat(facts.at().business_date)
        for unit, amount in facts.limiting.missing(member, today):
            if shop not in self.shops.away:
                wanted = Wanted(What.HOLDING, member=member, unit=unit, amount=amount)
                self.shops.ask(shop, wanted)

    def _guest(self, shop: str) -> tuple[str, str]:
        """Return card and member of another shop's, as far as the line reaches."""
        others = [one for name, has in self.at.items() if name != shop for one in has.cards]
        paid = [one for name, has in self.at.items() if name != shop for one in has.paid]
        card = self.shops.random.choice(paid * 3 + others)
        return (card, "") if shop in self.shops.away else (card, self.shops.member(shop, card))

    def held(self, shop: str, card: str, unit: str) -> int:
        return self.shops.boxes[shop].facts.member("", card).total(unit)

    def _keep(self, has: Shop) -> str:
        has.sales += [has.last] if has.last else []
        return has.last
