"""`/7`, `/8`, `/0`, `/9`: what a clerk keys beside selling, and what comes of it."""

import pytest

from daemon.counter.effects import DocumentKind, Errand, OpenDrawer, Park, Print, Run
from daemon.counter.screens import BasketShown, Done, Idle, RefusalShown, Step
from daemon.ledger import accounts
from daemon.ledger.bodies import CashMoved, DayClosed, DrawerOpened, ShiftClosed, ShiftOpened
from tests.counter.clerk import Clerk
from tests.counter.demo import DemoShop
from tests.counter.test_day import CLEANSER, CREAM, TRAVEL

WANG, STOLEN = "8800000000018", "8800000000056"


def body(clerk: Clerk) -> object:
    return clerk.shop.journal[-1].entry.body


def printed(clerk: Clerk) -> list[DocumentKind]:
    return [effect.document for effect in clerk.took() if isinstance(effect, Print)]


def sold(clerk: Clerk, *codes: str, tender: str = "ENTER") -> None:
    clerk.scans(*codes)
    clerk.keys(f"ENTER {tender}")


# -- /7 --------------------------------------------------------------------------------------------


def test_handing_over_counts_blind_and_books_what_is_short() -> None:
    clerk = Clerk()
    sold(clerk, CREAM)
    sold(clerk, CLEANSER, tender="*2")
    clerk.took()
    clerk.keys("/7 2")
    assert OpenDrawer() in clerk.took()
    asked = []
    for amount in ("119", "", "68", "", "", "", ""):
        screen = clerk.clerk
        if not (isinstance(screen, Step) and screen.asks == "count"):
            break
        asked.append((screen.values or {})["tender"])
        clerk.keys(f"{amount} ENTER")
    assert asked[0] == "cash"
    assert not {"stored_value", "points"} & set(asked)
    assert "12000" not in repr(clerk.seen)  # what is expected is told afterwards
    clerk.keys("ENTER")
    closed = body(clerk)
    assert isinstance(closed, ShiftClosed)
    assert {one.code: one.over_fen for one in closed.counted} == {"cash": -100, "wechat": 0}
    assert clerk.shop.held(accounts.CASH_OVER) == 100
    assert DocumentKind.SHIFT in printed(clerk)


def test_without_a_display_the_order_of_the_count_is_on_paper() -> None:
    clerk = Clerk(DemoShop(reads=False))
    clerk.keys("/7 2")
    (form,) = (one.listing for one in clerk.took() if isinstance(one, Print))
    assert form is not None
    assert [row.text for row in form.rows[:2]] == ["现金", "银行卡"]
    assert not {"储值卡", "积分抵现", "商场收银"} & {row.text for row in form.rows}


def test_cash_is_always_counted_and_nobody_hands_over_twice() -> None:
    clerk = Clerk()
    clerk.keys("/7 2 ENTER")
    assert clerk.clerk == RefusalShown("E22", {})
    clerk.keys("0 ENTER ENTER ENTER ENTER ENTER ENTER ENTER ENTER")
    assert isinstance(body(clerk), ShiftClosed)
    clerk.keys("CLEAR CLEAR /7 2")
    assert clerk.clerk == RefusalShown("E37", {})


def test_signing_on_by_number_or_badge_with_and_without_a_float() -> None:
    clerk = Clerk(DemoShop(shift=None))
    clerk.keys("/7 1 77 ENTER")
    assert clerk.clerk == RefusalShown("E25", {})
    clerk.keys("03 ENTER 300 ENTER")
    assert body(clerk) == ShiftOpened("03", 30000)
    assert OpenDrawer() in clerk.took()
    clerk = Clerk(DemoShop(shift=None))
    clerk.keys("/7 1")
    clerk.scans("2900000000018")
    clerk.keys("ENTER")
    assert body(clerk) == ShiftOpened("01", 0)
    clerk.keys("/7 1")
    assert clerk.clerk == RefusalShown("E38", {"n": "01"})


