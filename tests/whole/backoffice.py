"""The clerk's own work: drawer, stock, papers again, shifts, the day's end. See shopday.py."""

from tests.whole import papers
from tests.whole.shopday import ShopDay


def x_report(day: ShopDay) -> None:
    day.hands.keys("/76")
    day.hands.paper()


def cash_in(day: ShopDay) -> None:
    day.hands.keys("/73", str(day.chance.randint(10, 200)), "ENTER", "1")
    (text,) = day.hands.paper()
    assert "现金存入单" in text


def cash_out(day: ShopDay) -> None:
    day.hands.keys("/74", str(day.chance.randint(1, 50)), "ENTER", "3")
    (text,) = day.hands.paper()
    assert "现金支出单" in text


def drawer(day: ShopDay) -> None:
    day.hands.keys("/78")
    day.hands.clerk("99-")
    day.hands.keys("1")
    day.hands.clerk("DRAWER OPENED")


def receives(day: ShopDay) -> None:
    day.hands.keys("/61")
    day.hands.clerk("82-")
    day.hands.keys("4", "ENTER", "12", "ENTER", "ENTER", "ENTER", "ENTER")
    (text,) = day.hands.paper()
    assert "收货单" in text, text


def samples(day: ShopDay) -> None:
    day.hands.keys("/62")
    day.hands.clerk("82-")
    day.hands.keys("18", "ENTER", "1", "ENTER", "ENTER")
    day.hands.clerk("88-")
    day.hands.keys("3")
    day.hands.paper()


def counts(day: ShopDay) -> None:
    day.hands.keys("/63")
    day.hands.clerk("82-")
    day.hands.keys("13", "ENTER", str(day.chance.randint(10, 30)), "ENTER", "ENTER")
    (text,) = day.hands.paper()
    assert "盘点单" in text, text


def reprints(day: ShopDay) -> None:
    if not day.sold:
        return
    sale = day.chance.choice(day.sold)
    day.hands.keys("/8", str(sale.seq), "ENTER")
    (text,) = day.hands.paper()
    assert "补打" in text and papers.seq(text) == sale.seq


def reports(day: ShopDay) -> None:
    choice = day.chance.choice(("1", "21", "3", "41", "51"))
    day.hands.keys("/94", choice)
    day.hands.paper()


def practises(day: ShopDay) -> None:
    day.hands.keys("/99")
    day.hands.clerk("TRAINING")
    day.hands.keys("4", "ENTER", "ENTER", "ENTER")
    (text,) = day.hands.paper()
    assert "练习·无效" in text, text
    day.hands.idle()
    day.hands.keys("/99")
    day.hands.clerk("READY")


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
    (text,) = day.hands.paper()
    assert "交班单" in text, text
    day.operator = "03" if day.operator == "02" else "02"
    day.hands.idle()
    day.hands.keys("/71")
    day.hands.clerk("91-")
    day.hands.keys(day.operator, "ENTER")
    day.hands.clerk("92-")
    day.hands.keys("ENTER")
    day.hands.clerk("SHIFT OPENED")


def closes(day: ShopDay) -> None:
    """The end of the day: the Z."""
    day.hands.keys("/77")
    day.hands.clerk("98-")
    day.hands.keys("ENTER")
    (day.z,) = day.hands.paper()
    assert "日结单(Z)" in day.z, day.z
