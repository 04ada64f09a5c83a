"""What the sieve lacks was never asked for; what it lets through is looked up."""

from contextlib import closing
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.ledger.bookfile import SETTINGS
from daemon.ledger.booking import Booking
from daemon.ledger.medium import Medium, open_database
from daemon.ledger.sheet import asked_key
from daemon.ledger.sieve import ROOM_LEAST, Sieve
from tests.ledger.shop import open_store, sale

KEYS = st.integers(0, 2**63 - 1)


@settings(max_examples=60, deadline=None)
@given(st.lists(KEYS, max_size=40), st.integers(0, 100_000))
def test_no_key_is_forgotten(keys: list[int], room: int) -> None:
    sieve = Sieve(room)
    assert sieve.room >= room
    for key in keys:
        sieve.add(key)
    assert not any(sieve.lacks(key) for key in keys)


def test_few_strangers_come_through_when_it_is_full() -> None:
    sieve = Sieve(ROOM_LEAST)
    for n in range(sieve.room):
        sieve.add(asked_key("keypad", str(n)))
    strangers = [asked_key("till", str(n)) for n in range(5000)]
    assert sum(not sieve.lacks(key) for key in strangers) < 5000 // 100


def test_requests_are_known_at_every_step_of_sifting(tmp_path: Path) -> None:
    names = [f"n{n}" for n in range(9)]
    store = open_store(tmp_path)
    for name in names:
        store.commit(sale(name))
    store.close()
    with closing(open_database(Medium(), tmp_path / "books.db", SETTINGS)) as connection:
        booking = Booking(connection, "0018")
        done = False
        for _ in range(20):
            assert all(len(booking.asked("keypad", name)) == 1 for name in names)
            assert booking.asked("keypad", "new") == []
            done = booking.sift(3)
        assert done
        connection.execute("DELETE FROM asked")  # now only what is known lets ask at all
        seen: list[str] = []
        connection.set_trace_callback(seen.append)
        assert booking.asked("keypad", "new") == []
        assert seen == []
        assert booking.asked("keypad", "n3") == []
        assert len(seen) == 1
