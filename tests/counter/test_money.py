"""Tenders at the total, and what the store answers."""

import pytest

from daemon.counter.effects import Commit, Committed, OpenDrawer, Print, Show, Sound
from daemon.counter.screens import (
    BasketShown,
    Checking,
    Done,
    RefusalShown,
    Step,
    TotalShown,
)
from daemon.events import CardRefused, DeviceChanged, DeviceKind, DeviceState
from tests.counter.clerk import Clerk
from tests.counter.demo import DemoShop
from tests.counter.test_day import CLEANSER, CREAM, done_of, sale_of


def total_of(clerk: Clerk) -> TotalShown:
    return clerk.sees(TotalShown)


# -- tenders ---------------------------------------------------------------------------------------


def test_less_cash_stays_open_and_the_rest_goes_on_another_tender() -> None:
    clerk = Clerk()
    clerk.scans(CREAM)
    clerk.keys("ENTER 100 ENTER")
    assert (total_of(clerk).due_fen, total_of(clerk).paid_fen) == (2000, 10000)
    clerk.keys("5*2")
    assert total_of(clerk).due_fen == 1500
    clerk.keys("-")
    assert total_of(clerk).due_fen == 2000
    clerk.keys("*5")
    assert [(one.code, one.amount_fen) for one in sale_of(clerk).tenders] == [
        ("cash", 10000),
        ("alipay", 2000),
    ]


def test_a_tender_without_change_takes_no_more_than_is_due() -> None:
    clerk = Clerk()
    clerk.scans(CREAM)
    clerk.keys("ENTER 121*2")
    assert clerk.clerk == RefusalShown("E22", {})
    clerk.keys("120*2")
    assert done_of(clerk).tenders == ("wechat",)
    assert OpenDrawer() not in clerk.took()


@pytest.mark.parametrize(("keyed", "kept"), [("778899 ENTER", "778899"), ("ENTER", "")])
def test_a_bank_slip_has_a_number_or_none(keyed: str, kept: str) -> None:
    clerk = Clerk()
    clerk.scans(CREAM)
    clerk.keys("ENTER *1")
    assert (clerk.sees(Step).code, clerk.sees(Step).asks) == ("21", "reference")
    clerk.tells(TotalShown)
    clerk.keys(keyed)
    assert sale_of(clerk).tenders[0].reference == kept


def test_far_too_much_cash_asks_once() -> None:
    clerk = Clerk()
    clerk.scans(CREAM)
    clerk.keys("ENTER 1200 ENTER")
    assert clerk.sees(Step).asks == "much_cash"
    clerk.keys("CLEAR 1200 ENTER ENTER")
    assert done_of(clerk).change_fen == 108000


def test_a_bouncing_enter_is_no_exact_cash() -> None:
    clerk = Clerk(DemoShop(guard_ms=400))
    clerk.scans(CREAM)
    clerk.keys("ENTER ENTER")
    assert total_of(clerk).due_fen == 12000
    clerk.shop.mono_ms += 400
    clerk.keys("ENTER")
    assert done_of(clerk).given_fen == 12000


def test_enter_over_a_refusal_at_the_total_takes_no_money() -> None:
    clerk = Clerk()
    clerk.scans(CREAM)
    clerk.keys("ENTER")
    clerk.does(CardRefused("E02"))
    clerk.keys("ENTER")
    assert total_of(clerk).due_fen == 12000
    clerk.keys("ENTER")
    assert sale_of(clerk).pay_fen == 12000


def test_a_failing_printer_is_told_to_the_clerk_and_stops_nothing() -> None:
    clerk = Clerk()
    clerk.scans(CREAM)
    clerk.keys("ENTER")
    printer = DeviceKind.RECEIPT_PRINTER
    clerk.does(DeviceChanged("printer", printer, DeviceState.OFFLINE, "cover open"))
    assert clerk.sees(RefusalShown).code == "E17"
    clerk.tells(TotalShown)
    clerk.keys("ENTER")
    assert sale_of(clerk).pay_fen == 12000


# -- outcomes --------------------------------------------------------------------------------------


def test_nothing_is_told_or_printed_before_the_commit() -> None:
    clerk = Clerk(auto=False)
    clerk.scans(CREAM)
    clerk.keys("ENTER 200")
    clerk.took()
    clerk.keys("ENTER")
    assert [type(effect) for effect in clerk.took()] == [Commit]
    clerk.durable()
    kinds = [type(effect) for effect in clerk.took()]
    assert kinds == [Print, OpenDrawer, Show, Show, Sound]


def test_an_unknown_outcome_is_being_checked_for_both_and_keys_are_lost() -> None:
    clerk = Clerk(auto=False)
    clerk.scans(CREAM)
    clerk.keys("ENTER ENTER")
    clerk.unknown()
    assert (clerk.clerk, clerk.customer) == (Checking(), Checking())
    clerk.keys("1 ENTER CLEAR CLEAR")
    clerk.scans(CLEANSER)
    assert clerk.clerk == Checking()
    clerk.durable()
    clerk.sees(Done)
    clerk.keys("4 ENTER")
    assert [line.product.sku for line in clerk.sees(BasketShown).quote.lines] == ["ZZ-004"]


def test_a_refused_commit_keeps_the_tenders_and_enter_tries_the_same_id_again() -> None:
    clerk = Clerk(auto=False)
    clerk.scans(CREAM)
    clerk.keys("ENTER 200 ENTER")
    first = clerk.pending
    clerk.refused()
    assert clerk.clerk == RefusalShown("E18", {"problem": "the medium is full"})
    assert clerk.customer == RefusalShown("E18", {})
    clerk.keys("CLEAR")
    assert (total_of(clerk).due_fen, total_of(clerk).paid_fen) == (0, 20000)
    clerk.keys("ENTER")
    assert first is not None
    assert clerk.pending is not None
    assert clerk.pending.id == first.id
    clerk.durable()
    assert done_of(clerk).change_fen == 8000


def test_one_fen_short_stays_open() -> None:
    clerk = Clerk()
    clerk.scans(CREAM)
    clerk.keys("ENTER 119.99*2")
    assert total_of(clerk).due_fen == 0  # cash: a fen is rounded away
    clerk.keys("*2")
    assert [one.amount_fen for one in sale_of(clerk).tenders] == [11999, 1]


def test_the_outcome_of_something_else_is_not_this_sale() -> None:
    other = Clerk()
    other.keys("/2 ..8800000001015 ENTER 1 13900000001 ENTER 0001 ENTER 1 ENTER 1 ENTER ENTER")
    clerk = Clerk(DemoShop(ids=7), auto=False)
    clerk.scans(CREAM)
    clerk.keys("ENTER ENTER")
    clerk.does(Committed(other.shop.journal[-1]))
    clerk.keys("1")
    assert clerk.pending is not None
    clerk.durable()
    assert done_of(clerk).pay_fen == 12000
