"""Whatever happened: a statement adds up, and an audit that is taken back was never there."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from daemon.ledger import accounts
from hq import audit, auditcount, auditpaper, trail
from hq.corrections import adjust
from hq.movements import movements
from hq.statement import statement
from tests.hq.auditing import WHY, begun, books, check, classes, earn, paper, settle
from tests.hq.test_desk import TWO
from tests.sync.shops import CARD, OTHER, Shops

engine = "sqlite"  # each example has a headquarters of its own

_SHOP = st.integers(0, 1)
_STEP = st.one_of(
    st.tuples(st.just("earn"), _SHOP, st.integers(1, 9)),
    st.tuples(st.just("spend"), _SHOP, st.integers(1, 9)),
    st.tuples(st.just("adjust"), st.sampled_from([-7, -2, 3, 8]), st.just(0)),
    st.tuples(st.just("sync"), _SHOP, st.just(0)),
)


@settings(
    max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=st.lists(_STEP, max_size=8))
def test_opening_and_movements_are_the_closing_and_the_closing_is_the_books(
    tmp_path_factory: pytest.TempPathFactory, steps: list[tuple[str, int, int]]
) -> None:
    shops = Shops(tmp_path_factory.mktemp("world"))
    office, member = shops.world.office, shops.member(CARD)
    boxes = (shops.home, shops.other)
    for what, n, amount in steps:
        if what == "earn":
            earn(boxes[n], member, amount)
        elif what == "spend" and shops.points(boxes[n], member) >= amount:
            boxes[n].spend(member, amount)
        elif what == "adjust":
            with office.transaction():
                adjust(office, member, n, TWO)
        elif what == "sync":
            shops.run(5)
    settle(shops)
    for shop in ("", "0001", "0002", "hq"):
        said = statement(office, member, shop=shop)
        assert said.closing == said.now
        assert said.opening + sum(line.amount for line in said.lines) == said.closing
        assert sum(said.sums.values()) == said.closing - said.opening
    assert statement(office, member).now == shops.in_all(CARD)
    for entry in trail.of(office, [member]):
        moved = sum(one.amount for one in movements(entry, "point") if one.member == member)
        account = accounts.points(member)
        assert moved == sum(one.amount for one in entry.postings if one.account == account)


_ACT = st.one_of(
    st.tuples(st.sampled_from(["earn", "spend"]), st.integers(0, 1), st.integers(1, 9)),
    st.tuples(st.sampled_from(["paper", "right"]), st.integers(0, 1), st.integers(0, 700)),
)


@settings(
    max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(acts=st.lists(_ACT, min_size=1, max_size=6))
def test_sums_are_the_books_and_undoing_restores_exactly(
    tmp_path_factory: pytest.TempPathFactory, acts: list[tuple[str, int, int]]
) -> None:
    folder = tmp_path_factory.mktemp("audit")
    shops = Shops(folder)
    check(shops, "P8M")
    office, cards = shops.world.office, (CARD, OTHER)
    member = shops.member(CARD)
    boxes = (shops.home, shops.other)
    for what, n, amount in acts:
        if what == "earn":
            earn(boxes[n], member, amount)
        elif what == "spend" and shops.points(boxes[n], member) >= amount:
            boxes[n].spend(member, amount)
    shops.run(30)
    trail.catch_up(office)
    stages = [books(office)]
    one = begun(shops)
    for said in auditcount.cards(office, one):
        for part in (said.total, *said.shops.values()):
            assert part.opening + sum(part.moved.values()) == part.closing
        assert said.total.closing == statement(office, said.member).now
        assert said.total.moved.get("moved", 0) == 0, "between shops is nothing over all of them"
    stages.append(books(office))
    for what, n, amount in acts:
        if what == "paper":
            paper(shops, one, folder, **{f"c{cards[n]}": amount})
        elif (
            what == "right" and classes(shops, one).get(cards[n], "not_on_paper") != "not_on_paper"
        ):
            auditpaper.decide(office, one, cards[n], "paper", WHY, operator="anna")
        else:
            continue
        stages.append(books(office))
    stages.pop()
    while stages:
        audit.undo(office, operator="cleo")
        now = books(office)
        before = stages.pop()
        if stages:
            assert now == before
        else:  # the row of the audit itself is the record that stays
            assert now[:-1] == before[:-1]
    assert {event.operator for event in audit.events(office, one)} == {"anna", "cleo"}
    assert audit.latest(office) is None
