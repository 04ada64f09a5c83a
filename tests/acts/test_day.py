"""The rest of the demo shop's day by the API: its own figures come out, day sums too."""

from pathlib import Path

from daemon.ledger import accounts
from daemon.ledger.kinds import Unit
from tests.acts.till import Till, cash, line, wechat

DATE = "2026-03-06"
CASH, WECHAT = accounts.CASH_DRAWER, accounts.tender("wechat")


def test_the_demo_day(tmp_path: Path) -> None:
    till = Till(tmp_path)
    for member, points in (("M1", 620), ("M2", 812), ("M3", 0)):
        till.admit(member, points)
    bought = morning(till)
    lipstick = noon(till)
    even_swap(till, lipstick)
    gift = till.done(
        "points.redeemed", member="M2", rule="gift1", points=800, sku="GIFT1", from_="hq"
    )
    assert till.points("M2") == 101
    assert till.body(gift)["promised"] is True
    back = till.done("return", sale=bought, lines=[{"n": 2, "qty": 1}], reason=1)
    assert till.body(back)["pay_fen"] == 6800
    assert till.points("M1") == 840
    essence = [line(1, "ZZ-005", 16800, points=168)]
    till.done("sale", member="M1", lines=essence, value_fen=16800, points=168)
    assert till.points("M1") == 1008
    assert till.has(accounts.principal("M1"), Unit.PRINCIPAL) == 13200
    day_sums(till)
    till.close()


def morning(till: Till) -> str:
    """10:15 to 11:20; return the sale of 10:40."""
    anonymous = [line(1, "ZZ-001", 6800), line(2, "ZZ-004", 12000)]
    till.done("sale", lines=anonymous, tenders=cash(18800))
    till.done("points.granted", member="M3", points=100, reason="join")
    bought = till.done(
        "sale",
        member="M1",
        lines=[
            line(1, "ZZ-004", 12000, points=120),
            line(2, "ZZ-001", 6800, points=68),
            line(3, "ZZ-016", 3000, at_list=4500),
            line(4, "ZZ-015", 990, at_list=2900),
        ],
        tenders=cash(22790),
        points=188,
    )
    assert till.points("M1") == 808
    till.done("topup", member="M1", amount_fen=30000, tenders=wechat(30000), points=100)
    assert till.points("M1") == 908
    assert till.has(accounts.principal("M1"), Unit.PRINCIPAL) == 30000
    return bought


def noon(till: Till) -> str:
    """12:05 and 14:05; return the sale of 12:05."""
    lipstick = [line(1, "ZZ-011", 8900, points=89)]
    bought = till.done("sale", member="M2", lines=lipstick, tenders=wechat(8900), points=89)
    till.done(
        "sale",
        member="M3",
        lines=[line(1, "ZZ-018", 1980, qty=2, points=19), line(2, "SOAP", 1263, qty=45, points=13)],
        tenders=cash(3240),
        rounding_fen=3,
        points=32,
    )
    return bought


def even_swap(till: Till, sale: str) -> None:
    """15:30"""
    before = till.points("M2")
    swap = till.done(
        "exchange",
        sale=sale,
        back=[{"n": 1, "qty": 1}],
        lines=[line(1, "ZZ-012", 8900, points=89)],
        points=89,
        reason=4,
    )
    assert till.points("M2") == before == 901
    assert till.body(swap)["net_fen"] == till.body(swap)["points_net"] == 0
    assert till.store.books.stock("ZZ-011") == 0
    assert till.store.books.stock("ZZ-012") == -1


def day_sums(till: Till) -> None:
    """21:30"""
    totals = {(one.kind, one.tender): one.amount_fen for one in till.store.books.day_totals(DATE)}
    assert totals["sale", ""] == 70533 - 3
    assert totals["return", ""] == -6800
    assert totals["exchange", ""] == 0
    assert totals["topup", ""] == 30000
    assert totals["sale", "cash"] + totals["return", "cash"] == 38030
    assert totals["sale", "wechat"] == 8900
    assert totals["sale", "stored_value"] == 16800
    assert till.has(accounts.SALES_GOODS) == -(63730 + 3)
    assert till.has(accounts.ROUNDING_CASH) == 3
    assert till.has(CASH) == 68030
    assert till.has(WECHAT) == 38900
    assert till.has(accounts.OWED_VALUE) == -13200
    moved = till.store.purses.moved
    assert moved(accounts.ISSUED_POINTS, Unit.POINT, DATE) == (0, -677)
    assert moved(accounts.voided(Unit.POINT), Unit.POINT, DATE) == (68, 0)
    assert moved(accounts.spent(Unit.POINT), Unit.POINT, DATE) == (800, 0)
