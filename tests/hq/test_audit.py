"""The yearly check of points: counted, compared with the paper, decided, taken back."""

from pathlib import Path

import pytest

from hq import (
    audit,
    auditcount,
    auditpaper,
)
from hq.audit import Audit
from tests.hq.auditing import DAY, begun, classes, earn, paper, shops_under_check
from tests.sync.shops import CARD, OTHER, Shops


@pytest.fixture
def shops(tmp_path: Path) -> Shops:
    return shops_under_check(tmp_path)


# -- counting ----------------------------------------------------------------------------------


def test_a_statement_is_made_of_shops_and_adds_up_to_the_books(shops: Shops) -> None:
    member = shops.member(CARD)
    earn(shops.other, member, 40)
    shops.home.spend(member, 120)
    shops.run(20)
    one = begun(shops)
    said = auditcount.card(shops.world.office, one, CARD)
    assert said is not None and said.clears
    assert (said.total.opening, said.total.closing) == (0, 540)
    assert said.total.moved == {"earned": 660, "spent": -120}
    assert said.shops["0002"].moved == {"earned": 40}
    assert said.shops["0001"].moved == {"spent": -120, "moved": 620}
    assert auditcount.ages_s(shops.world.office, one).keys() == {"0001", "0002"}
    later = audit.undo(shops.world.office, operator="anna")
    assert later.what == "start" and audit.latest(shops.world.office) is None


def test_what_was_before_the_first_day_is_the_opening(shops: Shops) -> None:
    office, member = shops.world.office, shops.member(CARD)
    for points in (5, 6):
        earn(shops.home, member, points)
    shops.run(20)
    shops.world.pass_time(86_400_000)
    for points in (20, 30):
        earn(shops.home, member, points)
    shops.home.spend(member, 1)
    shops.sync(shops.home)
    one = audit.start(office, operator="anna", day="2026-03-07", since="2026-03-07")
    auditcount.count(office, one, per_turn=2)
    said = auditcount.card(office, one, CARD)
    assert said is not None
    assert (said.total.opening, said.total.closing) == (631, 680)
    assert said.total.moved == {"earned": 50, "spent": -1}


def test_counting_goes_on_where_a_process_died(shops: Shops) -> None:
    member = shops.member(CARD)
    for points in range(1, 9):
        earn(shops.home, member, points)
    shops.run(30)
    office = shops.world.office
    one = audit.start(office, operator="anna", day=DAY)

    class Died(Exception):
        pass

    def dies(done: int, of: int) -> None:
        if done * 2 > of:
            raise Died

    with pytest.raises(Died):
        auditcount.count(office, one, dies, per_turn=3)
    auditcount.count(office, one)
    said = auditcount.card(office, one, CARD)
    assert said is not None and said.total.moved == {"earned": 656}
    assert said.total.opening + 656 == said.total.closing == shops.in_all(CARD)


# -- the paper ---------------------------------------------------------------------------------


def test_every_mistake_of_a_file_is_named_and_nothing_is_taken(
    shops: Shops, tmp_path: Path
) -> None:
    one = begun(shops)
    path = tmp_path / "paper.csv"
    path.write_text(
        f"card,points\n{CARD},12\n{CARD},13\n8800000000999,5\nabc,1\n{OTHER},many\n{OTHER},-1\n",
        encoding="utf-8",
    )
    done = auditpaper.import_paper(shops.world.office, one, path, operator="anna")
    assert [(wrong.line, wrong.column, wrong.value) for wrong in done.mistakes] == [
        (3, "card", CARD),
        (4, "card", "8800000000999"),
        (5, "card", "abc"),
        (6, "points", "many"),
        (7, "points", "-1"),
    ]
    assert all(wrong.allowed for wrong in done.mistakes)
    assert classes(shops, one) == {}
    assert [event.what for event in audit.events(shops.world.office, one)] == ["start"]


EXPLAINED = (
    (620, "older"),
    (684, "older"),
    (504, "missing"),
    (560, "missing"),
    (624, "twice"),
    (444, "twice"),
    (0, "zero"),
    (500, "one_shop"),
    (654, "digits"),
    (123, "unexplained"),
)


def test_a_difference_is_explained_by_the_entries_of_the_card(shops: Shops, tmp_path: Path) -> None:
    """Granted by HQ 620, earned elsewhere 60 and 4, spent at home 120: the books say 564."""
    one = _with_history(shops, shops.member(CARD))
    for figure, cls in EXPLAINED:
        paper(shops, one, tmp_path, **{f"c{CARD}": figure})
        found = {said.card: said for said in auditpaper.differences(shops.world.office, one)}
        assert found[CARD].cls == cls, (figure, found[CARD].why)
        assert found[CARD].by == figure - 564
        if cls in ("missing", "twice"):
            assert abs(found[CARD].entries[0].amount) == abs(figure - 564)
        assert found[OTHER].cls == "not_on_paper"


def _with_history(shops: Shops, member: str) -> Audit:
    for points in (60, 4):
        earn(shops.other, member, points)
        shops.run(10)
    shops.home.spend(member, 120)
    shops.run(10)
    return begun(shops)
