"""PINs: right ones open, wrong ones are counted over restarts, a stolen local.db opens nothing."""

import sqlite3

from daemon.clock import ClockState, Reading
from daemon.pinbook import LOCKED_MS, TRIES_MAX, PinBook
from tests.ledger.shop import MORNING, Dice, open_store

WHOSE = "staff:01"


class Hands:
    """A clock that stands until it is moved, and knows when the machine was started."""

    def __init__(self) -> None:
        self.mono_ms, self.boot = 1000, "first"

    def read(self) -> Reading:
        return Reading(self.boot, self.mono_ms, MORNING, ClockState.SYNCED)


def book(store, clock: Hands, pepper: bytes = b"p" * 32) -> PinBook:
    return PinBook(store.local, clock, Dice(), pepper)


def test_a_new_pin_holds_once_it_was_keyed_again_and_the_old_one_until_then(tmp_path):
    store, clock = open_store(tmp_path), Hands()
    pins = book(store, clock)
    pins.set(WHOSE, "1234")
    assert not pins.has(WHOSE)
    assert not pins.attempt(WHOSE, "1235").fits
    assert pins.attempt(WHOSE, "1234").fits and pins.has(WHOSE)
    pins.set(WHOSE, "777777")
    assert pins.attempt(WHOSE, "1234").fits
    assert pins.attempt(WHOSE, "777777").fits
    assert not pins.attempt(WHOSE, "1234").fits
    assert not pins.attempt("staff:02", "777777").fits
    store.close()


def test_five_wrong_ones_lock_it_for_a_quarter_of_an_hour_also_over_a_restart(tmp_path):
    store, clock = open_store(tmp_path), Hands()
    pins = book(store, clock)
    pins.set(WHOSE, "1234")
    assert pins.attempt(WHOSE, "1234").fits
    left = [pins.attempt(WHOSE, "0000").left for _ in range(TRIES_MAX)]
    assert left == [4, 3, 2, 1, 0]
    assert pins.attempt(WHOSE, "1234").locked_min == 15  # the right one too
    clock.mono_ms += LOCKED_MS - 60_000
    assert pins.attempt(WHOSE, "1234").locked_min == 1
    store.close()
    store = open_store(tmp_path)
    clock.boot, clock.mono_ms = "second", 10
    assert book(store, clock).attempt(WHOSE, "1234").locked_min == 15
    clock.mono_ms += LOCKED_MS
    assert book(store, clock).attempt(WHOSE, "1234").fits
    assert book(store, clock).attempt(WHOSE, "0000").left == 4  # counted anew
    store.close()


def test_the_file_alone_holds_no_pin_and_opens_with_none(tmp_path):
    store, clock = open_store(tmp_path), Hands()
    pins = book(store, clock)
    pins.set(WHOSE, "1234")
    assert pins.attempt(WHOSE, "1234").fits
    assert not book(store, clock, pepper=b"q" * 32).attempt(WHOSE, "1234").fits
    store.close()
    with sqlite3.connect(tmp_path / "local.db") as local:
        facts = dict(local.execute("SELECT name, value FROM fact WHERE name LIKE 'pin%'"))
    assert facts and not any(
        value == "1234" or value.startswith("1234") for value in facts.values()
    )
