"""`/1`: stored value is bought with what the pack gives for it, and taken back while unspent."""

import pytest

from daemon.counter.effects import Audience, DocumentKind
from daemon.counter.screens import Done, Idle, RefusalShown, Step, TotalShown
from daemon.display.refusals import refusal_text
from daemon.ledger import accounts
from daemon.ledger.bodies import TopUp, TopUpVoided
from tests.counter.clerk import Clerk
from tests.counter.test_shift import STOLEN, WANG, body, printed


def member(clerk: Clerk) -> str:
    known = clerk.shop.members[WANG]
    return known.facts.id


def held(clerk: Clerk, account: str) -> int:
    return clerk.shop.held(account)


def test_the_topup_of_1120() -> None:
    clerk = Clerk()
    clerk.swipes(WANG)
    clerk.keys("/1 300 ENTER")
    assert clerk.sees(Step).values == {"gives": "+100P"}
    clerk.keys("1")
    assert clerk.sees(TotalShown).due_fen == 30000
    clerk.keys("*2")
    bought = body(clerk)
    assert isinstance(bought, TopUp)
    assert (bought.amount_fen, bought.bonus_fen, bought.points) == (30000, 0, 100)
    assert bought.identity == "recorded"
    assert held(clerk, accounts.principal(member(clerk))) == 30000
    assert held(clerk, accounts.OWED_VALUE) == -30000
    assert printed(clerk) == [DocumentKind.TOPUP]
    done = clerk.sees(Done)
    assert (done.pay_fen, done.points) == (30000, 100)


def test_a_card_is_asked_where_nobody_stands_at_the_counter() -> None:
    clerk = Clerk()
    clerk.keys("/1")
    assert clerk.sees(Step).asks == "topup_card"
    clerk.swipes(STOLEN)
    assert clerk.sees(RefusalShown).code == "E03"
    clerk.swipes(WANG)
    clerk.keys("50 ENTER 0 100 ENTER")  # cash, with change
    bought = body(clerk)
    assert isinstance(bought, TopUp)
    assert bought.identity == "missing"
    assert held(clerk, accounts.CASH_DRAWER) == 5000


def test_a_card_holds_no_more_than_the_law_allows() -> None:
    clerk = Clerk()
    clerk.swipes(WANG)
    clerk.keys("/1 6000 ENTER")
    shown = clerk.sees(RefusalShown)
    assert shown.code == "E15"
    assert not clerk.shop.journal
    most = shown.values["x"].removesuffix(".00")
    assert refusal_text(shown, Audience.CUSTOMER, "zh_CN") == f"最多可充 {shown.values['x']}"
    clerk.keys("ENTER")
    clerk.keys(f"CLEAR CLEAR CLEAR CLEAR /1 ..{WANG} ENTER {int(most) + 1} ENTER")
    assert clerk.sees(RefusalShown).code == "E15"
    clerk.keys(f"CLEAR CLEAR CLEAR CLEAR /1 ..{WANG} ENTER {most} ENTER 1 *2 ENTER")
    bought = body(clerk)
    assert isinstance(bought, TopUp), "what the refusal says is what the card takes"


@pytest.mark.parametrize("tender", ["*3", "*6"])
def test_value_is_bought_with_money_alone(tender: str) -> None:
    clerk = Clerk()
    clerk.swipes(WANG)
    clerk.keys(f"/1 300 ENTER 1 {tender}")
    assert isinstance(clerk.clerk, RefusalShown)
    assert not clerk.shop.journal


def test_a_topup_is_taken_back_while_nothing_of_it_is_spent() -> None:
    clerk = Clerk()
    clerk.swipes(WANG)
    clerk.keys("/1 300 ENTER 1 *2")
    clerk.took()
    clerk.keys("CLEAR")
    clerk.swipes(WANG)
    clerk.keys("/1 -")
    rows = clerk.sees(Step).rows
    assert [row.fen for row in rows] == [30000]
    clerk.keys("1 ENTER")
    gone = body(clerk)
    assert isinstance(gone, TopUpVoided)
    assert held(clerk, accounts.principal(member(clerk))) == 0
    assert held(clerk, accounts.tender("wechat")) == 0
    assert printed(clerk) == [DocumentKind.TOPUP]
    clerk.keys("CLEAR")
    clerk.swipes(WANG)
    clerk.keys("/1 -")
    assert clerk.sees(RefusalShown).code == "E33"  # it is gone once
    clerk.keys("CLEAR CLEAR")
    assert isinstance(clerk.clerk, Idle)
