"""Renewals, levels, audits, further cards, prices by hand, and rights that wait."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.ledger import accounts
from daemon.ledger.balances import snapshot
from daemon.ledger.codec import decode
from daemon.ledger.daybook import z_totals
from daemon.ledger.dossier import Dossier, member_of
from daemon.ledger.kinds import Unit
from daemon.ledger.messages import MemberSnapshot, Staff, StaffList
from daemon.ledger.rebuild import rebuild
from tests.acts.till import CARDS, Till, cash, line

BLANK, OTHER_BLANK = "8800000001015", "8800000001016"
ENDS, LATER = "2026-05-05T00:00:00+08:00", "2027-05-05T00:00:00+08:00"


@pytest.fixture
def till(tmp_path: Path) -> Iterator[Till]:
    till = Till(tmp_path)
    till.admit("M1", 100)
    joined = "2025-05-05T00:00:00+08:00"
    member = MemberSnapshot("M2", CARDS["M2"], "active", "registered", joined, ENDS, "silver")
    till.down("member.snapshot", member)
    people = (Staff("01", "周敏", "manager"), Staff("03", "吴倩", "clerk"))
    till.down("staff", StaffList(people))
    yield till
    till.close()


def renewal(**more: object) -> dict[str, object]:
    asked = {"card": CARDS["M2"], "channel": "fee", "term_ends": LATER, "fee_fen": 4800}
    return {**asked, "tenders": cash(4800), **more}


def test_a_renewal_takes_the_fee_and_the_term_goes_on(till: Till) -> None:
    drawer = till.has(accounts.CASH_DRAWER)
    till.done("member.renewed", **renewal(points=50, gifts=[{"sku": "TOY", "qty": 2}]))
    row = till.facts.row("M2")
    assert row is not None and (row.term_ends, row.level) == (LATER, "silver")
    assert till.has(accounts.CASH_DRAWER) == drawer + 4800
    assert till.has(accounts.SALES_FEE) == -4800
    assert till.points("M2") == 50
    assert till.has(accounts.given("TOY"), Unit.PIECE) == 2
    totals, _ = z_totals(till.store, till.facts.at().business_date)
    assert (totals.fee_fen, totals.members_enrolled, totals.points_granted) == (4800, 0, 50)


def test_a_gift_of_a_renewal_that_is_not_here_is_owed_and_fetched_later(till: Till) -> None:
    till.done("member.renewed", **renewal(gifts=[{"sku": "GIFT1", "qty": 1}]))
    (waiting,) = till.store.books.lots(accounts.waiting("M2"), Unit.PIECE)
    assert waiting.source == "owed:GIFT1"
    till.done("entitlement.handed_over", member="M2", lot=waiting.lot)
    assert till.has(accounts.given("GIFT1"), Unit.PIECE) == 1
    assert till.has(accounts.PROMISED, Unit.PIECE) == 0


@pytest.mark.parametrize(
    "wrong",
    [
        {"term_ends": ENDS},
        {"term_ends": "2025-12-31"},
        {"term_ends": "soon"},
        {"channel": "purchase"},
        {"channel": "gift"},
        {"sale": "0018.1:99", "channel": "purchase"},
        {"tenders": cash(4700)},
        {"points": -1},
        {"gifts": [{"sku": "TOY", "qty": 0}]},
        {"card": CARDS["M1"]},  # without end
        {"card": "8800000000049"},  # a visitor
    ],
)
def test_a_renewal_that_is_wrong_moves_nothing(till: Till, wrong: dict[str, object]) -> None:
    head = till.store.head
    assert till.code("member.renewed", **renewal(**wrong)) in ("not_allowed", "underpaid")
    assert till.store.head == head


def test_one_purchase_renews_one_membership_once(till: Till) -> None:
    sale = till.done("sale", lines=[line(1, "TOY", 15000)], tenders=cash(15000))
    by = {"channel": "purchase", "fee_fen": 0, "tenders": [], "sale": sale}
    till.done("member.renewed", **renewal(**by))
    again = renewal(**by) | {"term_ends": "2029-05-05T00:00:00+08:00"}
    assert till.code("member.renewed", **again) == "not_allowed"


def test_a_level_changes_and_by_hand_only_with_a_second_person(till: Till) -> None:
    up = {"member": "M2", "level": "gold"}
    till.done("level.changed", reason="review", **up)
    row = till.facts.row("M2")
    assert row is not None and row.level == "gold"
    assert till.code("level.changed", reason="review", **up) == "not_allowed"
    down = {"member": "M2", "level": "", "reason": "by_hand"}
    assert till.code("level.changed", **down) == "not_allowed"
    assert till.code("level.changed", manager="02", **down) == "not_allowed"
    till.done("level.changed", manager="01", **down)
    assert till.code("level.changed", card="8800000000049", level="x", reason="r") == "not_allowed"


def test_an_audit_holds_both_figures_and_moves_nothing(till: Till) -> None:
    till.done("points.frozen", member="M1", amount=30, reason="many at once")
    before = till.points("M1")
    asked = {"period": "2026-12", "auditor": "总部 12", "counted": 90}
    body = till.body(till.done("audit.confirmed", card=CARDS["M1"], gifts=["gift1"], **asked))
    assert (body["points"], body["counted"], body["gifts"]) == (100, 90, ["gift1"])
    assert till.points("M1") == before
    assert till.code("audit.confirmed", **asked) == "not_allowed"
    wrong = asked | {"counted": -1}
    assert till.code("audit.confirmed", card=CARDS["M1"], **wrong) == "not_allowed"


def test_a_further_card_reaches_the_same_value_and_the_first_stays_good(till: Till) -> None:
    till.done("card.issued", member="M1", new=BLANK, reason="family")
    for card in (BLANK, CARDS["M1"]):
        seen = till.facts.member("", card)
        assert (seen.id, seen.status, seen.total(Unit.POINT)) == ("M1", "active", 100)
    till.done("card.lost", card=BLANK, reason="lost")
    assert till.code("points.redeemed", card=BLANK, rule="g", points=1, sku="TOY") == "card_lost"
    till.done("points.redeemed", card=CARDS["M1"], rule="g", points=1, sku="TOY")
    assert till.code("card.issued", member="M1", new=BLANK) == "card_in_use"
    assert till.code("card.issued", member="M9", new=OTHER_BLANK) == "card_not_ours"
    entries = [decode(one.data) for one in till.store.read(1, 1, till.store.head.seq)]
    assert member_of(entries, BLANK) == "M1"
    dossier = Dossier("M1")
    for entry in entries:
        dossier.add(entry)
    assert dossier.cards == [CARDS["M1"], BLANK]


def test_a_price_by_hand_needs_a_manager_who_is_not_the_cashier(till: Till) -> None:
    asked = {"sku": "TOY", "list_fen": 1000, "fen": 500, "reason": "dented"}
    body = till.body(till.done("price.overridden", staff="01", **asked))
    assert (body["role"], body["fen"], body["staff"]) == ("manager", 500, "01")
    for staff in ("02", "03", "99"):  # the cashier, a clerk, nobody
        assert till.code("price.overridden", staff=staff, **asked) == "not_allowed"
    for wrong in ({"fen": 1000}, {"fen": -1}, {"reason": ""}, {"qty": 0}, {"sku": ""}):
        assert till.code("price.overridden", staff="01", **(asked | wrong)) == "not_allowed"


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("opened", {"expires": "2026-01-01T00:00:00+08:00"}),
        ("opened", {"expires": "2027-01-01"}),
        ("opened", {"expires": "soon"}),
        ("opened", {"qty": 0}),
        ("opened", {"qty": 10_001}),
        ("opened", {"unit": "kilo"}),
        ("opened", {"rule": ""}),
        ("owed", {"sku": ""}),
        ("owed", {"expires": LATER}),
        ("owed", {"member": ""}),
    ],
)
def test_a_right_that_is_wrong_is_refused(till: Till, kind: str, wrong: dict[str, object]) -> None:
    asked = {"member": "M1", "rule": "birthday", "sku": "TOY"} | wrong
    assert till.code(f"entitlement.{kind}", **asked) == "not_allowed"


def test_a_service_is_used_up_in_parts_and_takes_no_goods(till: Till) -> None:
    opened = till.done("entitlement.opened", member="M1", rule="wash", unit="count", qty=5)
    lot = f"{opened}:1"
    first = till.done("entitlement.handed_over", member="M1", lot=lot, qty=2)
    assert till.body(first)["left"] == 3
    assert till.code("entitlement.handed_over", member="M1", lot=lot, qty=4) == "not_allowed"
    till.done("entitlement.handed_over", member="M1", lot=lot)
    assert till.code("entitlement.handed_over", member="M1", lot=lot) == "not_allowed"
    assert till.has(accounts.PROMISED, Unit.PIECE) == 0
    assert till.has(accounts.stock("wash"), Unit.PIECE) == 0


@given(
    qty=st.integers(1, 9),
    taken=st.lists(st.integers(1, 4), max_size=4),
    days=st.integers(1, 3),
    waited=st.integers(0, 4),
)
@settings(max_examples=25, deadline=None)
def test_of_a_right_no_more_is_had_than_was_opened_and_nothing_after_its_end(
    tmp_path_factory: pytest.TempPathFactory, qty: int, taken: list[int], days: int, waited: int
) -> None:
    folder = tmp_path_factory.mktemp("right")
    till = Till(folder)
    till.admit("M1")
    end = till.clock.wall + timedelta(days=days)
    asked = {"rule": "birthday", "sku": "TOY", "qty": qty, "expires": end.isoformat()}
    lot = till.done("entitlement.opened", member="M1", **asked) + ":1"
    had = 0
    for part in taken:
        answer = till.do("entitlement.handed_over", member="M1", lot=lot, qty=part)
        assert answer.ok == (had + part <= qty)
        had += part if answer.ok else 0
    till.later(days=waited)
    ended, rest = till.clock.wall >= end, qty - had
    late = till.do("entitlement.handed_over", member="M1", lot=lot)
    assert late.ok == (not ended and rest > 0)
    lapsed = [one.entry for one in till.acts.lapse()]
    assert [one.kind for one in lapsed] == (["entitlement.lapsed"] if ended and rest else [])
    given_away = had + (rest if late.ok else 0)
    assert till.has(accounts.given("TOY"), Unit.PIECE) == given_away
    assert till.has(accounts.waiting("M1"), Unit.PIECE) == 0 or not (ended or late.ok)
    assert till.has(accounts.PROMISED, Unit.PIECE) == -till.has(accounts.waiting("M1"), Unit.PIECE)
    till.close()


def test_books_made_anew_know_terms_levels_and_cards(till: Till) -> None:
    till.done("member.renewed", **renewal(points=5))
    till.done("level.changed", member="M2", level="gold", reason="review")
    till.done("card.issued", member="M2", new=BLANK)
    till.done("entitlement.opened", member="M2", rule="wash", unit="count", qty=2, expires=LATER)
    wanted = till.facts.row("M2"), till.facts.member("", BLANK)
    till.store.close()
    with snapshot(till.folder / "books.db", "0018") as books:
        balances = list(books.balances())
    rebuild(till.folder)
    with snapshot(till.folder / "books.db", "0018") as books:
        assert sorted(books.balances()) == sorted(balances)
    till.start()
    assert (till.facts.row("M2"), till.facts.member("", BLANK)) == wanted
