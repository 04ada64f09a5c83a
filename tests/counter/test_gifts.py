"""`/4`: what points buy, and what waits to be fetched."""

from daemon.counter.effects import Audience, DocumentKind
from daemon.counter.screens import RefusalShown, Step
from daemon.display.refusals import refusal_text
from daemon.ledger import accounts
from daemon.ledger.bodies import HandedOver, PointsRedeemed
from tests.counter.clerk import Clerk
from tests.counter.test_shift import body, printed
from tests.counter.test_wallet import OwnShop
from tests.rules.shop import engine_of

CHEN = "8800000000025"  # 812 points: enough for the gift of 800
POOR = "8800000000032"
TOY = {"give": [{"sku": "GIFT1", "qty": 1}]}


def member(clerk: Clerk, card: str = CHEN) -> str:
    return clerk.shop.members[card].facts.id


def test_the_gift_of_800_points_is_sent_by_headquarters_and_waits() -> None:
    clerk = Clerk()
    before = clerk.shop.held(accounts.points(member(clerk)))
    clerk.swipes(CHEN)
    clerk.keys("/4")
    assert len(clerk.sees(Step).rows) == 1
    clerk.keys("1 ENTER ENTER")
    gift = body(clerk)
    assert isinstance(gift, PointsRedeemed)
    assert (gift.points, gift.sku, gift.promised, gift.from_hq) == (800, "GIFT1", True, True)
    assert clerk.shop.held(accounts.points(member(clerk))) == before - 800
    assert printed(clerk) == [DocumentKind.GIFT]


def test_what_waits_is_handed_over_once_it_is_here() -> None:
    clerk = Clerk()
    clerk.swipes(CHEN)
    clerk.keys("/4 1 ENTER ENTER CLEAR")
    clerk.swipes(CHEN)
    clerk.keys("/4 1 ENTER ENTER")
    assert clerk.sees(RefusalShown).code == "E30"  # it has not come yet
    clerk.keys("CLEAR CLEAR CLEAR")
    clerk.shop.balance[accounts.stock("GIFT1"), "piece", ""] = 1
    clerk.keys("/4")
    clerk.swipes(CHEN)
    clerk.keys("1 ENTER ENTER")
    handed = body(clerk)
    assert isinstance(handed, HandedOver)
    assert (handed.sku, handed.qty) == ("GIFT1", 1)
    assert clerk.shop.stock("GIFT1") == 0
    assert clerk.shop.held(accounts.waiting(member(clerk))) == 0


def test_who_has_too_few_points_is_offered_nothing() -> None:
    clerk = Clerk()
    clerk.swipes(POOR)
    clerk.keys("/4")
    assert clerk.sees(RefusalShown).code == "E33"


def test_who_was_found_by_phone_does_not_spend_points() -> None:
    clerk = Clerk()
    phone = next(number for number, card in clerk.shop.phones.items() if card == CHEN)
    clerk.keys(f"{phone} ENTER /4 1 ENTER")
    assert clerk.sees(RefusalShown).code == "E35"
    assert not clerk.shop.journal


def test_without_a_swiper_a_phone_and_the_own_pin_do() -> None:
    clerk = Clerk()
    clerk.keys("/4 13800000002 ENTER 1 ENTER")
    assert clerk.sees(RefusalShown).code == "E35"  # no PIN: whose number it is, proves nobody
    clerk.shop.pins["member:M2"] = "4711"
    clerk.keys("1 ENTER")
    assert clerk.sees(Step).asks == "pin"
    clerk.keys("4711 ENTER ENTER")
    assert isinstance(body(clerk), PointsRedeemed)


def test_a_gift_once_a_month_is_refused_as_that_and_not_as_a_cards_cap() -> None:
    rule = {"id": "toy", "points": 100, **TOY, "max_times": 1, "per": "month"}
    clerk = Clerk(OwnShop(under=engine_of(gifts=[rule])))
    clerk.shop.balance[accounts.stock("GIFT1"), "piece", ""] = 5
    clerk.swipes(CHEN)
    clerk.keys("/4 1 ENTER ENTER CLEAR")
    clerk.swipes(CHEN)
    clerk.keys("/4 1 ENTER")
    shown = clerk.sees(RefusalShown)
    assert (shown.code, shown.values["why"]) == ("E30", "over_cap")
    assert "次数已满" in refusal_text(shown, Audience.CLERK, "zh_CN")


def test_points_of_today_buy_nothing_yet_and_what_is_there_is_told_as_there() -> None:
    rule = {"id": "toy", "points": 850, "timing": "next_sale", **TOY}
    clerk = Clerk(OwnShop(under=engine_of(gifts=[rule])))
    clerk.scans("6901234100013")
    clerk.swipes(CHEN)
    clerk.keys("ENTER ENTER CLEAR")
    clerk.swipes(CHEN)
    clerk.keys("/4 1 ENTER")
    shown = clerk.sees(RefusalShown)
    assert (shown.code, shown.values["x"]) == ("E08", "850"), "needed"
    assert int(shown.values["y"]) < 850, "there"
