"""The clerk's own work: drawer, stock, papers again, shifts, the day's end. See shopday.py."""

from tests.whole import papers
from tests.whole.shopday import ShopDay

REPORTS = {
    "1": "今日营业",
    "21": "导购业绩",
    "22": "导购业绩",
    "3": "库存提醒",
    "41": "畅销商品",
    "42": "畅销商品",
    "51": "时段销售",
    "52": "时段销售",
    "6": "今日待办提醒",
}


def x_report(day: ShopDay) -> None:
    day.hands.keys("/76")
    day.prints("交班单(X)")
    day.played("/7 6")


def cash_in(day: ShopDay) -> None:
    day.hands.keys("/73", str(day.chance.randint(10, 200)), "ENTER", "1")
    day.prints("现金存入单")
    day.played("/7 3")


def cash_out(day: ShopDay) -> None:
    day.hands.keys("/74", str(day.chance.randint(1, 50)), "ENTER", "3")
    day.prints("现金支出单")
    day.played("/7 4")


def hands_in(day: ShopDay) -> None:
    """Cash leaves the drawer for the bank; who takes it is named, or nobody."""
    day.hands.keys("/75", str(day.chance.randint(1, 20)), "ENTER")
    day.hands.clerk("97-")
    day.hands.keys(*day.chance.choice((("01", "ENTER"), ("ENTER",))))
    day.prints("现金缴款单")
    day.played("/7 5")


def points_check(day: ShopDay) -> None:
    """Whose points December's check would take; in March, of nobody's who joined lately."""
    day.hands.keys("/79")
    day.prints("积分核对单")
    day.played("/7 9")


def drawer(day: ShopDay) -> None:
    day.hands.keys("/78")
    day.hands.clerk("99-")
    day.hands.keys("1")
    day.hands.clerk("DRAWER OPENED")
    day.played("/7 8")


def receives(day: ShopDay) -> None:
    day.hands.keys("/61")
    day.hands.clerk("82-")
    day.hands.keys("4", "ENTER", "12", "ENTER", "ENTER", "ENTER", "ENTER")
    day.prints("收货单")
    day.played("/6 1")


def samples(day: ShopDay) -> None:
    day.hands.keys("/62")
    day.hands.clerk("82-")
    day.hands.keys("18", "ENTER", "1", "ENTER", "ENTER")
    day.hands.clerk("88-")
    day.hands.keys("3")
    day.prints("损耗")
    day.played("/6 2")


def counts(day: ShopDay) -> None:
    day.hands.keys("/63")
    day.hands.clerk("82-")
    day.hands.keys("13", "ENTER", str(day.chance.randint(10, 30)), "ENTER", "ENTER")
    day.prints("盘点单")
    day.played("/6 3")


def looks_at_stock(day: ShopDay) -> None:
    """One product on the clerk's display, then all of them on paper."""
    day.hands.keys("/64")
    day.hands.clerk("82-")
    day.hands.keys("4", "ENTER")
    day.hands.clerk("89-")
    day.hands.clerk("HERE")
    day.hands.idle()
    day.hands.keys("/64")
    day.hands.clerk("82-")
    day.hands.keys("ENTER")
    day.prints("库存单")
    day.played("/6 4")


def service(day: ShopDay) -> None:
    """What a clerk may be asked for on the phone: devices, link, network; and a test print."""
    for choice, title, said in (
        ("1", "设备", "printer"),
        ("2", "同步", "总部确认"),
        ("6", "网络", "[QR memberbox 0018"),
    ):
        day.hands.idle()
        day.hands.keys("/9", choice)
        day.hands.clerk("03-")
        day.hands.keys("+", "-", ".")
        (text,) = day.hands.paper()
        assert title in text and said in text, text
        day.hands.keys("ENTER")
        day.hands.clerk("READY")
        day.played(f"/9 {choice}")
    day.hands.keys("/93")
    day.prints("打印测试")
    day.played("/9 3")


def check_up(day: ShopDay) -> None:
    """The doctor on paper, and the look for devices that nobody has claimed."""
    day.hands.keys("/97")
    day.prints("体检")
    day.played("/9 7")
    day.hands.idle()
    day.hands.keys("/95")
    day.prints("设备认领")
    day.played("/9 5")


def reprints(day: ShopDay) -> None:
    sale = day.some_sale()
    day.hands.keys("/8", str(sale.seq), "ENTER")
    (text,) = day.hands.paper()
    assert "补打" in text and papers.seq(text) == sale.seq
    day.played("/8")


def reports(day: ShopDay) -> None:
    """Every report of the menu, of the day and of the month."""
    for choice, title in REPORTS.items():
        day.hands.idle()
        day.hands.keys("/94", choice)
        (text,) = day.hands.paper()
        assert title in text, text
        day.played(f"/9 4 {choice[0]}")
    day.played("/9 4")


def practises(day: ShopDay) -> None:
    day.hands.keys("/99")
    day.hands.clerk("TRAINING")
    day.hands.keys("4", "ENTER", "ENTER", "ENTER")
    day.prints("练习·无效")
    day.hands.idle()
    day.hands.keys("/99")
    day.hands.clerk("READY")
    day.played("/9 9")


def hands_over(day: ShopDay) -> None:
    """A blind count of the cash, a pile too much; the other one signs on."""
    day.hands.keys("/72")
    day.hands.clerk("93-")
    day.hands.keys(str(day.chance.randint(500, 4000)), "ENTER")
    for _ in range(12):
        day.hands.clerk("9")
        if day.step() == "94":
            break
        before = day.hands.bench.lines("clerk")
        day.hands.keys("ENTER")
        day.hands.until(lambda was=before: day.hands.bench.lines("clerk") != was, "the next tender")
    day.hands.keys("ENTER")
    day.prints("交班单")
    day.operator = "03" if day.operator == "02" else "02"
    day.hands.idle()
    day.hands.keys("/71")
    day.hands.clerk("91-")
    day.hands.keys(day.operator, "ENTER")
    day.hands.clerk("92-")
    day.hands.keys("ENTER")
    day.hands.clerk("SHIFT OPENED")
    day.played("/7 2", "/7 1")


def closes(day: ShopDay) -> None:
    """The end of the day: the Z."""
    day.hands.keys("/77")
    day.hands.clerk("98-")
    day.hands.keys("ENTER")
    day.z, day.mall = day.hands.paper(2)
    assert "商场对账表" in day.mall, day.mall
    assert "日结单(Z)" in day.z, day.z
    day.played("/7 7")
