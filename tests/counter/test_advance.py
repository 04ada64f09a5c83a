"""Points above the holding: lent while headquarters does not answer, and owed back at once."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.counter.consulting import HQ_PATIENCE_MS
from daemon.counter.effects import HqAnswered
from daemon.counter.screens import Done, RefusalShown, TotalShown
from daemon.ledger import accounts
from daemon.ledger.bodies import Advance, Sale
from daemon.ledger.kinds import Unit, claim_unit
from daemon.rules.document import read
from daemon.rules.explain import explain
from daemon.rules.types import MemberFacts
from tests.counter.asking_hq import answers, asked, waiting
from tests.counter.clerk import Clerk
from tests.counter.demo import LOT
from tests.counter.test_day import CREAM
from tests.counter.test_wallet import M1, OFFSETS, counter, sale_of
from tests.ledger.invariants import Checker
from tests.rules.shop import changed

OWED = claim_unit(Unit.POINT)
POCKET = (accounts.points("M1"), Unit.POINT, LOT)


def lending(floor: int, *, alone: bool = True) -> Clerk:
    clerk = counter(offsets=OFFSETS, roaming={"floor_points": floor})
    clerk.shop.alone = alone
    return clerk


def at_the_total(clerk: Clerk) -> Clerk:
    clerk.swipes(M1)
    clerk.scans(CREAM)  # 120.00, which earns a point a yuan
    clerk.keys("ENTER")
    return clerk


def owed(clerk: Clerk) -> int:
    return clerk.shop.held(accounts.claim("M1"))


def test_points_above_the_holding_are_lent_and_owed_by_the_same_entry() -> None:
    clerk = at_the_total(lending(100))
    clerk.keys("70*4")  # 700 points, of which 620 are there
    assert clerk.sees(TotalShown).due_fen == 5000
    clerk.keys("ENTER")
    sale = sale_of(clerk)
    assert sale.advance == Advance(3, 4, 80)
    assert [(one.lot, one.n, one.amount) for one in sale.spent] == [(LOT, 0, 620), ("", 3, 80)]
    assert sum(one.worth_fen for one in sale.spent) == 7000
    assert owed(clerk) == 80, "as a claim"
    assert clerk.shop.points("M1") == sale.points == 50, "what it earns is his; the rest is spent"
    assert min(n for key, n in clerk.shop.balance.items() if key[2]) == 0, "no lot is below zero"


def test_what_he_gets_next_settles_it_and_makes_room() -> None:
    clerk = at_the_total(lending(100))
    clerk.keys("70*4 ENTER")
    at_the_total(clerk).keys("ENTER")
    assert [one.amount for one in sale_of(clerk).settled] == [80]
    assert (owed(clerk), clerk.shop.points("M1")) == (0, 50 + 120 - 80)
    at_the_total(clerk).keys("10*4 ENTER")
    assert sale_of(clerk).advance == Advance(3, 4, 10), "90 are there"


def test_what_is_lent_already_counts_and_beyond_the_floor_it_is_refused() -> None:
    clerk = at_the_total(lending(80))
    clerk.keys("80*4")
    assert clerk.clerk == RefusalShown("E09", {"x": "620"}), "180 are more than 80"
    clerk.keys("CLEAR 70*4 ENTER")
    at_the_total(clerk).keys("10*4")
    assert clerk.clerk == RefusalShown("E09", {"x": "50"}), "50 would be enough, but 80 are owed"
    clerk.keys("CLEAR ENTER")
    assert clerk.sees(Done) and sale_of(clerk).advance is None


def test_nobody_owes_points_because_he_spent_what_he_had() -> None:
    clerk = at_the_total(lending(1000))
    clerk.keys("*4 ENTER")
    clerk.keys("ENTER")
    assert [one.amount for one in sale_of(clerk).spent] == [600]
    at_the_total(clerk).keys("*4")
    assert clerk.clerk == RefusalShown("E09", {"x": "80"}), "20 left, and 60 that the sale earned"
    assert owed(clerk) == 0


def test_points_taken_back_are_not_lent() -> None:
    clerk = at_the_total(lending(100))
    clerk.keys("70*4 - *4")
    assert clerk.sees(TotalShown).due_fen == 6000, "and what was nearly lent is no holding"
    clerk.keys("ENTER")
    assert sale_of(clerk).advance is None


def test_other_tenders_after_it_leave_it_as_it_is() -> None:
    clerk = at_the_total(lending(100))
    clerk.keys("70*4 20 ENTER 30 ENTER")
    assert sale_of(clerk).advance == Advance(3, 4, 80)


@pytest.mark.parametrize("how", ["answered", "late", "given up"])
def test_it_is_lent_only_when_headquarters_did_not_answer(how: str) -> None:
    clerk = lending(100, alone=False)
    clerk.shop.online = True
    at_the_total(clerk).keys("70*4")
    (wanted,) = asked(clerk)
    assert wanted.amount == 80
    match how:
        case "answered":
            answers(clerk)
            assert clerk.clerk == RefusalShown("E08", {"x": "700", "y": "620"})
            return
        case "late":
            clerk.does(HqAnswered(waiting(clerk).id, late=True))
        case _:
            clerk.waits(HQ_PATIENCE_MS)
    clerk.keys("ENTER")
    assert sale_of(clerk).advance == Advance(3, 4, 80)


def test_points_that_come_after_all_are_spent_before_any_is_lent() -> None:
    clerk = at_the_total(lending(100))
    clerk.keys("70*4")
    clerk.shop.balance[accounts.points("M1"), Unit.POINT, "elsewhere"] = 50
    clerk.keys("ENTER")
    assert sale_of(clerk).advance == Advance(3, 4, 30)


def test_whose_a_card_is_that_nobody_knows_here_is_not_lent_to() -> None:
    clerk = lending(100)
    known = clerk.shop.members[M1]
    facts = MemberFacts("visitor:1", M1, "visitor", "active", None, None)
    clerk.shop.members[M1] = type(known)(facts, known.shown)
    at_the_total(clerk).keys("10*4")
    assert isinstance(clerk.clerk, RefusalShown)


def test_the_trace_says_what_was_lent_and_how_much_may_be() -> None:
    clerk = at_the_total(lending(100))
    clerk.keys("70*4 ENTER")
    pack = read(changed(offsets=OFFSETS, roaming={"floor_points": 100})).pack
    said = explain(clerk.shop.journal[-1].entry, pack)
    assert "总部无应答,预支 80 分(最多 100 分),记为待扣积分" in said


@given(
    st.lists(
        st.tuples(st.booleans(), st.sampled_from([0, 10, 30, 50, 90])), min_size=1, max_size=8
    ),
    st.sampled_from([0, 50, 100, 400]),
)
@settings(deadline=None, max_examples=40)
def test_whatever_is_bought_the_floor_holds(bought: list[tuple[bool, int]], floor: int) -> None:
    clerk, checker = lending(floor), Checker(floor_points=floor)
    clerk.shop.balance[POCKET] = 0
    for alone, yuan in bought:
        clerk.shop.alone = alone
        at_the_total(clerk)
        if yuan:
            clerk.keys(f"{yuan}*4")
        while isinstance(clerk.clerk, RefusalShown):
            clerk.keys("CLEAR")
        clerk.keys("ENTER")
        assert clerk.sees(Done)
        checker.add(clerk.shop.journal[-1].entry)
        assert 0 <= owed(clerk) <= floor
        assert all(n >= 0 for key, n in clerk.shop.balance.items() if key[2])
    bodies = [one.entry.body for one in clerk.shop.journal]
    lent = sum(one.advance.amount for one in bodies if isinstance(one, Sale) and one.advance)
    settled = sum(part.amount for one in bodies if isinstance(one, Sale) for part in one.settled)
    assert lent - settled == owed(clerk)
    assert floor or not lent
