"""What bills are paid with besides money: points, coupons, offers. See shopday.py."""

from tests.whole import papers
from tests.whole.demo_day import CARDS
from tests.whole.shopday import ShopDay, yuan

BLOCK_POINTS, BLOCK_FEN = 50, 500
COUPON_FEN, COUPON_FROM_YUAN = 2000, 500
OFFER_FEN = 1000


def points_as_money(day: ShopDay) -> None:
    """As many whole blocks as there are and the bill needs; the rest in money."""
    card = CARDS["M1"]
    day.has_points(card, 2 * BLOCK_POINTS)
    day.hands.swipe(card)
    day.basket(2)
    due = day.total()
    day.hands.keys("*4")
    day.hands.until(lambda: day.paid_so_far() > 0, "the points to be taken")
    day.hands.keys("*2")
    text = day.receipt()
    worth = papers.fen(text, "积分抵现")
    assert worth and worth % BLOCK_FEN == 0 and worth <= due, text
    day.played("*4")


def mall_voucher(day: ShopDay) -> None:
    """A slip of the mall, with its number, and the rest by phone."""
    day.basket(2)
    part = max(100, day.total() // 300 * 100)
    day.hands.keys(yuan(part), "*7")
    day.hands.keys(str(day.chance.randint(1000, 9999)), "ENTER")
    day.hands.keys("*5")
    text = day.receipt(remember=False)
    assert papers.fen(text, "商场券") == part, text
    day.played("*7")


def coupon(day: ShopDay) -> None:
    """A large top-up gives one; it pays for goods like money."""
    card = CARDS["M4"]
    day.fills(card, COUPON_FROM_YUAN)
    day.hands.idle()
    day.hands.swipe(card)
    day.hands.keys("4", "ENTER")
    day.total()
    day.hands.keys("+")
    day.hands.clerk("24-")
    day.choose("VOUCHER")
    day.hands.until(lambda: day.paid_so_far() == COUPON_FEN, "the coupon to be taken")
    day.hands.keys("*2")
    text = day.receipt(remember=False)
    assert papers.fen(text, "微信") == 12000 - COUPON_FEN, text
    day.played("+ coupon")


def offer(day: ShopDay) -> None:
    """What the pack leaves to the member: he wants it on this bill."""
    day.hands.swipe(CARDS[day.member()])
    day.hands.keys("3*", "4", "ENTER")
    due = day.total()
    day.hands.keys("+")
    day.hands.clerk("24-")
    day.choose("TRIO")
    day.hands.until(lambda: day.due() == due - OFFER_FEN, "the offer to lower the bill")
    day.hands.keys("*2")
    text = day.receipt(remember=False)
    assert papers.fen(text, "微信") == due - OFFER_FEN, text
    day.played("+ offer")