@pytest.mark.parametrize(
    ("keys", "moved"),
    [
        ("/7 3 50 ENTER 1", CashMoved("in", 5000, "change")),
        ("/7 4 9.9 ENTER 2", CashMoved("out", 990, "purchase")),
        ("/7 5 500 ENTER 01 ENTER", CashMoved("banked", 50000, receiver="01")),
        ("/7 5 500 ENTER ENTER", CashMoved("banked", 50000)),
    ],
)
def test_cash_moves_open_the_drawer_and_print_a_slip(keys: str, moved: CashMoved) -> None:
    clerk = Clerk()
    clerk.keys(keys)
    assert body(clerk) == moved
    assert clerk.sees(Done).kind == "cash.moved"
    effects = clerk.took()
    assert OpenDrawer() in effects
    assert [one.document for one in effects if isinstance(one, Print)] == [DocumentKind.CASH]


def test_the_drawer_opens_with_a_reason_and_x_books_nothing() -> None:
    clerk = Clerk()
    clerk.keys("/7 8 7")
    assert clerk.clerk == RefusalShown("E22", {})
    clerk.keys("2")
    assert body(clerk) == DrawerOpened("check")
    assert OpenDrawer() in clerk.took()
    booked = len(clerk.shop.journal)
    clerk.keys("/7 6")
    assert printed(clerk) == [DocumentKind.X]
    assert len(clerk.shop.journal) == booked
    clerk.sees(Idle)


def test_the_day_is_closed_once() -> None:
    clerk = Clerk()
    sold(clerk, CREAM)
    clerk.keys("/7 7")
    assert clerk.sees(Step).asks == "day_close"
    clerk.keys("ENTER")
    closed = body(clerk)
    assert isinstance(closed, DayClosed)
    assert (closed.totals.goods_net_fen, closed.automatic) == (12000, False)
    assert DocumentKind.DAY in printed(clerk)
    clerk.keys("/7 7 ENTER")
    assert clerk.clerk == RefusalShown("E40", {})


# -- /8 --------------------------------------------------------------------------------------------


def test_the_last_paper_one_by_number_and_none_of_what_has_no_paper() -> None:
    clerk = Clerk()
    clerk.keys("/8 ENTER")
    assert clerk.clerk == RefusalShown("E34", {})
    clerk.keys("CLEAR CLEAR")
    sold(clerk, CREAM)
    clerk.keys("/7 8 1")
    clerk.took()
    clerk.keys("/8 ENTER")
    wanted = [one for one in clerk.took() if isinstance(one, Print)]
    assert [(one.about, one.again) for one in wanted] == [("0018.1:1", True)]
    clerk.keys("/8 2 ENTER")
    assert clerk.clerk == RefusalShown("E34", {})
    clerk.keys("1 ENTER")
    assert printed(clerk) == [DocumentKind.SALE]
    clerk.keys("/8")
    clerk.scans("MB1:0018.1:1:0123456789abcdef:12000:0:" + "A" * 86)
    assert printed(clerk) == [DocumentKind.SALE]
    clerk.keys("/8")
    clerk.scans(CREAM)
    assert clerk.clerk == RefusalShown("E34", {})


# -- /0 --------------------------------------------------------------------------------------------


def test_a_basket_is_parked_another_customer_served_and_it_comes_back() -> None:
    clerk = Clerk()
    clerk.keys("*3 ENTER CLEAR")
    clerk.swipes(WANG)
    clerk.keys("3 * 4 ENTER 2* 9.9 +")
    clerk.scans("2100020012637", TRAVEL)
    before = clerk.sees(BasketShown).quote
    clerk.took()
    clerk.keys("/0")
    assert [(one.slot) for one in clerk.took() if isinstance(one, Park)] == [1]
    assert (clerk.sees(Step).asks, clerk.sees(Step).typed) == ("parked_as", "1")
    assert WANG not in repr(clerk.customer)
    clerk.keys("*2 ENTER CLEAR")
    sold(clerk, CREAM)
    clerk.keys("/0")
    assert [(row.key, row.fen) for row in clerk.sees(Step).rows] == [("1", before.bill_fen)]
    clerk.keys("1")
    after = clerk.sees(BasketShown).quote
    assert (after.lines, after.bill_fen) == (before.lines, before.bill_fen)
    assert clerk.shop.baskets == {}
    clerk.keys("ENTER ENTER")
    sale = clerk.shop.journal[-1].entry.body
    assert [guide.staff for guide in getattr(sale, "guides", ())] == ["03"]
    clerk.keys("/0")
    assert clerk.clerk == RefusalShown("E33", {})


