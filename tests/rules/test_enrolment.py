"""Ways in, and what lapses in December."""

import pytest

from daemon.ledger.bodies import NewLot, Welcome
from daemon.ledger.views import LotRow
from daemon.rules.engine import NO_PACK
from daemon.rules.periods import later, span
from daemon.rules.tenders import Paid
from daemon.rules.types import EnrolmentOffer, KeyedTender, Refusal
from tests.rules.shop import CREAM, NOON, at, engine, engine_of, line, m1, quote, settle


def offered(channel: str, sale_pay_fen: int | None = None) -> EnrolmentOffer:
    offer = engine().offer(channel, counted=sale_pay_fen, at=NOON)
    assert isinstance(offer, EnrolmentOffer), offer
    return offer


def refused(channel: str, sale_pay_fen: int | None = None) -> Refusal:
    refusal = engine().offer(channel, counted=sale_pay_fen, at=NOON)
    assert isinstance(refusal, Refusal), refusal
    return refusal


def test_a_fee_of_48_yuan_buys_a_year() -> None:
    offer = offered("fee")
    assert (offer.fee_fen, offer.points, offer.terms) == (4800, 100, "ZZ-HY-2026-01")
    assert (offer.joined, offer.term_ends) == (NOON, at("2027-03-06T12:00:00"))
    assert offer.welcome == (Welcome("CARD", 1),)
    assert offer.lots == (NewLot(1, "point", "join"),)


def test_one_purchase_of_150_yuan_lets_in_with_the_whole_pack() -> None:
    offer = offered("purchase", 15000)
    assert (offer.fee_fen, offer.points) == (0, 100)
    assert [item.sku for item in offer.welcome] == ["CARD", "MAG", "CREAM", "BOOK"]
    small = refused("purchase", 14999)
    assert (small.code, small.values) == ("purchase_too_small", {"x": "149.99", "min": "150.00"})


def test_what_nobody_can_join_by() -> None:
    assert refused("purchase").code == "not_allowed"
    assert refused("raffle").code == "not_allowed"
    assert isinstance(NO_PACK.offer("fee", counted=None, at=NOON), Refusal)


def test_a_fee_is_paid_like_a_bill() -> None:
    assert engine().due_of(4803, (), "cash") == 4800
    paid = engine().pay(4803, (KeyedTender("cash", 5000),), ())
    assert isinstance(paid, Refusal)  # an empty tender table takes no money


def test_nothing_to_pay_needs_no_tender() -> None:
    assert engine().pay(0, (), ()) == Paid((), 0, 0)


@pytest.mark.parametrize(
    ("joined", "when", "day"),
    [
        ("2025-05-05T00:00:00", "2026-03-06T10:40:00", "2026-12-15"),  # the worked receipt
        ("2013-12-15T18:00:00", "2014-12-14T23:59:59", "2014-12-15"),  # 满一年 is inclusive
        ("2013-12-16T00:00:00", "2014-12-14T23:59:59", "2015-12-15"),
        ("2013-12-10T00:00:00", "2014-12-15T23:59:59", "2014-12-15"),  # until somebody confirms
        ("2013-12-10T00:00:00", "2014-12-16T00:00:00", "2015-12-15"),
        ("2026-01-05T00:00:00", "2026-03-06T10:40:00", "2027-12-15"),
    ],
)
def test_when_the_december_check_reaches_a_card(joined: str, when: str, day: str) -> None:
    lots = [lot(620), lot(188)]
    assert engine().expiring(lots, at(joined), at(when)) == ((day, 808),)


def test_a_lot_with_a_date_of_its_own_lapses_sooner() -> None:
    lots = [lot(5, expires="2026-06-01T00:00:00+08:00"), lot(7), lot(9, unit="principal"), lot(0)]
    joined = at("2025-05-05T00:00:00")
    assert engine().expiring(lots, joined, NOON) == (("2026-06-01", 5), ("2026-12-15", 7))


def test_points_carry_the_day_on_which_they_lapse_by_themselves() -> None:
    rules = engine_of(expiry={"kind": "year_roll", "years": 2, "month": 1, "day": 1})
    offer = rules.offer("fee", counted=None, at=NOON)
    assert isinstance(offer, EnrolmentOffer)
    ends = "2028-01-01T00:00:00+08:00"
    assert offer.lots == (NewLot(1, "point", "join", ends),)
    sold = settle(
        quote([line(1, CREAM)], m1(), NOON, rules), KeyedTender("cash", None), rules=rules
    )
    assert [one.expires for one in sold.lots] == [ends]
    assert rules.expiring([lot(5)], NOON, NOON) == (("2028-01-01", 5),)


def test_what_never_lapses() -> None:
    assert engine_of(expiry={"kind": "never"}).expiring([lot(5)], NOON, NOON) == ()
    assert engine().expiring([lot(5)], None, NOON) == ()  # a visitor's card has no age here


def lot(amount: int, *, unit: str = "point", expires: str | None = None) -> LotRow:
    granted = "2026-01-01T00:00:00+08:00"
    return LotRow("0018.1:1:1", "points:M1", unit, amount, granted, expires, "sale")


@pytest.mark.parametrize(
    ("start", "period", "end"),
    [
        ("2024-02-29T10:00:00", "P1Y", "2025-02-28T10:00:00"),
        ("2026-01-31T10:00:00", "P1M", "2026-02-28T10:00:00"),
        ("2026-12-31T10:00:00", "P2M1D", "2027-03-01T10:00:00"),
        ("2026-03-06T10:00:00", "P30D", "2026-04-05T10:00:00"),
    ],
)
def test_month_ends_clamp(start: str, period: str, end: str) -> None:
    assert later(at(start), span(period)) == at(end)
