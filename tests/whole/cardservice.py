"""What happens to cards: granted, keyed, frozen, lost, replaced. See shopday.py."""

from tests.whole import papers
from tests.whole.aftersales import enrols
from tests.whole.demo_day import CARDS
from tests.whole.shopday import ShopDay

PIN = "2580"
REISSUE_FEN = 1000


def joins_by_grant(day: ShopDay) -> None:
    """A card given away: nothing is paid, and the member is one from now on."""
    card, _ = _granted(day)
    day.hands.idle()
    day.hands.swipe(card)
    day.hands.pole(f"CARD {card[-4:]}", "POINTS 100")
    day.played("/2 3")


def card_number_keyed(day: ShopDay) -> None:
    """The swiper is dead; the number on the card is read out."""
    card = CARDS[day.member()]
    day.hands.keys("..", card, "ENTER")
    day.basket(2)
    text = day.sells()
    assert f"卡尾号 {card[-4:]}" in text or f"尾号 {card[-4:]}" in text, text
    day.played("..n")


def frozen_and_used_again(day: ShopDay) -> None:
    card, phone = _granted(day)
    _service(day, phone, "3")
    day.with_manager()
    (text,) = day.hands.paper()
    assert "冻结单" in text and card[-4:] in text, text
    day.hands.idle()
    day.hands.swipe(card)
    day.hands.clerk("E04")
    day.hands.idle()
    _service(day, phone, "4")
    day.with_manager()
    (text,) = day.hands.paper()
    assert "解冻单" in text and card[-4:] in text, text
    day.hands.idle()
    day.hands.swipe(card)
    day.hands.pole("POINTS 100")
    day.played("/5 3", "/5 4")


def lost_and_replaced(day: ShopDay) -> None:
    """What the member holds stays his, under the new card; the old one is dead."""
    old, phone = _granted(day)
    _service(day, phone, "1")
    (text,) = day.hands.paper()
    assert "挂失单" in text and "本店已停用" in text, text
    day.look()
    _service(day, phone, "2")
    day.with_manager()
    new = day.blanks.pop(0)
    day.hands.clerk("73-")
    day.hands.bench.ask("swipe", track2=new, wait=False)
    day.hands.until(day.unpaid, "the fee of the new card")
    day.hands.keys("*5")
    (text,) = day.hands.paper()
    assert "补卡单" in text and papers.fen(text, "补卡费") == REISSUE_FEN, text
    assert old[-4:] in text and new[-4:] in text, text
    day.look()
    day.hands.idle()
    day.hands.swipe(old)
    day.hands.clerk("E0")
    day.hands.idle()
    day.hands.swipe(new)
    day.hands.pole("POINTS 100")
    day.played("/5 1", "/5 2")


def pays_by_pin(day: ShopDay) -> None:
    """The customer sets a PIN; found by her phone, she spends stored value with it."""
    card, phone = _granted(day)
    day.hands.keys("/5")
    day.hands.swipe_for("71-", "72-", card)
    day.hands.keys("6")
    day.hands.clerk("74-")
    day.hands.keys(PIN, "ENTER")
    day.hands.clerk("75-")
    day.hands.keys(PIN, "ENTER")
    day.hands.clerk("READY")
    day.fills(card, 200)
    day.hands.idle()
    day.hands.keys(phone, "ENTER")
    day.hands.keys("1", "ENTER")
    day.total()
    day.hands.keys("*3")
    day.hands.clerk("25-")
    day.hands.keys(PIN, "ENTER")
    text = day.receipt(remember=False)
    assert papers.fen(text, "储值卡") == 6800 and papers.fen(text, "储值余额") == 13200, text
    day.played("/5 6")


def _granted(day: ShopDay) -> tuple[str, str]:
    card, phone = enrols(day, "3")
    (text,) = day.hands.paper()
    assert "入会登记单" in text and papers.fen(text, "会费") is None, text
    day.hands.idle()
    return card, phone


def _service(day: ShopDay, phone: str, choice: str) -> None:
    day.hands.idle()
    day.hands.keys("/5")
    day.hands.clerk("71-")
    day.hands.keys(phone, "ENTER")
    day.hands.clerk("72-")
    day.hands.keys(choice)
