"""What members ask for beside goods: renewal, value back, points passed on, figures explained.

See shopday.py.
"""

from tests.whole import papers
from tests.whole.demo_day import CARDS
from tests.whole.shopday import ENDED_CARD, STAFF_CARD, ShopDay


def renews_by_fee(day: ShopDay) -> None:
    """Who lapsed long ago comes back."""
    _renews(day, ENDED_CARD, "1")
    day.hands.until(day.unpaid, "the fee")
    day.hands.keys("*2")
    (text,) = day.hands.paper()
    assert "续会单" in text and papers.fen(text, "会费") == 4800, text
    assert "续会后有效期至" in text and "缴纳会费" in text, text
    day.played("/2 renewed 1")


def renews_by_purchase(day: ShopDay) -> None:
    """The purchase was large enough, and his own."""
    day.hands.swipe(CARDS["M2"])
    day.hands.keys("2*", "4", "ENTER")
    day.total()
    day.hands.keys("*2")
    number = papers.seq(day.receipt(remember=False))
    day.hands.idle()
    _renews(day, CARDS["M2"], "2")
    (text,) = day.hands.paper()
    assert "续会单" in text and "单笔消费" in text and f"{number:06}" in text, text
    day.played("/2 renewed 2")


def renews_by_grant(day: ShopDay) -> None:
    """A present of the house: nothing is paid."""
    _renews(day, CARDS["M1"], "3")
    (text,) = day.hands.paper()
    assert "续会单" in text and papers.fen(text, "会费") is None, text
    day.played("/2 renewed 3")


def _renews(day: ShopDay, card: str, channel: str) -> None:
    day.hands.keys("/2")
    day.hands.swipe_for("31-", "30-", card)
    day.hands.keys(channel)


def value_back_whole(day: ShopDay) -> None:
    """Nothing of the top-up was used."""
    card = CARDS[day.member()]
    day.fills(card, 300)
    day.hands.idle()
    _paid_back(day, card)


def value_back_used(day: ShopDay) -> None:
    """Part of it was used: the law's two computations, and the clerk says which holds."""
    card = STAFF_CARD  # nothing else is on it: the sale spends this top-up
    day.fills(card, 300)
    day.hands.idle()
    day.hands.swipe(card)
    day.hands.keys("1", "ENTER")
    day.total()
    day.hands.keys("*3")
    day.receipt(remember=False)
    day.hands.idle()
    _paid_back(day, card, basis=day.chance.choice("12"))


def _paid_back(day: ShopDay, card: str, basis: str = "") -> None:
    day.hands.keys("/1")
    day.hands.swipe_for("41-", "42-", card)
    day.hands.keys("*")
    day.hands.clerk("45-")
    day.hands.keys("1", "ENTER")
    if basis:
        day.hands.clerk("46-")
        day.hands.keys(basis)
    day.hands.clerk("47-")
    day.hands.keys(day.chance.choice("12"))  # as it was paid, or in cash
    day.with_manager()
    (text,) = day.hands.paper()
    assert "储值退款单" in text and ("已消费部分" in text) is bool(basis), text
    day.played("/1 *")
    day.value_fen[card] = papers.fen(text, "储值余额") or 0


def passes_points_on(day: ShopDay) -> None:
    giver, taker = day.chance.sample(("M1", "M2", "M4"), 2)
    day.hands.keys("/5")
    day.hands.swipe_for("71-", "72-", CARDS[giver])
    day.hands.keys("5")
    day.hands.swipe_for("76-", "77-", CARDS[taker])
    day.hands.keys(str(day.chance.randint(10, 60)), "ENTER")
    day.with_manager()
    day.prints("积分转赠单")
    day.played("/5 5")


def asks_why(day: ShopDay) -> None:
    """The slip that explains an earlier sale, by its number or its code."""
    sale = day.some_sale()
    day.hands.keys("/8*")
    day.hands.clerk("29-")
    if day.chance.random() < 0.3:
        day.hands.scan(sale.code)
    else:
        day.hands.keys(str(sale.seq), "ENTER")
    (text,) = day.hands.paper()
    assert "积分计算说明" in text and papers.seq(text) == sale.seq, text
    day.played("/8 *")


def statement(day: ShopDay) -> None:
    """What a card's points did this year."""
    day.hands.keys("/8+")
    day.hands.clerk("39-")
    day.hands.bench.ask("swipe", track2=CARDS[day.member()], wait=False)
    day.prints("积分对账单")
    day.played("/8 +")
