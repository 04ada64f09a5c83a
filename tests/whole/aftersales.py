"""What comes after sales, and members. See shopday.py."""

from tests.whole import papers
from tests.whole.demo_day import CARDS
from tests.whole.shopday import LOST_CARD, ShopDay, known


def comes_back(day: ShopDay) -> None:
    """One line of an earlier sale, or all of it, by code or number."""
    left = [one for one in day.sold if not one.back]
    if not left:
        return
    sale = day.chance.choice(left)
    sale.back = True
    day.hands.keys("/3")
    if day.chance.random() < 0.3:
        day.hands.scan(sale.code)
        day.hands.clerk("53-")
    else:
        day.hands.keys(f"{sale.seq:06}", "ENTER")
    if len(sale.quantities) > 1 and day.chance.random() < 0.6:
        line = day.chance.randint(1, len(sale.quantities))
        day.hands.keys(str(line), "ENTER")
        if sale.quantities[line - 1] > 1:  # how many: one of them, or all
            day.hands.keys(*day.chance.choice((("1", "ENTER"), ("ENTER",))))
    day.hands.keys("ENTER", str(day.chance.randint(1, 5)))
    (text,) = day.hands.paper()
    assert "退货单" in text, text


def void(day: ShopDay) -> None:
    day.basket(2)
    day.sells(remember=False)
    day.hands.idle()
    day.hands.keys("/30")
    day.hands.clerk("56-")
    day.hands.keys("ENTER")
    (text,) = day.hands.paper()
    assert "整单作废单" in text, text


def exchange(day: ShopDay) -> None:
    day.hands.keys("11", "ENTER")
    day.pays(day.total())
    number = papers.seq(day.receipt(remember=False))
    day.hands.idle()
    day.hands.keys("/33", f"{number:06}", "ENTER")
    day.hands.clerk("53-")
    day.hands.keys("1", "ENTER", "ENTER")
    day.hands.clerk("55-")
    day.hands.keys("1")
    day.hands.clerk("59-")
    day.hands.keys("12", "ENTER", "ENTER")
    day.hands.clerk("60-")
    day.hands.keys("ENTER")
    (text,) = day.hands.paper()
    assert "换货单" in text, text


def late_points(day: ShopDay) -> None:
    """A member forgot to show the card: the receipt earns after all."""
    day.hands.keys("4", "ENTER")
    day.total()
    day.hands.keys("*2")
    number = papers.seq(day.receipt(remember=False))
    day.hands.idle()
    day.hands.keys("/32")
    day.hands.clerk("57-")
    day.hands.keys(f"{number:06}", "ENTER")
    day.hands.clerk("58-")
    day.hands.keys(known(day), "ENTER")
    (text,) = day.hands.paper()
    assert "补积分" in text, text


def without_receipt(day: ShopDay) -> None:
    day.hands.keys("/3*")
    day.hands.clerk("40-")
    day.hands.keys("4", "ENTER", "ENTER")
    day.hands.clerk("55-")
    day.hands.keys("1")
    day.with_manager()
    (text,) = day.hands.paper()
    assert "无小票" in text, text


# -- members ---------------------------------------------------------------------------------------


def inquiry(day: ShopDay) -> None:
    day.hands.swipe(CARDS[day.member()])
    day.hands.keys("ENTER")
    (text,) = day.hands.paper()
    assert "会员查询单" in text


def lost_card(day: ShopDay) -> None:
    day.hands.swipe(LOST_CARD)
    day.hands.clerk("E03")


def topup(day: ShopDay) -> None:
    day.fills(CARDS[day.member()], day.chance.choice((100, 300, 500)))


def topup_taken_back(day: ShopDay) -> None:
    card = CARDS["M3"]
    day.fills(card, 50)
    day.hands.idle()
    day.hands.keys("/1")
    day.hands.swipe_for("41-", "42-", card)
    day.hands.keys("-")
    day.hands.clerk("43-")
    day.hands.keys("1", "ENTER")
    both = day.hands.paper(2)
    assert all("储值充值冲正" in text for text in both), both
    day.value_fen[card] = papers.fen(both[1], "储值余额") or 0


def joins_by_fee(day: ShopDay) -> None:
    _enrols(day, "1")
    day.hands.until(day.unpaid, "the fee")
    day.hands.keys("*2")
    (text,) = day.hands.paper()
    assert "入会登记单" in text and papers.fen(text, "会费") == 4800, text


def joins_by_purchase(day: ShopDay) -> None:
    day.hands.keys("5", "ENTER")
    day.total()
    day.hands.keys("*2")
    day.receipt(remember=False)
    day.hands.idle()
    _enrols(day, "2")
    (text,) = day.hands.paper()
    assert "入会登记单" in text and "单笔消费" in text, text


def _enrols(day: ShopDay, channel: str) -> None:
    phone = day.phone()
    day.hands.keys("/2")
    day.hands.swipe_for("31-", "32-", day.blanks.pop(0))
    day.hands.keys(channel, phone, "ENTER", phone[-4:], "ENTER", "1", "ENTER", "0", "ENTER")


def redeems(day: ShopDay) -> None:
    """Points for the gift, where there are enough; else the list says so."""
    card = CARDS["M2"]
    day.hands.swipe(card)
    day.hands.keys("ENTER")
    (text,) = day.hands.paper()
    if (papers.count(text, "可用积分") or 0) < 800:
        return
    day.hands.idle()
    day.hands.keys("/4")
    day.hands.swipe_for("61-", "62-", card)
    day.hands.keys(str(1 + day.promised), "ENTER", "ENTER")  # what waits stands first
    day.promised += 1
    (text,) = day.hands.paper()
    assert "积分兑换单" in text and "-800" in text, text
