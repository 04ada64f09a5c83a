"""Sales of a shop's day, each as the hands do it. See shopday.py."""

from tests.whole import papers
from tests.whole.demo_day import CARDS
from tests.whole.shopday import (
    ENDED_CARD,
    SCANNED,
    STAFF_CARD,
    VISITORS,
    ShopDay,
    known,
    yuan,
)

UNKNOWN_CODE = "6999999999995"


def passer_by(day: ShopDay) -> None:
    day.basket()
    day.sells()


def member_first(day: ShopDay) -> None:
    day.hands.swipe(CARDS[day.member()])
    day.basket()
    day.sells()


def member_last(day: ShopDay) -> None:
    """The card comes when the total is said already."""
    day.basket()
    day.total()
    day.hands.swipe(CARDS[day.member()])
    day.hands.keys("*2")
    day.receipt()


def by_phone(day: ShopDay) -> None:
    day.hands.keys(known(day), "ENTER")
    day.basket()
    day.guide()
    day.sells()
    day.played("phone", "* n")


def visitor(day: ShopDay) -> None:
    day.hands.swipe(day.chance.choice(VISITORS))
    day.basket()
    day.sells()


def own_card(day: ShopDay) -> None:
    """A clerk buys for herself: what she earns is guarded by the pack."""
    day.hands.swipe(STAFF_CARD)
    day.basket(2)
    day.sells()


def ended_term(day: ShopDay) -> None:
    day.hands.swipe(ENDED_CARD)
    day.basket(2)
    day.sells()


def unlisted(day: ShopDay) -> None:
    """Goods that nobody has listed: the price is keyed."""
    day.hands.keys(yuan(day.chance.randint(100, 9900)), "+")
    day.basket(2)
    day.sells()
    day.played("n +")


def unknown_code(day: ShopDay) -> None:
    """A barcode that nobody has listed never stops a sale: its price is keyed."""
    fen = day.chance.randint(100, 9900)
    day.hands.scan(UNKNOWN_CODE)
    day.hands.clerk("E10")
    day.hands.keys(yuan(fen), "+")
    day.hands.pole(f"TOTAL {yuan(fen):>14}")
    text = day.sells()
    assert papers.fen(text, "合计") == fen, text
    day.played("E10")


def changes_its_mind(day: ShopDay) -> None:
    """A price is asked, a line is taken out again, a guide is named."""
    day.hands.keys(".", str(day.chance.choice(SCANNED)["plu"]), "ENTER")
    day.hands.view("price")
    day.hands.keys("CLEAR")
    day.basket(2)
    day.hands.keys("18", "ENTER", "-")
    day.guide()
    day.sells()
    day.played(".", "-")


def by_hand(day: ShopDay) -> None:
    """A manager changes a price."""
    day.hands.keys("4", "ENTER")
    day.hands.keys("+")
    day.hands.clerk("19-")
    day.hands.keys(yuan(day.chance.randint(9000, 11900)), "ENTER", "1", "ENTER")
    day.with_manager()
    day.hands.clerk("CREAM")
    day.sells()
    day.played("+")


def parked(day: ShopDay) -> None:
    """A basket waits while another customer is served."""
    day.basket(2)
    day.hands.keys("/0")
    (ticket,) = day.hands.paper()
    assert "挂单" in ticket
    day.played("/0")
    day.hands.keys("19", "ENTER")
    day.sells()
    day.hands.idle()
    day.hands.keys("/01")
    day.sells()
    day.played("/0 n")


def stored_value(day: ShopDay) -> None:
    """Enough of it is on the card, or is put there before."""
    card = CARDS[day.member()]
    if day.value_fen.get(card, 0) < 20000:
        day.fills(card, 300)
        day.hands.idle()
    day.hands.swipe(card)
    day.hands.keys(str(day.chance.choice((1, 2, 3, 9, 14))), "ENTER")
    day.total()
    day.hands.keys("*3")
    text = day.receipt()
    assert papers.fen(text, "储值卡") is not None, text
    day.played("*3")
    day.value_fen[card] = papers.fen(text, "储值余额") or 0


def at_the_mall(day: ShopDay) -> None:
    """The mall's till takes the money; its slip's number ends the sale."""
    day.basket(2)
    day.total()
    day.hands.keys("*6")
    (bill,) = day.hands.paper()
    assert "缴款单" in bill
    day.look()
    day.hands.idle()
    day.hands.scan(papers.code(bill))
    day.hands.clerk("38-")
    day.hands.keys(str(day.chance.randint(10000, 99999)), "ENTER")
    (text,) = day.hands.paper()
    assert "销售小票" in text and "商场收银" in text
    day.played("*6")
