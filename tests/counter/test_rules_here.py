"""What the pack says beside prices and points, as the counter's entries say it."""

from collections.abc import Callable
from typing import cast

import pytest
from msgspec import structs

from daemon.counter.actbooks import ActBooks
from daemon.counter.asof import as_of
from daemon.ledger import accounts
from daemon.ledger.bodies import CardChanged, LevelChanged, MemberEnrolled, Sale, TopUp, TopUpVoided
from daemon.ledger.kinds import Kind
from daemon.ledger.records import Entry
from tests.counter.clerk import Clerk
from tests.counter.test_day import CREAM
from tests.counter.test_shift import WANG, body, sold
from tests.counter.test_wallet import OwnShop, counter, rules_section, sale_of
from tests.rules.shop import NOON, engine_of, m1

VALUE = {
    **rules_section("stored_value"),
    "cards": [
        {"id": "t1000", "min_fen": 100000},
        {"id": "t3000", "min_fen": 300000, "inherits": "t1000"},
    ],
}
SHARES = [
    {"id": "cards", "payee": "employee", "base": "fees", "basis_points": 1000},
    {"id": "value", "payee": "employee", "base": "topups", "basis_points": 50},
]
LEVELS = {
    "growth": [
        {"id": "grow", "on": "topup", "step_fen": 10000, "growth": 1},
        {"id": "start", "on": "enrol", "growth": 7},
    ],
    "window": "P1Y",
    "list": [{"id": "basic", "name": "普通", "needs": {"growth": 5, "max_single_topup": 1}}],
}


def test_a_sale_that_began_under_one_version_ends_under_it() -> None:
    clerk = Clerk(OwnShop())
    shop = clerk.shop
    assert isinstance(shop, OwnShop)
    begun = shop.under
    clerk.swipes(WANG)
    clerk.scans(CREAM)
    shop.under = engine_of(version=begun.ref.version + 1 if begun.ref else 1, earn=[])
    clerk.keys("ENTER ENTER")
    first = shop.journal[-1].entry
    sold(clerk, CREAM)
    assert (first.pack, sale_points(first)) == (begun.ref, 120)
    assert (shop.journal[-1].entry.pack, sale_of(clerk).points) == (shop.under.ref, 0)


def sale_points(entry: Entry) -> int:
    assert isinstance(entry.body, Sale)
    return entry.body.points


def test_a_topup_grows_makes_a_card_type_and_brings_its_commission() -> None:
    clerk = counter(stored_value=VALUE, commissions=SHARES, levels=LEVELS)
    clerk.swipes(WANG)
    clerk.keys("/1 3001 ENTER 1 *2")
    bought = body(clerk)
    assert isinstance(bought, TopUp)
    assert (bought.growth, bought.benefits, bought.had) == (30, ("t3000", "t1000"), ())
    counts = {use.what: use.amount for use in bought.uses}
    assert counts == {"topup": 1, "@topup:300100": 1, "@growth": 30}
    assert [(one.staff, one.amount_fen) for one in bought.commission] == [("02", 1500)]
    assert clerk.shop.held(accounts.commission("02")) == -1500
    clerk.swipes(WANG)
    clerk.keys("/1 - 1 ENTER")
    undone = body(clerk)
    assert isinstance(undone, TopUpVoided)
    assert (undone.benefits, undone.commission) == ((), bought.commission)
    assert clerk.shop.held(accounts.commission("02")) == 0
    assert clerk.shop.held(accounts.growth("M1")) == 0


def test_a_card_that_is_sold_brings_its_commission_and_its_growth() -> None:
    clerk = counter(commissions=SHARES, levels=LEVELS)
    clerk.keys("/2")
    clerk.swipes("8800000001022")
    clerk.keys("1 13900000001 ENTER 0001 ENTER 1 ENTER 1 ENTER *2")
    joined = body(clerk)
    assert isinstance(joined, MemberEnrolled)
    assert (joined.growth, [use.what for use in joined.uses]) == (7, ["@growth"])
    assert [(one.staff, one.amount_fen) for one in joined.commission] == [("02", 480)]
    assert clerk.shop.held(accounts.COMMISSION_COST) == 480


@pytest.mark.parametrize(("said", "waits"), [("later", ["6999999999995"]), ("no", [])])
def test_goods_that_nobody_has_listed_stand_in_the_sale_by_their_code(
    said: str, waits: list[str]
) -> None:
    clerk = counter(unlisted=said)
    clerk.swipes(WANG)
    clerk.scans("6999999999995")
    clerk.keys("20 + 5 + ENTER ENTER")  # the second without a code: nobody will ever know it
    sale = sale_of(clerk)
    assert [line.code for line in sale.lines] == ["6999999999995", ""]
    assert [one.code for one in sale.later] == waits
    assert sale.points == 0


class _Entries:
    """Books that hold these entries, the newest first."""

    def __init__(self, *entries: Entry) -> None:
        self._entries = entries

    def find(self, wanted: Callable[[Entry], bool], *, most: int) -> tuple[Entry, ...]:
        return tuple(filter(wanted, self._entries))[:most]


def test_a_level_that_came_after_the_sale_counts_for_nothing_late() -> None:
    clerk = Clerk(OwnShop())
    sold(clerk, CREAM)
    sale = clerk.shop.journal[-1].entry

    def entry(seq: int, kind: Kind, said: LevelChanged | CardChanged) -> Entry:
        return structs.replace(sale, seq=seq, kind=kind, body=said)

    earlier = entry(0, Kind.LEVEL_CHANGED, LevelChanged("M1", "silver", "basic"))
    rose = entry(2, Kind.LEVEL_CHANGED, LevelChanged("M1", "gold", "silver"))
    again = entry(3, Kind.LEVEL_CHANGED, LevelChanged("M1", "jade", "gold"))
    other = entry(4, Kind.LEVEL_CHANGED, LevelChanged("M2", "gold", "none"))
    frozen = entry(5, Kind.CARD_FROZEN, CardChanged("8800000000018", "M1"))
    books = cast("ActBooks", _Entries(frozen, other, again, rose, earlier))
    now = structs.replace(m1(status="frozen"), level="jade")
    then = as_of(now, structs.replace(sale, seq=1), books)
    assert (then.level, then.status) == ("silver", "active")


def test_who_was_frozen_when_the_receipt_was_made_earns_nothing_late() -> None:
    clerk = Clerk(OwnShop())
    sold(clerk, CREAM)
    sale = clerk.shop.journal[-1].entry
    freed = structs.replace(
        sale, seq=9, kind=Kind.CARD_UNFROZEN, body=CardChanged("8800000000018", "M1")
    )
    then = as_of(m1(), sale, cast("ActBooks", _Entries(freed)))
    assert then.status == "frozen"
    standing = clerk.shop.engine().sale.standing(then, NOON)
    assert not standing.earns and not standing.member_prices
