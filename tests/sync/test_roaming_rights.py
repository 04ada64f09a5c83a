"""The counter asks for the rights of a visiting member before it tells the bill."""

from daemon.counter.states import Total
from daemon.wanted import Wanted, What
from tests.counter.asking_hq import answers, asked, online
from tests.counter.test_day import CREAM

ROOM = ("room:base:2026-03", 30)


def test_the_rights_of_a_visiting_member_are_asked_for_when_the_bill_is_told() -> None:
    clerk = online()
    clerk.shop.rights["M7"] = (ROOM,)
    clerk.swipes("8800000000070")
    clerk.keys("CLEAR")
    clerk.scans(CREAM)
    assert asked(clerk) == [], "not while goods are keyed"
    clerk.keys("ENTER")
    assert asked(clerk) == [Wanted(What.HOLDING, member="M7", unit=ROOM[0], amount=ROOM[1])]
    answers(clerk)
    assert isinstance(clerk.counter.state, Total), "with what came, or without"
    clerk.keys("ENTER")
    assert asked(clerk) == [], "once for a bill"


def test_a_flow_asks_for_the_rights_of_whom_it_names() -> None:
    clerk = online()
    clerk.shop.rights["M7"] = (ROOM,)
    clerk.keys("/4")
    clerk.swipes("8800000000070")
    assert [one.unit for one in asked(clerk)] == [ROOM[0]]
