"""`/3 3`: goods back and goods out in one slip; the difference is paid, or paid back."""

import pytest
from msgspec.structs import replace

from daemon.counter.effects import DocumentKind, OpenDrawer
from daemon.counter.screens import Done, RefusalShown, Step, TotalShown
from daemon.ledger import accounts
from daemon.ledger.bodies import Exchange, Tender
from daemon.ledger.kinds import Kind
from daemon.rules.earning import Earned
from tests.counter.clerk import Clerk
from tests.counter.demo import DemoShop
from tests.counter.test_aftersales import bought, member
from tests.counter.test_day import CLEANSER, CREAM
from tests.counter.test_shift import WANG, body, printed, sold
from tests.counter.test_wallet import OwnShop

LIP_RED, LIP_TAN = "6901234100112", "6901234100129"


def swapped(clerk: Clerk) -> Exchange:
    found = body(clerk)
    assert isinstance(found, Exchange)
    return found


def test_another_shade_moves_goods_and_nothing_else() -> None:
    clerk = bought(LIP_RED, tender="*2")
    before = dict(clerk.shop.balance)
    clerk.keys("/3 3 1 ENTER ENTER 1")
    assert clerk.sees(Step).asks == "swap_item"
    clerk.scans(LIP_TAN)
    assert (clerk.sees(Step).values or {})["amount"] == "0.00"
    clerk.keys("ENTER")
    assert clerk.sees(Step).asks == "swap_sure"
    clerk.keys("ENTER")
    said = swapped(clerk)
    assert (said.net_fen, said.points_net, said.tenders) == (0, 0, ())
    assert [(line.sku, line.paid_fen, line.points) for line in said.lines] == [("ZZ-012", 8900, 89)]
    assert clerk.shop.journal[-1].entry.re == "0018.1:1"
    moved = {
        (account, unit): amount - before.get((account, unit, lot), 0)
        for (account, unit, lot), amount in clerk.shop.balance.items()
        if amount != before.get((account, unit, lot), 0)
        and not account.startswith(accounts.returnable(""))
    }
    assert moved == {
        (accounts.stock("ZZ-011"), "piece"): 1,
        (accounts.sold("ZZ-011"), "piece"): -1,
        (accounts.stock("ZZ-012"), "piece"): -1,
        (accounts.sold("ZZ-012"), "piece"): 1,
    }
    assert printed(clerk) == [DocumentKind.EXCHANGED]
    assert clerk.sees(Done).kind == Kind.EXCHANGE


def test_an_even_swap_asks_no_rule_of_today_what_it_earns() -> None:
    shop = OwnShop()
    clerk = Clerk(shop)
    clerk.swipes(WANG)
    sold(clerk, LIP_RED, tender="*2")
    shop.under = replace(shop.under, sale=replace(shop.under.sale, earn=_asked))
    clerk.keys("/3 3 1 ENTER ENTER 1")
    clerk.scans(LIP_TAN)
    clerk.keys("ENTER ENTER")
    assert swapped(clerk).points_net == 0


def _asked(*_: object) -> Earned:
    raise AssertionError("another day's double points are nobody's gain")


def test_dearer_goods_are_paid_at_the_total_with_any_tender() -> None:
    clerk = bought(CLEANSER)  # 68.00, cash
    points = clerk.shop.points(member(clerk))
    clerk.keys("/3 3 1 ENTER ENTER 4")
    clerk.scans(CREAM)  # 120.00
    clerk.keys("ENTER")
    assert clerk.sees(TotalShown).due_fen == 5200
    clerk.keys("*2")
    said = swapped(clerk)
    assert said.tenders == (Tender("wechat", 5200),)
    assert said.carried == (Tender("cash", 6800),)
    assert clerk.shop.points(member(clerk)) == points + 52
    assert clerk.sees(Done).pay_fen == 5200


def test_value_of_the_member_pays_no_difference_and_says_why() -> None:
    clerk = bought(CLEANSER)
    clerk.keys("/3 3 1 ENTER ENTER 1")
    clerk.scans(CREAM)
    clerk.keys("ENTER *3")
    refusal = clerk.sees(RefusalShown)
    assert (refusal.code, refusal.values["why"]) == ("E30", "money_only")
    clerk.keys("CLEAR *2")
    assert swapped(clerk).net_fen == 5200


def test_cheaper_goods_are_paid_back_to_where_the_money_came_from() -> None:
    clerk = bought(CREAM)
    points = clerk.shop.points(member(clerk))
    clerk.took()
    clerk.keys("/3 3 1 ENTER ENTER 1")
    clerk.scans(CLEANSER)
    assert (clerk.sees(Step).values or {})["amount"] == "-52.00"
    clerk.keys("ENTER ENTER")
    assert swapped(clerk).tenders == (Tender("cash", -5200),)
    assert clerk.shop.held(accounts.CASH_DRAWER) == 6800
    assert clerk.shop.points(member(clerk)) == points - 52
    assert OpenDrawer() in clerk.took()


def test_cash_for_the_difference_is_rounded_and_all_of_it_comes_back() -> None:
    clerk = Clerk()
    clerk.scans("2100020012637")  # 12.63 by weight, 12.60 in cash
    clerk.keys("ENTER ENTER")
    clerk.keys("/3 3 1 ENTER ENTER 1")
    clerk.scans(CLEANSER)
    clerk.keys("ENTER ENTER")
    said = swapped(clerk)
    assert said.bill_fen - said.rounding_fen == 1260 + said.tenders[0].amount_fen
    clerk.keys("/3 02 ENTER ENTER 1")
    assert clerk.shop.held(accounts.CASH_DRAWER) == 0
    assert clerk.shop.held(accounts.ROUNDING_CASH) == 0


def test_clear_takes_the_last_piece_back_and_leaves_no_entry() -> None:
    clerk = bought(CREAM)
    clerk.keys("/3 3 1 ENTER ENTER 1 ENTER")
    assert clerk.sees(RefusalShown).code == "E22"  # nothing goes out: that is a return
    clerk.scans(CLEANSER, CLEANSER)
    assert (clerk.sees(Step).values or {})["pieces"] == "2"
    clerk.keys("CLEAR")
    assert (clerk.sees(Step).values or {})["pieces"] == "1"
    clerk.scans("4006381333931")
    assert clerk.sees(RefusalShown).code == "E42"
    clerk.keys("CLEAR CLEAR CLEAR")
    assert len(clerk.shop.journal) == 1


def test_new_goods_of_an_exchange_come_back_like_any() -> None:
    clerk = bought(CLEANSER)
    clerk.keys("/3 3 1 ENTER ENTER 4")
    clerk.scans(CREAM)
    clerk.keys("ENTER ENTER")
    points = clerk.shop.points(member(clerk))
    clerk.keys("/3 02 ENTER ENTER 1")
    assert clerk.shop.held(accounts.CASH_DRAWER) == 0
    assert clerk.shop.points(member(clerk)) == points - 120


@pytest.mark.parametrize("key", ["3", "2", "0"])
def test_a_number_is_keyed_as_it_is_printed(key: str) -> None:
    """Single keys begin a function; with the zeros that stand on paper it is a number."""
    clerk = Clerk(DemoShop(seq=int(f"{key}10") if key != "0" else 100))
    sold(clerk, CREAM)
    clerk.keys(f"/3 000{clerk.shop.seq} ENTER")
    assert clerk.sees(Step).asks == "back_line"
    assert len(clerk.shop.journal) == 1
