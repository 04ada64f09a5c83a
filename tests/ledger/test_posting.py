"""What an entry may move, and which lots are spent first."""

from datetime import datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.ledger.lots import available, spend_order, take
from daemon.ledger.posting import POSTINGS_MAX, check, transit
from daemon.ledger.records import Chain, Posting
from daemon.ledger.views import LotRow

CHAIN = Chain("0018", 1)
OWN = str(CHAIN)


def nothing(account: str, unit: str, lot: str) -> int:
    return 0


def words(*postings: Posting) -> list[str]:
    return [problem.what for problem in check(postings, CHAIN, nothing)]


def test_a_balanced_entry_in_the_own_hand_is_in_order() -> None:
    assert (
        words(
            Posting(OWN, "points:M", "point", "L", 5),
            Posting(OWN, "issued:points", "point", "", -5),
        )
        == []
    )


def test_everything_wrong_is_said_at_once() -> None:
    said = words(
        Posting(OWN, "cash:drawer", "fen", "", 100),
        Posting(OWN, "points:M", "point", "", 5),
        Posting("0022.1", "points:M", "point", "L", -5),
        Posting(OWN, "principal:M", "principal", "L", -1),
    )
    assert said == [
        "points:M: point without a lot",
        "points:M: 0022.1 is another holder's hand",
        "postings in fen must sum to 0, they sum to 100",
        "postings in principal must sum to 0, they sum to -1",
        "principal:M: 1 principal taken of lot L, which holds 0",
    ]


def test_what_is_on_its_way_is_taken_by_its_receiver_only() -> None:
    give, mine, other = OWN, transit(OWN), transit("0022.1")
    receive = (
        Posting(mine, "points:M", "point", "L", -5),
        Posting(give, "points:M", "point", "L", 5),
    )
    assert words(*receive) == []
    assert words(Posting(mine, "p", "x", "", 5), Posting(give, "p", "x", "", -5)) == [
        "p: this chain credits its own transit with 5"
    ]
    assert words(Posting(other, "p", "x", "L", -5), Posting(give, "p", "x", "L", 5)) == [
        "p: 5 taken from transit:0022.1, not ours to take"
    ]
    assert words(Posting("hq", "p", "x", "L", -5), Posting(give, "p", "x", "L", 5)) == [
        "p: hq is another holder's hand"
    ]
    send_back = (Posting(mine, "p", "x", "L", -5), Posting(transit("hq"), "p", "x", "L", 5))
    assert words(*send_back) == []


def test_an_entry_has_a_limit_of_postings() -> None:
    pair = (Posting(OWN, "a", "fen", "", 1), Posting(OWN, "b", "fen", "", -1))
    assert check(pair * (POSTINGS_MAX // 2), CHAIN, nothing) == []
    assert check(pair * (POSTINGS_MAX // 2 + 1), CHAIN, nothing) != []


def test_a_limit_is_opened_once() -> None:
    """Whoever looked before another opened it is refused, not believed."""
    held = {"limit:M": 0}

    def balance(account: str, unit: str, lot: str) -> int:
        return held.get(account, 0) if (unit, lot) == ("room:base:2026-03", "") else 0

    opening = (
        Posting(OWN, "right:M", "room:base:2026-03", "L", 30),
        Posting(OWN, "limit:M", "room:base:2026-03", "", -30),
    )
    assert check(opening, CHAIN, balance) == []
    said = ["limit:M: room:base:2026-03 is open already"]
    assert [one.what for one in check(opening * 2, CHAIN, balance)] == said
    held["limit:M"] = -30
    assert [one.what for one in check(opening, CHAIN, balance)] == said


MOVES = st.lists(
    st.tuples(st.sampled_from("ab"), st.sampled_from("LM"), st.integers(-3, 3)), max_size=6
)


@settings(max_examples=200, deadline=None)
@given(st.lists(MOVES, max_size=8))
def test_whatever_is_let_through_sums_to_zero_and_overdraws_nothing(history: list[object]) -> None:
    held: dict[tuple[str, str, str], int] = {}

    def balance(account: str, unit: str, lot: str) -> int:
        return held.get((account, unit, lot), 0)

    for moves in history:
        assert isinstance(moves, list)
        postings = [Posting(OWN, f"points:{who}", "point", lot, by) for who, lot, by in moves]
        postings.append(Posting(OWN, "issued:points", "point", "", -sum(by for *_, by in moves)))
        after = dict(held)
        for posting in postings[:-1]:
            key = (posting.account, posting.unit, posting.lot)
            after[key] = after.get(key, 0) + posting.amount
        problems = check(postings, CHAIN, balance)
        assert bool(problems) == any(amount < 0 for amount in after.values())
        if not problems:
            held = after
        assert all(amount >= 0 for amount in held.values())
        assert check([*postings, Posting(OWN, "x", "point", "", 1)], CHAIN, balance)


def lot(name: str, amount: int, *, expires: str | None, granted: str = "2026-01-01") -> LotRow:
    return LotRow(name, "points:M", "point", amount, granted, expires, "sale")


def test_the_lot_that_lapses_first_is_spent_first_then_the_oldest() -> None:
    never_old = lot("1", 5, expires=None, granted="2025-01-01T00:00:00+08:00")
    never_new = lot("2", 5, expires=None, granted="2026-01-01T00:00:00+08:00")
    soon = lot("3", 5, expires="2026-06-01T00:00:00+08:00", granted="2026-02-01")
    sooner_abroad = lot("4", 5, expires="2026-05-31T23:30:00+09:00", granted="2026-02-01")
    assert spend_order([never_new, soon, never_old, sooner_abroad]) == [
        sooner_abroad,
        soon,
        never_old,
        never_new,
    ]


def test_a_lot_that_is_due_or_empty_is_not_available() -> None:
    moment = datetime.fromisoformat("2026-06-01T00:00:00+08:00")
    lapsing = lot("3", 5, expires=moment.isoformat())
    assert available([lapsing], moment) == []
    assert available([lapsing], moment - timedelta(milliseconds=1)) == [lapsing]
    assert available([lot("4", 0, expires=None)], moment) == []


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(0, 9), max_size=5), st.integers(0, 40))
def test_taking_takes_from_the_front_and_never_more_than_there_is(
    amounts: list[int], wanted: int
) -> None:
    lots = [lot(str(n), amount, expires=None) for n, amount in enumerate(amounts)]
    parts = take(lots, wanted)
    assert sum(part for _, part in parts) == min(wanted, sum(amounts))
    assert all(0 < part <= row.amount for row, part in parts)
    assert all(part == row.amount for row, part in parts[:-1])
