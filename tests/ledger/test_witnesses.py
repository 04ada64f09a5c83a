"""Invariants that no single entry shows: found when broken by hand, and when code is broken."""

from collections import Counter
from collections.abc import Callable

import msgspec
import pytest

from daemon.ledger.acts.bill import Effect
from daemon.ledger.bodies import (
    DayClosed,
    DayTotals,
    MemberErased,
    Returned,
    Sale,
    SaleLine,
    Tender,
)
from daemon.ledger.bodies_value import BackLine
from daemon.ledger.forgetting import forget
from daemon.ledger.kinds import Kind
from daemon.ledger.records import Entry
from hq.booking import Booking
from tests.ledger import chains
from tests.ledger.invariants import check
from tests.ledger.keyshelf import Keys
from tests.ledger.test_invariants import entry, simulate
from tests.ledger.witnesses import Broken, Dump, check_forgotten, check_reached, check_same

SEEDS_TO_BITE = 60


def sold(seq: int, qty: int = 3) -> Entry:
    line = SaleLine(1, "TOY", "TOY", qty, qty * 100, qty * 100, "regular", 0)
    body = Sale((line,), (Tender("cash", qty * 100),), qty * 100, qty * 100, 0, qty * 100)
    return entry(seq, body=body, kind=Kind.SALE)


def back(seq: int, sale: str, qty: int, pay_fen: int) -> Entry:
    line = BackLine(1, "TOY", "TOY", qty, pay_fen)
    body = Returned((line,), pay_fen, 0, pay_fen, (Tender("cash", pay_fen),))
    return msgspec.structs.replace(entry(seq, body=body, kind=Kind.RETURN), re=sale)


def day(seq: int, date: str, closes: str = "") -> Entry:
    body = DayClosed(closes, DayTotals()) if closes else None
    one = entry(seq, body=body, kind=Kind.DAY_CLOSED if closes else Kind.BOX_STARTED)
    at = msgspec.structs.replace(one.at, business_date=date)
    return msgspec.structs.replace(one, at=at)


FIRST, SECOND = "0018.1:1", "0018.1:2"
BROKEN = {
    "more of a line is back than was sold": (
        5,
        [sold(1), back(2, FIRST, 2, 200), back(3, FIRST, 2, 200)],
    ),
    "goods back of a sale that nobody made": (5, [back(1, "0018.1:9", 1, 100)]),
    "two small returns give more than a large one": (
        5,
        [
            sold(1),
            sold(2),
            back(3, FIRST, 2, 200),
            back(4, SECOND, 1, 100),
            back(5, SECOND, 1, 101),
        ],
    ),
    "something is booked on a day that was closed": (
        11,
        [day(1, "2026-03-06"), day(2, "2026-03-06", closes="2026-03-06"), day(3, "2026-03-06")],
    ),
    "a day is closed twice": (
        11,
        [day(1, "2026-03-06", closes="2026-03-06"), day(2, "2026-03-07", closes="2026-03-06")],
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_history_is_found(name: str) -> None:
    rule, history = BROKEN[name]
    with pytest.raises(Broken) as caught:
        check(history)
    assert caught.value.rule == rule
    check(history[:-1])


def test_parts_that_make_one_whole_are_good() -> None:
    parts = [back(3, FIRST, 1, 100), back(4, FIRST, 1, 100), back(5, SECOND, 2, 200)]
    check([sold(1), sold(2), *parts])
    check([day(1, "2026-03-06", closes="2026-03-05"), day(2, "2026-03-06")])


def test_states_that_differ_and_marks_that_stand_still_are_found() -> None:
    one: Dump = {"balance": [("a", 1)], "lot": [("l",)]}
    check_same(one, {"lot": [("l",)], "balance": [("a", 1)]}, ways="x")
    others: tuple[Dump, ...] = ({"balance": [("a", 2)], "lot": [("l",)]}, {"balance": [("a", 1)]})
    for other in others:
        with pytest.raises(Broken):
            check_same(one, other, ways="x")
    check_reached({"0018.1": 4}, {"0018.1": 4})
    for marks in ({"0018.1": 3}, {}):
        with pytest.raises(Broken):
            check_reached(marks, {"0018.1": 4})


def test_a_key_that_somebody_kept_is_found() -> None:
    check_forgotten({"88"}, {"0018": {"77"}})
    with pytest.raises(Broken):
        check_forgotten({"88"}, {"0018": {"77"}, "hq": {"88"}})


# -- and when the code is broken, the simulation says so -------------------------------------------


def bites() -> int:
    """Run the simulation until it finds something; return the rule."""
    for seed in range(SEEDS_TO_BITE):
        try:
            simulate(seed)
        except Broken as broken:
            return broken.rule
    return 0


def no_key_forgotten(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chains, "forget", lambda keys, entry: None)


def nobody_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hq.downlog.untold", lambda db, chain: [])


def headquarters_forgets_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("hq.booking.erase", lambda office, erased: None)


def a_backup_is_trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The held keys are used as soon as headquarters says anything at all."""

    def hasty(keys: Keys, entry: Entry) -> None:
        keys.release_member_keys()
        if isinstance(entry.body, MemberErased):
            forget(keys, entry)  # type: ignore[arg-type]

    monkeypatch.setattr(chains, "forget", hasty)


def a_posting_is_lost(monkeypatch: pytest.MonkeyPatch) -> None:
    move = Booking.move
    monkeypatch.setattr(Booking, "move", lambda self, postings: move(self, tuple(postings)[1:]))


def every_return_is_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Effect, "since", lambda self, before: self)


@pytest.mark.parametrize(
    ("broken", "rules"),
    [
        (no_key_forgotten, {11}),
        (nobody_told, {11}),
        (headquarters_forgets_nothing, {11}),
        (a_backup_is_trusted, {11}),
        (a_posting_is_lost, {9, 10}),
        (every_return_is_the_first, {5}),
    ],
)
def test_the_simulation_finds_broken_code(
    broken: Callable[[pytest.MonkeyPatch], None],
    rules: set[int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    broken(monkeypatch)
    assert bites() in rules


def test_the_simulation_sees_what_it_judges() -> None:
    seen: Counter[str] = Counter()
    for seed in range(SEEDS_TO_BITE):
        world = simulate(seed)
        seen.update(one.kind.value for one in world.entries)
    for kind in ("return", "member.erased", "down.applied", "holding.released", "epoch.closed"):
        assert seen[kind] > 10, seen
