"""The complaint desk: one member whole, a statement that adds up, and what two persons change."""

from pathlib import Path

import pytest

from daemon.ledger import accounts
from hq import corrected, desk, memberlist, page
from hq.corrections import NotTwoPersons, Signed, adjust
from hq.statement import statement
from tests.hq.auditing import earn, settle
from tests.sync.shops import CARD, Shops

TWO = Signed("the till was down", "anna", "bo")


@pytest.fixture
def shops(tmp_path: Path) -> Shops:
    return Shops(tmp_path)


def test_a_statement_names_every_movement_with_shop_and_receipt(shops: Shops) -> None:
    office, member = shops.world.office, shops.member(CARD)
    sale = earn(shops.other, member, 40)
    shops.home.spend(member, 120)
    settle(shops)
    said = statement(office, member)
    assert (said.opening, said.closing, said.now) == (0, 540, 540)
    assert said.sums == {"earned": 660, "spent": -120}
    by_entry = {line.entry: line for line in said.lines}
    assert by_entry[sale].receipt == f"0002-{shops.other.ledger.head.seq:06d}"
    assert (by_entry[sale].shop, by_entry[sale].amount) == ("0002", 40)
    assert [line.after for line in said.lines][-1] == said.closing
    at_home = statement(office, member, shop="0001")
    assert (at_home.closing, at_home.now, at_home.sums["moved"]) == (500, 500, 620)


def test_a_later_time_opens_with_what_was_before_it(shops: Shops) -> None:
    member = shops.member(CARD)
    settle(shops)
    said = statement(shops.world.office, member, since="2026-03-07")
    assert (said.opening, said.lines, said.closing) == (620, (), 620)
    said = statement(shops.world.office, member, until="2026-03-05")
    assert (said.opening, said.lines, said.closing, said.now) == (0, (), 0, 620)


def test_points_that_are_added_are_pending_until_the_shop_has_them(shops: Shops) -> None:
    office, member = shops.world.office, shops.member(CARD)
    shops.home.disconnect()
    with office.transaction():
        adjust(office, member, 50, TWO)
    shops.run(20)
    (said,) = corrected.listed(office, member=member)
    assert (said.state, said.done, said.where) == ("open", 0, {"on the way": 50})
    assert shops.points(shops.home, member) == 620
    shops.home.connect()
    settle(shops)
    (said,) = corrected.listed(office, member=member)
    assert (said.state, said.done, said.where) == ("done", 50, {"0001": 50})
    assert shops.points(shops.home, member) == 670
    (line,) = [one for one in statement(office, member).lines if one.what == "adjusted"]
    assert (line.amount, line.shop) == (50, "hq")


def test_points_that_are_taken_are_taken_where_they_lie_and_once(shops: Shops) -> None:
    office, member = shops.world.office, shops.member(CARD)
    with office.transaction():
        adjust(office, member, -100, TWO)
    shops.home.disconnect()
    (said,) = corrected.listed(office, member=member)
    assert [(part.box, part.asked, part.state) for part in said.parts] == [("0001", 100, "waiting")]
    shops.home.connect()
    settle(shops)
    settle(shops)
    (said,) = corrected.listed(office, member=member)
    assert (said.state, said.done, shops.points(shops.home, member)) == ("done", 100, 520)
    assert statement(office, member).sums["adjusted"] == -100


def test_what_was_spent_meanwhile_is_a_case_with_its_number(shops: Shops) -> None:
    office, member = shops.world.office, shops.member(CARD)
    shops.home.spend(member, 600)
    with office.transaction():
        adjust(office, member, -100, TWO)
    settle(shops)
    (said,) = corrected.listed(office, member=member)
    assert (said.state, said.done) == ("short", 20)
    (case,) = desk.whole(office, member).cases
    assert case.kind == "correction" and "80 of 100 points" in case.what


ALONE = (
    ("anna", "anna", "x"),
    ("anna", " ANNA ", "x"),
    ("ANNA", "anna", "x"),
    ("anna", "", "x"),
    ("", "bo", "x"),
    ("anna", "bo", " "),
)


def test_one_person_alone_changes_nothing(shops: Shops) -> None:
    office, member = shops.world.office, shops.member(CARD)
    for operator, second, reason in ALONE:
        with pytest.raises(NotTwoPersons, match="two different persons"), office.transaction():
            adjust(office, member, 5, Signed(reason, operator, second))
    settle(shops)
    assert corrected.listed(office) == [] and shops.in_all(CARD) == 620


def test_a_member_is_shown_whole_with_the_age_of_what_is_known(shops: Shops) -> None:
    office, member = shops.world.office, shops.member(CARD)
    earn(shops.other, member, 40)
    settle(shops)
    said = desk.whole(office, member)
    assert said.holding == {"0001": {"points": 620}, "0002": {"points": 40}}
    assert [(lot.hand, lot.amount) for lot in said.lots] == [("0002.1", 40), ("0001.1", 620)]
    assert {one.chain for one in said.chains} == {"0001.1", "0002.1"}
    assert said.data_age_s.keys() == {"0001", "0002"}
    assert None not in said.data_age_s.values()


def test_the_list_is_read_by_pages_and_every_member_stands_on_one(shops: Shops) -> None:
    office = shops.world.office
    for number in range(3):
        earn(shops.other, accounts.visitor(f"88000000777{number:02d}"), 5)
    settle(shops)
    listed = memberlist.members(office)
    assert [said.status for said in listed] == ["active"] * 2 + ["visitor"] * 3
    everyone = [said.id for said in listed]
    for rows in (1, 2, 3, 4, 9):
        found: list[str] = []
        place: memberlist.Place | None = memberlist.Place()
        while place is not None:
            read = memberlist.page(office, place, rows)
            assert len(read.rows) <= rows
            found += [said.id for said in read.rows]
            place = read.next
        assert found == everyone
    after = memberlist.place_of(office, listed[2].card)
    assert [said.id for said in memberlist.everyone(office, after)] == everyone[3:]


def test_the_page_shows_one_member_whole_and_no_name(shops: Shops) -> None:
    office, member = shops.world.office, shops.member(CARD)
    sale = earn(shops.other, member, 40)
    settle(shops)
    shown = page.member_page(office, CARD)
    assert "660" in shown and desk.receipt(sale) in shown and "王晓芸" not in shown
    assert "没有此会员" in page.member_page(office, "<b>")
    assert "<b>" not in page.member_page(office, "<b>")
    assert CARD in page.members_page(office, memberlist.Place()) and CARD in page.render(office)
