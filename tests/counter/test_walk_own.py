"""Random walks under a pack that uses all that rules can do: value, points, coupons, bills."""

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.ledger import accounts
from daemon.ledger.bodies import MallBilled
from daemon.ledger.kinds import Unit, coupon_unit
from daemon.ledger.records import Draft
from tests.counter import test_walk
from tests.counter.demo import LOT
from tests.counter.test_replay import UNDER
from tests.counter.test_wallet import OwnShop

OWN = (
    *("*3", "20*3", "*4", "30*4", "*6", "+ 1 ENTER", "+ 2 ENTER", "+", "ENTER *3", "ENTER *6"),
    *("+ 50 ENTER 1 ENTER 01 ENTER 1234 ENTER", "13800000004 ENTER", "4711 ENTER", "/0", "/0 1"),
    *("2601000000017 ENTER 12 ENTER", "2601000000024 ENTER 77 ENTER", "4 ENTER ENTER *6 CLEAR"),
)
ALL: tuple[test_walk.Action, ...] = (*test_walk.ALL, *(("keys", way) for way in OWN * 3))
walks = st.lists(st.sampled_from(ALL), min_size=30, max_size=40)


class Watched(test_walk.Watched):
    def judge(self, draft: Draft) -> None:
        if isinstance(draft.body, MallBilled):
            assert draft.postings == (), "a bill moves nothing"
        else:
            super().judge(draft)


@settings(max_examples=80, deadline=None)
@given(walks)
def test_a_walk_with_all_that_rules_can_do(walk: list[test_walk.Action]) -> None:
    shop = OwnShop(under=UNDER, online=True)
    shop.pins["member:M4"] = "4711"
    for member in ("M1", "M4"):
        shop.balance[accounts.bonus(member), Unit.BONUS, LOT] = 7777
        shop.balance[accounts.principal(member), Unit.PRINCIPAL, LOT] = 60000
        shop.balance[accounts.coupons(member), coupon_unit("ten"), LOT] = 3
    clerk = Watched(shop, auto=False)
    for what, how in walk:
        test_walk.play(clerk, what, how)
    test_walk.goes_home(clerk)
