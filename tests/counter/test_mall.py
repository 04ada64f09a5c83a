"""A mall counter: the bill goes to the mall's till with frozen prices, its slip makes the sale."""

from dataclasses import dataclass

from msgspec.structs import replace

from daemon.counter.effects import DocumentKind, Print
from daemon.counter.mall import entry_of, number_of
from daemon.counter.screens import Done, RefusalShown, Step, TotalShown
from daemon.ledger import accounts
from daemon.ledger.bodies import MallBilled, Sale, Tender
from daemon.ledger.kinds import Kind, Unit
from daemon.ledger.records import Chain
from daemon.ledger.views import MallBill
from daemon.rules.history import differences
from tests.counter.clerk import Clerk
from tests.counter.demo import rules
from tests.counter.test_day import CREAM
from tests.counter.test_replay import past_of
from tests.counter.test_wallet import OwnShop
from tests.rules.shop import ZHENZI, engine_of, zhenzi

M1 = "8800000000018"


@dataclass
class MallShop(OwnShop):
    """The demo shop; `closed`: the day of every bill is."""

    closed: bool = False

    def mall_bill(self, entry: str) -> MallBill | None:
        row = super().mall_bill(entry)
        return row if row is None or not self.closed else replace(row, state="lapsed")


def billed() -> tuple[Clerk, str]:
    """Return a clerk who has written a bill for one cream, and the number on it."""
    clerk = Clerk(MallShop())
    clerk.swipes(M1)
    clerk.scans(CREAM)
    clerk.keys("ENTER *6")
    entry = clerk.shop.journal[-1].entry
    assert entry.kind is Kind.MALL_BILLED
    return clerk, number_of(entry.epoch, entry.seq)


def test_a_bill_moves_nothing_and_is_printed_once_it_is_durable() -> None:
    clerk, _ = billed()
    durable = clerk.shop.journal[-1]
    assert durable.entry.postings == ()
    assert Print(DocumentKind.MALL_BILL, durable) in clerk.took()
    assert clerk.sees(Done).pay_fen == 12000
    assert clerk.shop.points("M1") == 620


def test_the_malls_slip_makes_the_sale_with_the_prices_of_the_bill() -> None:
    clerk, number = billed()
    clerk.keys("CLEAR")
    assert isinstance(clerk.shop, OwnShop)
    clerk.shop.under = engine_of(earn=[], prices=[])  # another pack since
    clerk.scans(number)
    assert clerk.sees(Step).asks == "mall_slip"
    clerk.keys("778899 ENTER")
    entry = clerk.shop.journal[-1].entry
    sale = entry.body
    assert isinstance(sale, Sale)
    assert entry.re == "0018.1:1"
    assert entry.pack == rules().ref
    assert sale.tenders == (Tender("mall", 12000, reference="778899"),)
    assert (sale.points, clerk.shop.points("M1")) == (120, 740)
    assert clerk.shop.balance[accounts.DUE_MALL, Unit.FEN, ""] == 12000
    assert clerk.shop.stock("ZZ-004") == 23


def test_a_bill_is_paid_once_and_a_keyed_number_will_do() -> None:
    clerk, number = billed()
    clerk.keys(f"CLEAR {number} ENTER 1 ENTER")
    assert len(clerk.shop.journal) == 2
    clerk.keys(f"CLEAR {number} ENTER")
    assert clerk.sees(RefusalShown).code == "E30"
    assert len(clerk.shop.journal) == 2


def test_a_bill_of_a_day_that_is_closed_is_worth_nothing() -> None:
    clerk, number = billed()
    clerk.keys("CLEAR")
    assert isinstance(clerk.shop, MallShop)
    clerk.shop.closed = True
    clerk.scans(number)
    assert clerk.sees(RefusalShown).code == "E30"


def test_the_mall_takes_whole_bills_of_goods() -> None:
    clerk = Clerk()
    clerk.scans(CREAM)
    clerk.keys("ENTER 20 ENTER *6")
    assert clerk.sees(RefusalShown).code == "E30"
    clerk.keys("CLEAR -")
    assert clerk.sees(TotalShown).due_fen == 12000
    clerk.keys("50*6")
    assert clerk.sees(RefusalShown).code == "E30"


def test_while_goods_are_on_the_counter_no_bill_is_taken() -> None:
    clerk, number = billed()
    clerk.scans(CREAM, number)
    assert clerk.sees(RefusalShown).code == "E26"


def test_bill_and_sale_are_told_again() -> None:
    clerk, number = billed()
    clerk.keys(f"CLEAR {number} ENTER 1 ENTER")
    past = past_of(clerk)
    past.packs = {zhenzi().ref.hash: ZHENZI}
    for durable in clerk.shop.journal:
        assert differences(past, durable.entry) == []
        past.apply(durable.entry)
    assert isinstance(clerk.shop.journal[0].entry.body, MallBilled)


def test_a_number_with_a_wrong_digit_names_nothing() -> None:
    number = number_of(1, 412)
    chain = Chain("0018", 1)
    assert entry_of(number, chain) == "0018.1:412"
    for at in range(13):
        other = str((int(number[at]) + 1) % 10)
        assert entry_of(number[:at] + other + number[at + 1 :], chain) is None
