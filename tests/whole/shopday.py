"""A day of a shop, made of a seed: what customers and clerks do, and in which order.

Every act is done as people do it, at keypad, swiper and scanner, and ends with its papers. What an
act needs to know of the shop (a balance, what was sold) it has read on paper, as the clerk has.
"""

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial

from tests.whole import papers
from tests.whole.demo_day import CARDS, GOODS, PHONES
from tests.whole.hands import Hands
from tests.whole.screens import Look, look

MANAGER_BADGE, MANAGER_PIN = "2900000000018", "4321"
MEMBERS = ("M1", "M2", "M3", "M4")  # those whose cards are good
STAFF_CARD, ENDED_CARD, LOST_CARD = CARDS["M6"], CARDS["M7"], CARDS["M5"]
VISITORS = [f"88000000{number:05}" for number in range(20001, 20006)]  # in range, known nowhere
BLANKS = [f"8800000001{number:03}" for number in range(15, 55)]  # the shop's blank cards
SCANNED = [one for one in GOODS.values() if one["barcode"] is not None]
SCALE_CODE = GOODS["SOAP"]["scale"]["example"]
CASH_ABOVE_FEN = (0, 100, 1000, 5000)  # what customers give too much


@dataclass(slots=True)
class Sold:
    """A sale whose receipt is in the customer's hand."""

    seq: int
    code: str
    quantities: list[int]  # of its lines, in order; grams of what is weighed
    back: bool = False


