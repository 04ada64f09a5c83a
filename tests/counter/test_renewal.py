"""`/2` with a known card: the membership goes on; who lapsed comes back."""

import json
from datetime import timedelta

from daemon.counter.effects import DocumentKind, OpenDrawer
from daemon.counter.screens import Done, RefusalShown, Step, TotalShown
from daemon.ledger import accounts
from daemon.ledger.bodies import MemberRenewed, Tender
from daemon.ledger.kinds import Kind, Unit, coupon_unit
from tests.counter.clerk import Clerk
from tests.counter.test_day import CLEANSER, CREAM
from tests.counter.test_shift import STOLEN, WANG, body, printed, sold
from tests.counter.test_wallet import OwnShop
from tests.rules.shop import ZHENZI, engine_of

LAPSED = "8800000000070"
BACK = {
    "channels": [{"kind": "fee", "amount_fen": 3210, "gifts": [{"sku": "MAG"}, {"sku": "NONE"}]}],
    "before": "P30D",
    "grace": "P1Y",
    "rewards": [
        {"id": "again", "points": 50},
        {"id": "thanks", "coupon": {"kind": "voucher", "value_fen": 1000, "life": "P1M"}},
    ],
}


def renewed(clerk: Clerk) -> MemberRenewed:
    found = body(clerk)
    assert isinstance(found, MemberRenewed)
    return found


def at_the_end() -> Clerk:
    """Return a clerk of 20 April: Wang's membership ends on 5 May."""
    clerk = Clerk(OwnShop())
    clerk.shop.wall += timedelta(days=45)
    return clerk


def test_early_it_counts_from_the_old_end() -> None:
    clerk = at_the_end()
    clerk.keys("/2")
    clerk.swipes(WANG)
    shown = clerk.sees(Step)
    assert (shown.asks, (shown.values or {})["until"]) == ("renew_channel", "2026-05-05")
    clerk.keys("1")
    assert clerk.sees(TotalShown).due_fen == 4800
    clerk.keys("50 ENTER")
    said = renewed(clerk)
    assert (said.term_from or "")[:10] == "2026-05-05"
    assert (said.term_ends or "")[:10] == "2027-05-05"
    assert said.tenders == (Tender("cash", 4800, 5000, 200),)
    assert clerk.shop.held(accounts.SALES_FEE) == -4800
    assert clerk.sees(Done).change_fen == 200
    effects = clerk.took()
    assert OpenDrawer() in effects
    known = clerk.shop.member_by_card(WANG)
    assert known is not None and known.facts.term_ends is not None
    assert known.facts.term_ends.date().isoformat() == "2027-05-05"


def test_who_lapsed_comes_back_from_today_and_has_his_prices_again() -> None:
    clerk = Clerk(OwnShop())
    clerk.swipes(LAPSED)
    assert clerk.sees(RefusalShown).code == "E05"
    clerk.keys("/2 1 *2")
    assert (renewed(clerk).term_ends or "")[:10] == "2027-03-06"
    assert renewed(clerk).tenders == (Tender("wechat", 4800),)
    assert printed(clerk) == [DocumentKind.RENEWAL]
    clerk.keys("CLEAR CLEAR")
    clerk.swipes(LAPSED)
    sold(clerk, CREAM)
    assert clerk.shop.journal[-1].entry.kind is Kind.SALE
    assert clerk.sees(Done).points == 120


def test_a_purchase_of_today_renews_once() -> None:
    clerk = Clerk(OwnShop())
    clerk.swipes(LAPSED)
    sold(clerk, CREAM)
    clerk.swipes(LAPSED)
    clerk.keys("/2 2")
    assert clerk.sees(RefusalShown).code == "E11"  # 120.00 is not enough
    clerk.keys("CLEAR CLEAR CLEAR")
    clerk.swipes(LAPSED)
    sold(clerk, CREAM, CLEANSER)
    clerk.swipes(LAPSED)
    clerk.keys("/2 2")
    assert (renewed(clerk).channel, renewed(clerk).fee_fen) == ("purchase", 0)
    assert clerk.shop.journal[-1].entry.re == "0018.1:2"
    clerk.shop.wall += timedelta(days=360)
    clerk.swipes(LAPSED)
    clerk.keys("/2 2")
    assert clerk.sees(RefusalShown).code == "E11"  # the larger one renewed him already


def test_too_early_says_from_when_on() -> None:
    clerk = Clerk(OwnShop())
    clerk.swipes(WANG)
    clerk.keys("/2")
    assert clerk.sees(RefusalShown).code == "E43"
    assert clerk.sees(RefusalShown).values["date"] == "2026-04-05"
    clerk.keys("CLEAR CLEAR CLEAR /2")
    clerk.swipes(WANG)
    assert clerk.sees(RefusalShown).code == "E12"  # where a blank card is asked: a used one


def test_a_lost_card_renews_nothing_and_a_pack_may_say_nothing_of_it() -> None:
    clerk = Clerk(OwnShop())
    clerk.keys("/2")
    clerk.swipes(STOLEN)
    assert clerk.sees(RefusalShown).code == "E03"
    other = Clerk(OwnShop(under=engine_of(enrol={**json.loads(ZHENZI)["enrol"], "renew": None})))
    other.swipes(LAPSED)
    other.keys("/2")
    assert other.sees(RefusalShown).values["why"] == "no_renewal"


def test_what_a_renewal_gives_and_what_is_not_here_waits() -> None:
    clerk = Clerk(OwnShop(under=engine_of(enrol={**json.loads(ZHENZI)["enrol"], "renew": BACK})))
    before = clerk.shop.points("M7"), clerk.shop.stock("MAG")
    clerk.swipes(LAPSED)
    clerk.keys("/2 1 ENTER")
    said = renewed(clerk)
    assert (said.term_ends or "")[:10] == "2026-12-10"  # within the grace: from the old end
    assert [(item.sku, item.owed) for item in said.welcome] == [("MAG", False), ("NONE", True)]
    assert (clerk.shop.points("M7"), clerk.shop.stock("MAG")) == (before[0] + 50, before[1] - 1)
    assert clerk.shop.held(accounts.waiting("M7")) == 1
    units = {
        unit for (name, unit, _), n in clerk.shop.balance.items() if n and name == "coupons:M7"
    }
    assert units == {coupon_unit("voucher")}
    assert said.rounding_fen == 0
    assert Unit.POINT in {lot.unit for lot in said.lots}


def test_where_only_a_purchase_renews_the_card_is_known_for_it() -> None:
    only = {"channels": [{"kind": "purchase", "min_single_fen": 10000}], "before": "P30D"}
    enrol = {**json.loads(ZHENZI)["enrol"], "renew": only}
    clerk = Clerk(OwnShop(under=engine_of(enrol=enrol)))
    clerk.swipes(LAPSED)
    sold(clerk, CREAM)
    clerk.keys("/2")
    clerk.swipes(LAPSED)
    assert clerk.sees(Step).asks == "renew_channel"
    clerk.keys("2")
    assert renewed(clerk).channel == "purchase"
