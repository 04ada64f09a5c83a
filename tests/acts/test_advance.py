"""Points lent above the holding: owed by the same entry, paid back by grants and by the return."""

from pathlib import Path

from daemon.ledger import accounts
from daemon.ledger.acts.claims import to_lend
from daemon.ledger.acts.moves import Member
from daemon.ledger.kinds import Unit, claim_unit
from daemon.ledger.lots import LENT
from tests.acts.test_returning import owed
from tests.acts.till import Till, cash, line
from tests.acts.worked_asked import lend
from tests.ledger.invariants import check, entries_of


def opened(folder: Path, points: int = 10) -> Till:
    till = Till(folder)
    till.admit("M1")
    if points:
        till.done("points.granted", member="M1", points=points, reason="festival")
    return till


def known(till: Till) -> Member:
    return till.facts.member("M1")


def close(till: Till, floor: int = 0) -> None:
    """The invariants hold for all that was committed."""
    (chain, head), *_ = till.store.chains()
    check(entries_of(till.store.read(chain.epoch, 1, head.seq)), floor_points=floor)
    till.close()


def test_one_entry_lends_spends_and_owes(tmp_path: Path) -> None:
    till = opened(tmp_path)
    lend(till, "M1", 30, advance=20)
    assert (till.points("M1"), owed(till)) == (0, 20)
    assert till.has(accounts.spent(Unit.POINT), Unit.POINT) == 30
    till.done("points.granted", member="M1", points=15, reason="festival")
    assert (till.points("M1"), owed(till)) == (0, 5), "the next grant pays it back"
    till.done("points.granted", member="M1", points=15, reason="festival")
    assert (till.points("M1"), owed(till)) == (10, 0)
    close(till, 20)


def test_what_a_member_owes_here_counts_against_the_floor(tmp_path: Path) -> None:
    till = opened(tmp_path)
    assert to_lend(known(till), 25) == 25
    lend(till, "M1", 30, advance=20)
    assert [to_lend(known(till), floor) for floor in (25, 20, 0)] == [5, 0, 0]
    till.done("points.granted", member="M1", points=15, reason="festival")
    assert to_lend(known(till), 25) == 20
    close(till, 20)


def test_a_claim_of_a_return_counts_too(tmp_path: Path) -> None:
    till = opened(tmp_path, 0)
    lines = [line(1, "A", 6800, points=68)]
    sale = till.done("sale", member="M1", lines=lines, tenders=cash(6800), points=68)
    till.done("points.redeemed", member="M1", rule="g", points=50, sku="TOY")
    till.done("return", sale=sale, lines=[{"n": 1, "qty": 1}])
    assert (owed(till), to_lend(known(till), 60)) == (50, 10)
    close(till)


def test_goods_that_come_back_bring_the_lent_points_back_to_the_claim(tmp_path: Path) -> None:
    till = opened(tmp_path)
    sale = lend(till, "M1", 30, advance=20)
    till.done("return", sale=sale, lines=[{"n": 1, "qty": 1}])
    assert (till.points("M1"), owed(till)) == (10, 0), "as before the sale"
    close(till, 20)


def test_paid_back_before_the_goods_come_back_they_are_his(tmp_path: Path) -> None:
    till = opened(tmp_path)
    sale = lend(till, "M1", 30, advance=20)
    till.done("points.granted", member="M1", points=20, reason="festival")
    till.done("return", sale=sale, lines=[{"n": 1, "qty": 1}])
    assert (till.points("M1"), owed(till)) == (30, 0)
    sources = {lot.lot: lot.source for lot in known(till).purse(Unit.POINT)}
    assert sources[f"{sale}:2"] == LENT
    close(till, 20)


def test_who_owes_points_gives_none_away(tmp_path: Path) -> None:
    till = opened(tmp_path)
    till.admit("M2")
    lend(till, "M1", 30, advance=20)
    assert till.code("points.transferred", member="M1", to="M2", amount=1) == "not_allowed"
    assert known(till).of(accounts.claim("M1"), claim_unit(Unit.POINT))[0].amount == 20
    close(till, 20)