@dataclass
class ShopDay:
    hands: Hands
    seed: int
    done: dict[str, int] = field(default_factory=dict)  # acts, by name
    flows: set[str] = field(default_factory=set)  # what acts say they played, once they saw it
    looks: list[Look] = field(default_factory=list)  # how the displays stood after each act
    sold: list[Sold] = field(default_factory=list)
    value_fen: dict[str, int] = field(default_factory=dict)  # by card, as papers said
    pin_set: bool = False
    operator: str = "02"
    z: str = ""  # the paper that ends it, and the mall's beside it
    mall: str = ""

    def __post_init__(self) -> None:
        self.chance = random.Random(self.seed)
        self.blanks = list(BLANKS)
        self.phones = iter(range(13911110000, 13911119999))

    def do(self, name: str, act: Callable[["ShopDay"], None]) -> None:
        self.hands.idle()
        self._act = name
        act(self)
        self.look()
        self.done[name] = self.done.get(name, 0) + 1

    def look(self) -> None:
        """Look at every display; an act that shows more than its end looks in between."""
        self.looks.append(look(self._act, self.hands))

    def played(self, *flows: str) -> None:
        """Say what an act has played, as the key card calls it: `/5 1`, `*4`."""
        self.flows.update(flows)

    # -- what an act needs before it -------------------------------------------------------------

    def prints(self, title: str) -> str:
        """One slip comes out, and this stands on it; return its text."""
        (text,) = self.hands.paper()
        assert title in text, text
        return text

    def some_sale(self) -> Sold:
        """Return a sale of the day; make one while there is none."""
        if not self.sold:
            self.basket()
            self.sells()
            self.hands.idle()
        return self.chance.choice(self.sold)

    def has_points(self, card: str, points: int) -> None:
        """See to it that a member has so many points: he asks, and buys until it is so."""
        self.hands.swipe(card)
        self.hands.keys("ENTER")
        (text,) = self.hands.paper()
        assert "会员查询单" in text, text
        if (papers.count(text, "可用积分") or 0) < points:
            self.hands.keys(f"{-(-points // 120)}*", "4", "ENTER")
            self.total()
            self.hands.keys("*2")
            self.receipt(remember=False)
        self.hands.idle()

    # -- parts of a sale -----------------------------------------------------------------------

    def basket(self, most: int = 4) -> None:
        """Put some goods on the counter: scanned, keyed, several at once, from the scale."""
        for _ in range(self.chance.randint(1, most)):
            product = self.chance.choice(SCANNED)
            match self.chance.randrange(8):
                case 0:
                    self.hands.scan(SCALE_CODE)
                case 1:
                    self.hands.keys(f"{self.chance.randint(2, 4)}*", "18", "ENTER")
                    self.played("n *")
                case 2:
                    self.hands.scan(product["barcode"])
                    self.played("scan")
                case _:
                    self.hands.keys(str(product["plu"]), "ENTER")
                    self.played("n ENTER")

    def guide(self) -> None:
        said = self.chance.choice((("*2",), ("*3",), ("*1",), ("*2", "*3")))
        self.hands.keys(*said, "ENTER")

    def total(self) -> int:
        """Ask for the total; return what the customer's page says is due."""
        self.hands.keys("ENTER")
        self.hands.until(self.unpaid, "the total")
        return self.due()

    def unpaid(self) -> bool:
        return self.hands.page.views[-1].get("mark") == "待付款"

    def due(self) -> int:
        """Return what the customer's page says is still to be paid; 0 while it says nothing."""
        main = self.hands.page.views[-1].get("main")
        return fen_of(main["value"]) if isinstance(main, dict) else 0

    def paid_so_far(self) -> int:
        """Return what the customer's page says is paid of an open bill."""
        sums = self.hands.page.views[-1].get("sums", [])
        assert isinstance(sums, list)
        told = {one["label"]: one["value"] for one in sums}
        return fen_of(told.get("已付", "0.00"))

    def pays(self, due_fen: int) -> None:
        """Pay all of it, in one of the usual ways."""
        match self.chance.randrange(7):
            case 0 | 1:
                more = self.chance.choice(CASH_ABOVE_FEN)
                self.hands.keys(yuan(-(-(due_fen + more) // 100) * 100), "ENTER")
            case 2:
                self.hands.keys("ENTER")
                self.played("ENTER")
            case 3:
                self.hands.keys("*1", str(self.chance.randint(100000, 999999)), "ENTER")
                self.played("*1")
            case 4:
                self.hands.keys("*2")
                self.played("*2")
            case 5:
                self.hands.keys("*5")
                self.played("*5")
            case _:
                part = due_fen // 300  # what costs less than that is paid in one
                self.hands.keys(*([str(part), "*2"] if part else []), "*5")

    def sells(self, *, remember: bool = True) -> str:
        """Take the total and the money; return the receipt, which agrees with pole and page."""
        self.pays(self.total())
        return self.receipt(remember=remember)

    def receipt(self, *, remember: bool = True) -> str:
        """Take the receipt of the sale that was just paid."""
        (text,) = self.hands.paper()
        assert "销售小票" in text, text
        paid = papers.fen(text, "应收")
        paid = papers.fen(text, "合计") if paid is None else paid
        assert paid is not None, text
        change = papers.fen(text, "找零")
        page = self.hands.view("thanks")
        main, sums = page.get("main"), page.get("sums", [])
        if paid:
            assert isinstance(main, dict) and fen_of(main["value"]) == paid, (page, text)
        told = {one["label"]: one["value"] for one in sums}  # type: ignore[attr-defined]
        assert fen_of(told.get("找零", "0.00")) == (change or 0), (page, text)
        points = papers.count(text, "本次积分")
        if points and "会员" in text and "可用积分" in text:
            assert told.get("本次积分") == f"{points:+d}", (page, text)
        self.hands.pole(f"DUE {yuan(paid)}", *([f"CHG {yuan(change)}"] if change else []))
        if remember:
            number = papers.seq(text)
            assert number is not None
            self.sold.append(Sold(number, papers.code(text), papers.quantities(text)))
        return text

    def fills(self, card: str, yuan_in: int) -> None:
        """Top a card up."""
        self.hands.keys("/1")
        self.hands.swipe_for("41-", "42-", card)
        self.hands.keys(str(yuan_in), "ENTER", "1")
        self.hands.until(self.unpaid, "the total of the top-up")
        self.hands.keys("*2")
        both = self.hands.paper(2)
        assert "商户联" in both[0] and "顾客联" in both[1], both
        self.value_fen[card] = papers.fen(both[1], "储值余额") or 0

    def choose(self, said: str) -> None:
        """Go through the list that the clerk's display shows, and choose the row that says so."""
        for _ in range(99):
            row = self.hands.bench.lines("clerk")[1].strip()
            key, _, words = row.partition(" ")
            if words.startswith(said):
                self.hands.keys(key, "ENTER")
                return
            self.hands.keys("+")
            self.hands.until(partial(self._moved_from, row), f"a row that says {said}")

    def _moved_from(self, row: str) -> bool:
        return bool(self.hands.bench.lines("clerk")[1].strip() != row)

    def step(self) -> str:
        """Return the code of the step that the clerk's display shows."""
        return str(self.hands.bench.lines("clerk")[0][:2])

    def with_manager(self) -> None:
        """The second person: the badge and the PIN, which the first time is chosen."""
        self.hands.clerk("26-")
        self.hands.scan(MANAGER_BADGE)
        self.hands.clerk("27-" if self.pin_set else "28-")
        if not self.pin_set:
            self.hands.keys(MANAGER_PIN, "ENTER")
            self.hands.clerk("27-")
        self.pin_set = True
        self.hands.keys(MANAGER_PIN, "ENTER")

    def member(self) -> str:
        return self.chance.choice(MEMBERS)

    def phone(self) -> str:
        return str(next(self.phones))


def yuan(fen: int) -> str:
    return f"{fen // 100}.{fen % 100:02}"


def fen_of(text: str) -> int:
    whole, _, part = text.partition(".")
    return int(whole) * 100 + int(part)


def known(day: ShopDay) -> str:
    return str(PHONES[day.member()])
