"""What comes after sales, and members. See shopday.py."""

from tests.whole import papers
from tests.whole.demo_day import CARDS
from tests.whole.shopday import LOST_CARD, ShopDay, known


def comes_back(day: ShopDay) -> None:
    """One line of an earlier sale, or all of it, by code or number."""
    day.some_sale()
    sale = day.chance.choice([one for one in day.sold if not one.back])
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
    day.prints("退货单")
    day.played("/3")


def comes_back_by_card(day: ShopDay) -> None:
    """The receipt is at home: the card's last purchases are listed, and the newest comes back."""
    card = CARDS[day.member()]
    day.hands.swipe(card)
    day.hands.keys("1", "ENTER", "2*", "18", "ENTER")
    day.total()
    day.hands.keys("*5")
    number = papers.seq(day.receipt(remember=False))
    day.hands.idle()
    day.hands.keys("/3")
    day.hands.swipe_for("51-", "52-", card)
    day.hands.keys(".")
    (listed,) = day.hands.paper()
    newest = next(row for row in listed.splitlines() if row.startswith(" 1 "))
    assert newest.endswith(f"#{number}") or f"#{number} " in newest, listed
    day.hands.keys("1", "ENTER")
    day.hands.clerk("53-")
    day.hands.keys("2", "ENTER", "1", "ENTER", "ENTER", "2")
    (text,) = day.hands.paper()
    assert "退货单" in text and f"{number:06}" in text and papers.fen(text, "实退") == 990, text
    day.played("/3 card")


def void(day: ShopDay) -> None:
    day.basket(2)
    day.sells(remember=False)
    day.hands.idle()
    day.hands.keys("/30")
    day.hands.clerk("56-")
    day.hands.keys("ENTER")
    day.prints("整单作废单")
    day.played("/3 0")


def exchange(day: ShopDay) -> None:
    """Another shade: no money moves."""
    _out(day, "11", "12")
    day.hands.clerk("60-")
    day.hands.keys("ENTER")
    (text,) = day.hands.paper()
    assert "换货单" in text and "等价换货" in text, text
    day.played("/3 3")


def exchange_dearer(day: ShopDay) -> None:
    """A member takes something dearer, and pays the difference."""
    day.hands.swipe(CARDS[day.member()])
    _out(day, "1", "4")
    day.hands.until(day.unpaid, "the difference")
    due = day.due()
    day.hands.keys("*2")
    (text,) = day.hands.paper()
    assert "换货单" in text and papers.fen(text, "补差价") == due == 5200, text
    assert "本次积分变动" in text, text
    day.played("/3 3 dearer")


def exchange_cheaper(day: ShopDay) -> None:
    """A member takes something cheaper, and is paid back."""
    day.hands.swipe(CARDS[day.member()])
    _out(day, "4", "1")
    day.hands.clerk("60-")
    day.hands.keys("ENTER")
    (text,) = day.hands.paper()
    assert "换货单" in text and papers.fen(text, "退差价") == 5200, text
    assert "本次积分变动" in text, text
    day.played("/3 3 cheaper")


def _out(day: ShopDay, back: str, out: str) -> None:
    """Sell one thing; bring it back for another, up to where that is keyed."""
    day.hands.keys(back, "ENTER")
    day.total()
    day.hands.keys("*2")
    number = papers.seq(day.receipt(remember=False))
    day.hands.idle()
    day.hands.keys("/33", f"{number:06}", "ENTER")
    day.hands.clerk("53-")
    day.hands.keys("1", "ENTER", "ENTER")
    day.hands.clerk("55-")
    day.hands.keys("1")
    day.hands.clerk("59-")
    day.hands.keys(out, "ENTER", "ENTER")


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
    day.prints("补积分")
    day.played("/3 2")


def without_receipt(day: ShopDay) -> None:
    day.hands.keys("/3*")
    day.hands.clerk("40-")
    day.hands.keys("4", "ENTER", "ENTER")
    day.hands.clerk("55-")
    day.hands.keys("1")
    day.with_manager()
    day.prints("无小票")
    day.played("/3 *")


# -- members ---------------------------------------------------------------------------------------


def inquiry(day: ShopDay) -> None:
    day.hands.swipe(CARDS[day.member()])
    day.hands.keys("ENTER")
    day.prints("会员查询单")
    day.played("swipe")


def asks_balance(day: ShopDay) -> None:
    """储值余额 stands on the page only once it is asked for."""
    card = CARDS[day.member()]
    day.hands.swipe(card)
    day.hands.view("member")
    day.hands.keys(".")
    day.hands.pole("BALANCE")
    day.hands.until(lambda: "储值余额" in str(day.hands.page.views[-1]), "the balance on the page")
    day.played("swipe .")


def lost_card(day: ShopDay) -> None:
    day.hands.swipe(LOST_CARD)
    day.hands.clerk("E03")
    day.hands.pole("PLEASE WAIT")
    day.hands.idle()
    day.hands.view("ads")
    day.played("E03")


def topup(day: ShopDay) -> None:
    day.fills(CARDS[day.member()], day.chance.choice((100, 300, 400)))
    day.played("/1")


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
    day.played("/1 -")


def joins_by_fee(day: ShopDay) -> None:
    enrols(day, "1")
    day.hands.until(day.unpaid, "the fee")
    day.hands.keys("*2")
    (text,) = day.hands.paper()
    assert "入会登记单" in text and papers.fen(text, "会费") == 4800, text
    day.played("/2 1")


def joins_by_purchase(day: ShopDay) -> None:
    day.hands.keys("5", "ENTER")
    day.total()
    day.hands.keys("*2")
    day.receipt(remember=False)
    day.hands.idle()
    enrols(day, "2")
    (text,) = day.hands.paper()
    assert "入会登记单" in text and "单笔消费" in text, text
    day.played("/2 2")


def enrols(day: ShopDay, channel: str) -> tuple[str, str]:
    """Key an enrolment up to its end, or to its fee; return card and phone."""
    card, phone = day.blanks.pop(0), day.phone()
    day.hands.keys("/2")
    day.hands.swipe_for("31-", "32-", card)
    day.hands.keys(channel, phone, "ENTER", phone[-4:], "ENTER", "1", "ENTER", "0", "ENTER")
    return card, phone