def test_a_price_that_changed_meanwhile_is_told_and_the_new_one_counts() -> None:
    clerk = Clerk()
    clerk.scans(CREAM)
    clerk.keys("/0 CLEAR CLEAR")
    slot, text = next(iter(clerk.shop.baskets.items()))
    clerk.shop.baskets[slot] = text.replace('"bill_fen":12000', '"bill_fen":9900')
    clerk.keys("/0 1")
    assert clerk.clerk == RefusalShown("E36", {"x": "99.00", "y": "120.00", "n": "0"})
    clerk.keys("ENTER")
    clerk.keys("ENTER")
    assert clerk.shop.journal[-1].entry.kind == "sale"


def test_nine_baskets_are_enough_and_a_lost_card_does_not_come_back() -> None:
    clerk = Clerk()
    for _ in range(9):
        clerk.scans(CREAM)
        clerk.keys("/0")
    clerk.scans(CREAM)
    clerk.keys("/0")
    assert clerk.clerk == RefusalShown("E39", {})
    clerk.keys("CLEAR")
    assert len(clerk.sees(BasketShown).quote.lines) == 1
    clerk.keys("CLEAR CLEAR")
    clerk.shop.baskets[1] = clerk.shop.baskets[1].replace('"at"', f'"card":"{STOLEN}","at"')
    clerk.keys("/0 1")
    assert clerk.sees(RefusalShown).code == "E03", "nobody loses his member in silence"
    clerk.keys("CLEAR")
    assert clerk.sees(BasketShown).member is None
    assert len(clerk.sees(BasketShown).quote.lines) == 1


# -- /9 --------------------------------------------------------------------------------------------


def test_without_a_display_every_list_is_printed() -> None:
    clerk = Clerk(DemoShop(reads=False))
    clerk.keys("/9 1")
    lists = [one.listing for one in clerk.took() if isinstance(one, Print)]
    assert [len(one.rows) for one in lists if one is not None] == [2]
    clerk = Clerk()
    clerk.keys("/9 1")
    assert printed(clerk) == []
    clerk.keys("+")
    assert clerk.sees(Step).at == 1
    clerk.keys("+")
    assert clerk.sees(Step).at == 1
    clerk.keys("- .")
    assert (clerk.sees(Step).at, printed(clerk)) == (0, [DocumentKind.SERVICE])
    clerk.keys("ENTER")
    assert clerk.clerk == Idle()


@pytest.mark.parametrize(
    ("keys", "errand"),
    [("/9 7", Errand.CHECKUP), ("/9 9", Errand.TRAINING), ("/9 2", Errand.SYNC)],
)
def test_errands_are_run_beside_the_counter(keys: str, errand: Errand) -> None:
    clerk = Clerk()
    clerk.keys(keys)
    assert Run(errand) in clerk.took()


def test_replacing_the_box_needs_a_second_person_with_a_pin() -> None:
    clerk = Clerk()
    clerk.keys("/9 8 02 ENTER")
    assert clerk.clerk == RefusalShown("E16", {})  # who is signed on, and no manager
    clerk.keys("01 ENTER")
    clerk.keys("12")
    assert clerk.sees(Step).typed == "**"
    assert "12" not in repr(clerk.customer)
    clerk.keys("99 ENTER")
    assert clerk.clerk == RefusalShown("E31", {"n": "3"})
    clerk.keys("1234 ENTER")
    assert "1234" not in repr(clerk.counter)
    clerk.keys("ENTER")
    assert Run(Errand.TAKE_OVER) in clerk.took()


def test_a_manager_without_a_pin_chooses_one_with_the_badge_in_hand() -> None:
    clerk = Clerk(DemoShop(pins={}))
    clerk.keys("/9 8 01 ENTER")
    assert clerk.clerk == RefusalShown("E16", {})
    clerk.keys("CLEAR CLEAR /9 8")
    clerk.scans("2900000000018")
    clerk.keys("4321 ENTER 4322 ENTER")
    assert clerk.sees(RefusalShown).code == "E31"
    clerk.keys("4321 ENTER ENTER")
    assert Run(Errand.TAKE_OVER) in clerk.took()
    assert clerk.shop.pins == {"staff:01": "4321"}
