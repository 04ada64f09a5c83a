"""Who has points that may be spent: one question to the books says what the lots of each say."""

import tempfile
from datetime import datetime, timedelta, timezone
from pathlib import Path

from hypothesis import example, given, settings
from hypothesis import strategies as st

from daemon.ledger import accounts
from daemon.ledger.kinds import Unit
from daemon.ledger.lots import ended
from daemon.ledger.messages import GrantedLot, HoldingGranted
from tests.acts.till import CARDS, Till
from tests.ledger.shop import MORNING

ZONES = [timezone(timedelta(hours=hours)) for hours in (-12, 0, 8, 14)]
SINCE = "2025-06-01T10:00:00+08:00"


def moments() -> st.SearchStrategy[str | None]:
    """When lots end: never, about now in any time zone, or on a bare date."""
    near = st.integers(-3 * 24, 3 * 24).map(lambda hours: MORNING + timedelta(hours=hours))
    exact = st.builds(
        lambda when, zone: when.astimezone(zone).isoformat(), near, st.sampled_from(ZONES)
    )
    return st.none() | exact | near.map(lambda when: when.date().isoformat())


LOTS = st.lists(
    st.tuples(st.sampled_from(sorted(CARDS)), st.integers(1, 900), moments()), max_size=8
)


@settings(max_examples=15, deadline=None)
@given(LOTS)
@example([("M1", 5, MORNING.isoformat()), ("M1", 7, None), ("M2", 3, None)])
@example([("M3", 9, (MORNING + timedelta(seconds=1)).astimezone(ZONES[0]).isoformat())])
def test_points_that_ended_are_nobodys(lots: list[tuple[str, int, str | None]]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        till = Till(Path(folder))
        for member in CARDS:
            till.admit(member)
        for number, (member, points, ends) in enumerate(lots, 1):
            lot = GrantedLot(
                f"hq.1:{900 + number}:1",
                accounts.points(member),
                Unit.POINT,
                points,
                SINCE,
                "opening",
                expires=ends,
            )
            till.down("holding.granted", HoldingGranted(member, (lot,)))
        assert till.store.purses.point_holders(MORNING) == held(till, MORNING)
        till.close()


def held(till: Till, at: datetime) -> list[tuple[str, str, int]]:
    """Return the same, lot by lot."""
    found = []
    for member, card in CARDS.items():
        row = till.store.books.member(member)
        assert row is not None
        points = sum(
            lot.amount
            for lot in till.store.purses.of(member)
            if lot.unit == Unit.POINT and not ended(lot.expires, at)
        )
        if points:
            found.append((card, row.joined, points))
    return found
