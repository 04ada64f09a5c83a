"""What members are given: for points, by headquarters, and what they are owed. See shopday.py."""

from tests.whole.aftersales import enrols
from tests.whole.demo_day import CARDS
from tests.whole.shopday import ShopDay

GIFT_POINTS = 800
BOOK, SCARF = "会员手册", "丝巾礼盒"


def redeems(day: ShopDay) -> None:
    """Points for the gift, which headquarters will send."""
    card = CARDS["M2"]
    day.has_points(card, GIFT_POINTS)
    _opens(day, card)
    day.choose(f"{GIFT_POINTS}P")
    day.hands.clerk("63-")
    day.hands.keys("ENTER")
    (text,) = day.hands.paper()
    assert "积分兑换单" in text and "-800" in text and "总部寄出" in text, text
    day.played("/4")


def gift_arrives(day: ShopDay) -> None:
    """What was promised comes with the goods, and is handed over against a signature."""
    redeems(day)
    _receives(day, SCARF, 1)
    _opens(day, CARDS["M2"])
    day.choose("HAND")
    day.hands.clerk("63-")
    day.hands.keys("ENTER")
    (text,) = day.hands.paper()
    assert "礼品签收单" in text and SCARF in text, text
    day.played("/4 hand-over")


def owed_gift(day: ShopDay) -> None:
    """The shop has run out of what belongs to a welcome (欠赠): it is fetched later."""
    _counts(day, BOOK, 0)
    day.hands.keys("5", "ENTER")
    day.total()
    day.hands.keys("*2")
    day.receipt(remember=False)
    day.hands.idle()
    card, _ = enrols(day, "2")
    (text,) = day.hands.paper()
    assert "入会登记单" in text and "欠赠" in text and BOOK in text, text
    day.hands.idle()
    day.hands.swipe(card)
    day.hands.until(lambda: BOOK in str(day.hands.page.views[-1].get("sums")), "what waits")
    day.hands.clerk("GIFT WAITS /4")
    _receives(day, BOOK, 20)
    _opens(day, card)
    day.choose("HAND")
    day.hands.clerk("63-")
    day.hands.keys("ENTER")
    (text,) = day.hands.paper()
    assert "礼品签收单" in text and BOOK in text, text
    day.played("/4 owed")


def _opens(day: ShopDay, card: str) -> None:
    day.hands.idle()
    day.hands.keys("/4")
    day.hands.swipe_for("61-", "62-", card)


def _receives(day: ShopDay, name: str, pieces: int) -> None:
    day.hands.idle()
    day.hands.keys("/61")
    _names(day, name)
    day.hands.keys(str(pieces), "ENTER", "ENTER", "ENTER", "ENTER")
    (text,) = day.hands.paper()
    assert "收货单" in text and name in text, text


def _counts(day: ShopDay, name: str, pieces: int) -> None:
    day.hands.keys("/63")
    _names(day, name)
    day.hands.keys(str(pieces), "ENTER", "ENTER")
    (text,) = day.hands.paper()
    assert "盘点单" in text and name in text, text
    day.hands.idle()


def _names(day: ShopDay, name: str) -> None:
    """Name goods without a number: the list is on paper, for the glass has no Chinese."""
    day.hands.clerk("82-")
    day.hands.keys("*")
    day.hands.clerk("80-")
    day.hands.keys(".")
    (text,) = day.hands.paper()
    row = next(row for row in text.splitlines() if name in row)
    day.hands.keys(row.split()[0].rstrip("."), "ENTER")
    day.hands.clerk("83-")
