"""What limits count: sums of a day, month and year, from rows of the books or a journal retold."""

from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.rules.counts import Counts, periods, so_far

TODAY = "2026-03-06"
ROWS = [
    ("2026-03-06", "sku:MASK", 4),
    ("2026-03-06", "sku:MASK", -1),
    ("2026-03-01", "sku:MASK", 2),
    ("2026-01-31", "sku:MASK", 8),
    ("2025-03-06", "sku:MASK", 16),
    ("2026-02-06", "spend", 100),
    ("2026-03-02", "gone", 3),
    ("2026-03-03", "gone", -3),
]


def test_a_count_belongs_to_its_day_month_and_year() -> None:
    assert (
        so_far(ROWS, TODAY)
        == (
            ("gone:day", 0),
            *(
                ("sku:MASK:day", 3),
                ("sku:MASK:month", 5),
                ("sku:MASK:year", 13),
                ("spend:year", 100),
            ),
        )[1:]
    )


def test_nothing_counts_for_another_period() -> None:
    assert list(periods("x", "2026-03-05", TODAY)) == ["x:month", "x:year"]
    assert list(periods("x", "2026-04-06", TODAY)) == ["x:year"]
    assert list(periods("x", "2027-03-06", TODAY)) == []
    assert so_far([], TODAY) == ()


def test_a_journal_told_again_counts_as_the_books_do() -> None:
    counts = Counts()
    for day, what, amount in sorted(ROWS):
        counts.add("M1", what, day=day, amount=amount)
        counts.add("M2", what, day=day, amount=1)
    assert counts.so_far("M1", TODAY) == so_far(ROWS, TODAY)
    assert counts.so_far("M3", TODAY) == ()
    assert dict(counts.so_far("M2", TODAY))["sku:MASK:day"] == 2


days = st.dates(date(2025, 11, 1), date(2026, 4, 30)).map(lambda day: day.isoformat())
rows = st.lists(
    st.tuples(days, st.sampled_from(["a", "b"]), st.integers(-3, 9)), min_size=1, max_size=30
)


@settings(deadline=None, max_examples=60)
@given(rows)
def test_sums_of_the_last_day_are_never_forgotten(told: list[tuple[str, str, int]]) -> None:
    counts, last = Counts(), max(day for day, _, _ in told)
    for day, what, amount in sorted(told):
        counts.add("M1", what, day=day, amount=amount)
    assert counts.so_far("M1", last) == so_far(told, last)


def test_a_return_reaches_back_to_the_day_before() -> None:
    counts = Counts()
    counts.add("M1", "few", day="2026-03-05", amount=2)
    counts.add("M1", "few", day="2026-03-06", amount=1)
    counts.add("M1", "few", day="2026-03-05", amount=-2)
    assert counts.so_far("M1", "2026-03-05") == (("few:month", 1), ("few:year", 1))
    assert counts.so_far("M1", "2026-03-06") == (
        *(("few:day", 1), ("few:month", 1), ("few:year", 1)),
    )
