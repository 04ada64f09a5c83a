"""Reports of what was sold: people, goods and hours add up to one sum, which is the Z's."""

from pathlib import Path

from daemon.ledger import daybook
from daemon.ledger.shopreport import ShopReport
from tests.acts.test_day import DATE, even_swap, morning, noon
from tests.acts.till import Till, cash, line

LI, ZHOU = {"staff": "02", "share": 7000}, {"staff": "03", "share": 3000}


def report(till: Till, since: str = DATE) -> ShopReport:
    found = daybook.report(till.store, since)
    sums = [
        sum(tally.fen for tally in part.values())
        for part in (found.staff, found.goods, found.hours)
    ]
    assert sums == [found.sales.fen] * 3
    totals, _ = daybook.z_totals(till.store, DATE)
    assert found.sales.fen == totals.goods_net_fen + totals.rounding_fen
    assert found.sales.count == totals.sales
    return found


def test_the_day_adds_up_by_people_goods_and_hours(tmp_path: Path) -> None:
    till = Till(tmp_path)
    for member, points in (("M1", 620), ("M2", 812), ("M3", 0)):
        till.admit(member, points)
    bought = morning(till)
    even_swap(till, noon(till))
    before = report(till)
    till.done("return", sale=bought, lines=[{"n": 2, "qty": 1}], reason=1)
    after = report(till)
    assert after.sales.fen == before.sales.fen - 6800
    assert after.goods["ZZ-001"].count == before.goods["ZZ-001"].count - 1
    assert after.members.fen == before.members.fen - 6800
    till.close()


def test_guides_share_a_sale_and_what_comes_back_of_it(tmp_path: Path) -> None:
    till = Till(tmp_path)
    sold = till.done(
        "sale",
        lines=[line(1, "ZZ-004", 10001)],
        tenders=cash(10001),
        guides=[LI, ZHOU],
        commission=[{"staff": "02", "amount_fen": 70}, {"staff": "03", "amount_fen": 30}],
    )
    found = report(till)
    assert {no: (one.fen, one.count) for no, one in found.staff.items()} == {
        "02": (7001, 1),
        "03": (3000, 1),
    }
    assert found.staff["02"].commission_fen == 70
    till.done("sale.voided", sale=sold)
    found = daybook.report(till.store, DATE)
    assert {no: (one.fen, one.commission_fen) for no, one in found.staff.items()} == {
        "02": (0, 0),
        "03": (0, 0),
    }
    assert (found.sales.fen, found.sales.count) == (0, 0)
    till.close()


def test_a_month_begins_at_its_first_day_that_sold_anything(tmp_path: Path) -> None:
    till = Till(tmp_path)
    till.done("sale", lines=[line(1, "ZZ-004", 12000)], tenders=cash(12000))
    assert daybook.report(till.store, "2026-03-01").sales.fen == 12000
    assert daybook.report(till.store, "2026-04-01").sales.fen == 0
    till.close()


def test_shares_of_cards_and_the_ranking_of_goods_are_those_of_the_sales(tmp_path: Path) -> None:
    """S0-104, S0-80, S0-81: how many sales had a card, what sold best, and at which hours."""
    till = Till(tmp_path)
    till.admit("M1")
    for hours, member, sku, fen in (
        (0, "M1", "ZZ-004", 12000),
        (1, "", "ZZ-001", 6800),
        (1, "M1", "ZZ-004", 12000),
    ):
        till.later(hours=hours)
        till.done("sale", member=member, lines=[line(1, sku, fen)], tenders=cash(fen))
    found = report(till)
    assert (found.members.count, found.sales.count) == (2, 3)
    assert (found.members.fen, found.sales.fen) == (24000, 30800)
    assert {sku: (one.count, one.fen) for sku, one in found.goods.items()} == {
        "ZZ-004": (2, 24000),
        "ZZ-001": (1, 6800),
    }
    assert {hour: one.fen for hour, one in found.hours.items()} == {
        10: 12000,
        11: 6800,
        12: 12000,
    }
    till.close()
