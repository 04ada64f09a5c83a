"""`/5 5`: points go to another member with their dates, as far as the pack allows it."""

from collections.abc import Callable

import pytest

from daemon.counter.effects import DocumentKind
from daemon.counter.screens import RefusalShown, Step
from daemon.ledger.bodies import PointsTransferred
from tests.counter.clerk import Clerk
from tests.counter.demo import LOT
from tests.counter.test_cards import allowed
from tests.counter.test_shift import STOLEN, WANG, body, printed
from tests.counter.test_wallet import OwnShop
from tests.rules.shop import engine_of

LIN, LAPSED, VISITOR = "8800000000025", "8800000000070", "8800000009999"
RULE = {"min_points": 50, "max_points": 500, "max_times": 1, "per": "month", "by": "clerk"}


def clerk_under(**rule: object) -> Clerk:
    return Clerk(OwnShop(under=engine_of(transfer={**RULE, **rule})))


def named(clerk: Clerk, to: str = LIN) -> None:
    clerk.keys("/5")
    clerk.swipes(WANG)
    clerk.keys("5")
    clerk.swipes(to)


def passed(clerk: Clerk) -> PointsTransferred:
    found = body(clerk)
    assert isinstance(found, PointsTransferred)
    return found


def refusal(clerk: Clerk) -> tuple[str, str]:
    shown = clerk.sees(RefusalShown)
    return shown.code, shown.values.get("why", "")


def test_points_change_hands_and_their_lot_stays_what_it_is() -> None:
    clerk = clerk_under()
    named(clerk)
    clerk.keys("200 ENTER")
    shown = clerk.sees(Step)
    assert (shown.asks, (shown.values or {})["n"]) == ("transfer_sure", "200")
    clerk.keys("ENTER")
    assert [(part.lot, part.amount) for part in passed(clerk).parts] == [(LOT, 200)]
    assert (clerk.shop.points("M1"), clerk.shop.points("M2")) == (420, 1012)
    assert printed(clerk) == [DocumentKind.PASSED]


def test_a_pack_may_want_a_manager() -> None:
    clerk = clerk_under(by="manager")
    named(clerk)
    clerk.keys("50 ENTER")
    assert clerk.sees(Step).asks == "manager"
    allowed(clerk)
    assert passed(clerk).manager == "01"


def test_so_many_at_once_and_so_often() -> None:
    clerk = clerk_under()
    named(clerk)
    for wrong in ("49", "501"):
        clerk.keys(f"{wrong} ENTER")
        assert refusal(clerk) == ("E30", "points_limit")
    clerk.keys("500 ENTER ENTER")
    clerk.keys("CLEAR CLEAR /5")
    clerk.swipes(WANG)
    clerk.keys("5")
    assert refusal(clerk) == ("E30", "too_often")


def test_nobody_gives_what_he_does_not_have() -> None:
    clerk = clerk_under(max_points=1000)
    named(clerk)
    clerk.keys("621 ENTER")
    assert refusal(clerk)[0] == "E08"
    assert not clerk.shop.journal


def test_who_gives_proves_himself_by_card_or_pin() -> None:
    clerk = clerk_under()
    clerk.keys("/5 13800000001 ENTER 5")
    assert refusal(clerk)[0] == "E35"
    clerk.shop.pins["member:M1"] = "4711"
    clerk.keys("CLEAR CLEAR CLEAR /5 13800000001 ENTER 5 4712 ENTER")
    assert refusal(clerk)[0] == "E31"
    clerk.keys("4711 ENTER 13800000002 ENTER 50 ENTER ENTER")
    assert passed(clerk).to == "M2"


@pytest.mark.parametrize(
    ("card", "why"),
    [
        (WANG, ("E30", "same_member")),
        (VISITOR, ("E30", "same_member")),
        (STOLEN, ("E03", "")),
        (LAPSED, ("E05", "")),
    ],
)
def test_they_go_to_another_member_in_good_standing(card: str, why: tuple[str, str]) -> None:
    clerk = clerk_under()
    named(clerk, card)
    assert refusal(clerk) == why


@pytest.mark.parametrize(
    ("made", "why"),
    [
        (lambda: Clerk(OwnShop()), "no_transfer"),
        (lambda: clerk_under(by="hq"), "hq_transfers"),
        (lambda: clerk_under(keep_lot_date=False), "hq_transfers"),
    ],
)
def test_not_every_pack_lets_the_counter_do_it(made: Callable[[], Clerk], why: str) -> None:
    clerk = made()
    clerk.keys("/5")
    clerk.swipes(WANG)
    clerk.keys("5")
    assert refusal(clerk) == ("E30", why)
