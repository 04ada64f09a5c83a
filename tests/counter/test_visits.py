"""Who is served and buys nothing was here all the same: once a day, and never beside an entry."""

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.counter.effects import Commit, Note
from daemon.ledger.bodies_member import VisitNoted
from daemon.ledger.kinds import Kind
from tests.counter.clerk import Clerk
from tests.counter.test_shift import STOLEN, WANG

LIN = "8800000000025"
CREAM = "6901234100044"


def noted(clerk: Clerk) -> list[str]:
    """Return the cards whose visit was noted, in order."""
    cards = []
    for effect in clerk.seen:
        if isinstance(effect, Note):
            assert isinstance(effect.draft.body, VisitNoted)
            assert not effect.draft.postings
            cards.append(effect.draft.body.card)
    return cards


def test_a_swipe_that_ends_without_goods_is_a_visit() -> None:
    clerk = Clerk()
    clerk.swipes(WANG)
    assert noted(clerk) == []  # he is still here
    clerk.keys("CLEAR CLEAR")
    assert noted(clerk) == [WANG]


def test_who_buys_tops_up_or_is_not_let_in_is_none() -> None:
    clerk = Clerk()
    clerk.swipes(WANG)
    clerk.scans(CREAM)
    clerk.keys("ENTER *2 CLEAR CLEAR")
    clerk.swipes(WANG)
    clerk.keys("/1 100 ENTER 1 *2 CLEAR CLEAR")
    clerk.swipes(STOLEN)
    clerk.keys("CLEAR CLEAR")
    assert [one.entry.kind for one in clerk.shop.journal] == [Kind.SALE, Kind.TOPUP]
    assert noted(clerk) == []


def test_who_gives_up_his_basket_makes_room_or_is_forgotten_was_here() -> None:
    clerk = Clerk()
    clerk.swipes(WANG)
    clerk.scans(CREAM)
    clerk.keys("CLEAR CLEAR")
    clerk.swipes(WANG)
    clerk.swipes(LIN)
    clerk.waits(10 * 60_000)
    assert noted(clerk) == [WANG, WANG, LIN]


def test_the_same_day_is_one_visit() -> None:
    clerk = Clerk()
    for _ in range(2):
        clerk.swipes(WANG)
        clerk.keys("CLEAR CLEAR")
    keys = {(one.draft.source, one.draft.id) for one in clerk.seen if isinstance(one, Note)}
    assert len(keys) == 1  # the store takes it once


GESTURES = st.lists(
    st.sampled_from((WANG, LIN, CREAM, "ENTER", "*2", "CLEAR", "CLEAR CLEAR", "-", "wait")),
    max_size=12,
)


@settings(deadline=None, max_examples=60)
@given(GESTURES)
def test_nobody_leaves_unnoticed_and_nobody_twice(gestures: list[str]) -> None:
    clerk = Clerk()
    for one in gestures:
        if one in (WANG, LIN):
            clerk.swipes(one)
        elif one == CREAM:
            clerk.scans(one)
        elif one == "wait":
            clerk.waits(10 * 60_000)
        else:
            clerk.keys(one)
    clerk.keys("CLEAR CLEAR CLEAR CLEAR")
    served = [one for one in gestures if one in (WANG, LIN)]
    bought = [one for one in clerk.seen if isinstance(one, Commit)]
    changes = [one for n, one in enumerate(served) if n == 0 or served[n - 1] != one]
    assert set(noted(clerk)) <= set(served)
    if not bought and served:
        assert set(noted(clerk)) == set(served)
        assert len(noted(clerk)) >= len(changes)
