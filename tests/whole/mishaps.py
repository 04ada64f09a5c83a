"""Devices that fail in the middle of a day; nobody waits for them. See shopday.py."""

from tests.whole.demo_day import CARDS, PHONES
from tests.whole.shopday import ShopDay


def out_of_paper(day: ShopDay) -> None:
    """The sale goes on; its receipt comes when there is paper."""
    _without_printer(day, "paper_end")
    day.played("printer out of paper")


def printer_unplugged(day: ShopDay) -> None:
    _without_printer(day, "unplug")
    day.played("printer unplugged")


def pole_silent(day: ShopDay) -> None:
    """It takes no more bytes; sale and page do not wait for it, and it catches up."""
    day.hands.fault("pole", "stall")
    day.basket(2)
    day.pays(day.total())
    day.hands.view("thanks")
    day.hands.fault("pole", "clear")
    day.receipt()
    day.played("pole silent")


def swiper_replugged(day: ShopDay) -> None:
    """The member's phone does meanwhile; the swiper that is back reads cards."""
    day.hands.fault("swiper", "unplug")
    card = CARDS["M1"]
    assert not day.hands.bench.try_ask("swipe", track2=card, wait=False)["ok"]
    day.hands.keys(str(PHONES["M1"]), "ENTER")
    day.basket(2)
    day.sells()
    day.hands.fault("swiper", "clear")
    day.hands.idle()
    day.hands.until(
        lambda: day.hands.bench.try_ask("swipe", track2=card, wait=False)["ok"], "the swiper"
    )
    day.hands.pole(f"CARD {card[-4:]}")
    day.played("swiper replugged")


def _without_printer(day: ShopDay, fault: str) -> None:
    day.hands.until(lambda: not day.hands.stage.box("status")["spool"], "every paper to be out")
    printed = len(day.hands.papers)
    day.hands.fault("printer", fault)
    day.basket(2)
    day.pays(day.total())
    day.hands.view("thanks")
    assert day.hands.printed() == printed, "a printer without paper prints nothing"
    day.hands.fault("printer", "clear")
    day.receipt()
