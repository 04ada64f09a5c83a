"""Rows of docs/catalogue.tsv whose whole sentence no other test of the counter shows."""

import pytest

from daemon.counter.screens import BasketShown, Done, RefusalShown
from daemon.ledger.bodies import MemberEnrolled, Sale
from tests.counter.clerk import Clerk

CREAM, CLEANSER, TRAVEL = "6901234100044", "6901234100013", "6901234100167"
BLANK = "8800000001015"
PERSON = "13800000007 ENTER 0007 ENTER 1 ENTER 0 ENTER"


def test_two_receipts_that_add_up_to_150_let_nobody_in() -> None:
    clerk = Clerk()
    for _ in range(2):
        clerk.scans(CREAM)  # 120.00 each
        clerk.keys("ENTER ENTER")
    clerk.keys("/2")
    clerk.swipes(BLANK)
    clerk.keys("2")
    assert (clerk.sees(RefusalShown).code, clerk.sees(RefusalShown).values["x"]) == (
        "E11",
        "120.00",
    )
    assert not [row for row in clerk.shop.journal if isinstance(row.entry.body, MemberEnrolled)]


def test_a_fresh_member_has_every_right_at_once_without_headquarters() -> None:
    clerk = Clerk()
    clerk.scans(CLEANSER, CREAM)
    clerk.keys("ENTER ENTER /2")
    clerk.swipes(BLANK)
    clerk.keys(f"2 {PERSON}")
    clerk.scans(TRAVEL, CREAM)
    assert clerk.sees(BasketShown).quote.bill_fen == 4500 + 12000
    clerk.swipes(BLANK)
    assert clerk.sees(BasketShown).quote.bill_fen == 3000 + 12000  # the member price
    clerk.keys("ENTER ENTER")
    assert clerk.sees(Done).points_after == 100 + 120


@pytest.mark.parametrize("way", "04567890")
def test_there_are_three_ways_in_and_no_other(way: str) -> None:
    clerk = Clerk()
    clerk.keys("/2")
    clerk.swipes(BLANK)
    clerk.keys(way)
    clerk.keys(PERSON)
    assert not [row for row in clerk.shop.journal if isinstance(row.entry.body, MemberEnrolled)]


@pytest.mark.parametrize(("way", "channel"), [("1", "fee"), ("2", "purchase"), ("3", "grant")])
def test_an_enrolment_names_its_one_way_in(way: str, channel: str) -> None:
    clerk = Clerk()
    clerk.scans(CLEANSER, CREAM)
    clerk.keys("ENTER ENTER /2")
    clerk.swipes(BLANK)
    clerk.keys(f"{way} {PERSON}")
    if channel == "fee":
        clerk.keys("ENTER")
    bodies = [row.entry.body for row in clerk.shop.journal]
    assert [body.channel for body in bodies if isinstance(body, MemberEnrolled)] == [channel]


def test_what_somebody_bought_stands_in_the_books_under_the_member() -> None:
    clerk = Clerk()
    clerk.swipes("8800000000018")
    clerk.scans(CREAM, TRAVEL)
    clerk.keys("ENTER ENTER")
    body = clerk.shop.journal[-1].entry.body
    assert isinstance(body, Sale)
    assert (body.member, body.card) == ("M1", "8800000000018")
    assert [(line.sku, line.qty, line.paid_fen) for line in body.lines] == [
        ("ZZ-004", 1, 12000),
        ("ZZ-016", 1, 3000),
    ]
