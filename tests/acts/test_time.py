"""The time of a box without a battery: who is believed, what waits, what is never early or late."""

from datetime import date, datetime, timedelta, timezone
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon.clock import ClockState, Reading, SystemClock, business_date
from daemon.hours import Hours
from daemon.lapsing import due
from daemon.ledger.bodies import ClockSet, DayClosed
from daemon.ledger.kinds import Kind
from daemon.ledger.stamp import least_now, stamp
from daemon.ledger.store import Store
from daemon.ledger.views import Durable, TrustedTime
from daemon.release import BUILT
from tests.ledger.shop import BOX, MORNING, ZONE, Dice, sale

EPOCH = datetime(1970, 1, 1, 0, 0, 7, tzinfo=timezone.utc)


class Machine:
    """A machine whose wall clock, running time and time service do what a test says."""

    def __init__(self, wall: datetime = MORNING, state: ClockState = ClockState.SYNCED) -> None:
        self.wall, self.state, self.mono_ms, self.boot = wall, state, 60_000, "boot1"

    def read(self) -> Reading:
        return Reading(self.boot, self.mono_ms, self.wall, self.state)

    def runs(self, **by: int) -> None:
        gone = timedelta(**by)
        self.wall += gone
        self.mono_ms += gone // timedelta(milliseconds=1)

    def boots(self, wall: datetime, state: ClockState = ClockState.UNKNOWN) -> None:
        self.boot += "'"
        self.wall, self.state, self.mono_ms = wall, state, 5_000


@pytest.fixture
def machine() -> Machine:
    return Machine()


def opened(folder: Path, machine: Machine) -> tuple[Store, Hours]:
    store = Store.open(folder, BOX, clock=machine, entropy=Dice(), closing_hour=4, software="test")
    return store, Hours(store, machine, closing_hour=4)


def beat(store: Store, hours: Hours) -> list[object]:
    """One beat of the box: what it commits by itself."""
    found: list[object] = []
    for draft in hours.due():
        outcome = store.commit(draft)
        assert isinstance(outcome, Durable)
        found.append(outcome.entry.body)
    return found


def sell(store: Store, machine: Machine, name: str) -> Durable:
    at = stamp(machine.read(), closing_hour=4, not_before=store.books.open_date())
    outcome = store.commit(sale(name, when=at))
    assert isinstance(outcome, Durable)
    return outcome


def real_now() -> datetime:
    return SystemClock(ZONE, disciplined=lambda: True).read().wall


# -- the machine's clock -----------------------------------------------------------------------


def test_nobody_vouches_for_a_clock_that_no_service_keeps() -> None:
    clock = SystemClock(ZONE, disciplined=lambda: False)
    assert (clock.read().state, clock.source) == (ClockState.UNKNOWN, "")
    clock.set_floor(real_now() + timedelta(days=400))
    seen = clock.read()
    assert seen.state is ClockState.ESTIMATED
    assert seen.wall > real_now() + timedelta(days=399)


def test_a_time_service_is_believed_and_so_is_headquarters() -> None:
    clock = SystemClock(ZONE, disciplined=lambda: True)
    assert clock.read().state is ClockState.SYNCED
    assert clock.source == "ntp"
    clock = SystemClock(ZONE, disciplined=lambda: False)
    said = real_now() + timedelta(days=30)
    clock.tell(said)
    assert (clock.read().state, clock.source) == (ClockState.SYNCED, "hq")
    assert timedelta(0) <= clock.read().wall - said < timedelta(seconds=5)
    clock.tell(said - timedelta(days=3))  # an acknowledgement that lay about
    assert clock.read().wall >= said


def test_headquarters_time_never_goes_behind_the_journal() -> None:
    clock = SystemClock(ZONE, disciplined=lambda: False)
    clock.set_floor(real_now() + timedelta(days=2))
    clock.tell(real_now())
    assert clock.read().state is ClockState.ESTIMATED


def test_headquarters_vouches_for_an_estimate_that_is_a_little_ahead_of_its_word() -> None:
    """The box alone was started anew: it knows to the millisecond what headquarters said before."""
    clock = SystemClock(ZONE, disciplined=lambda: False)
    floor = real_now() + timedelta(days=2)
    clock.set_floor(floor)
    clock.tell(floor - timedelta(seconds=20))
    assert (clock.read().state, clock.source) == (ClockState.SYNCED, "hq")
    assert clock.read().wall >= floor
    clock.tell(floor - timedelta(minutes=3))
    assert clock.read().wall >= floor


def test_the_clock_of_a_demo_is_moved_by_nobody() -> None:
    clock = SystemClock(ZONE, MORNING, disciplined=lambda: False)
    clock.tell(MORNING + timedelta(days=5))
    assert (clock.read().state, clock.source) == (ClockState.SYNCED, "start")
    assert clock.read().wall - MORNING < timedelta(seconds=5)


# -- the least that now can be -----------------------------------------------------------------


@settings(deadline=None, max_examples=100)
@given(
    seconds=st.integers(0, 2**31),
    ran_ms=st.integers(0, 10**10),
    same_boot=st.booleans(),
    state=st.sampled_from((ClockState.ESTIMATED, ClockState.UNKNOWN)),
)
def test_the_lower_bound_never_asks_an_untrusted_clock(
    seconds: int, ran_ms: int, same_boot: bool, state: ClockState
) -> None:
    known = TrustedTime("a" if same_boot else "b", 1000, MORNING.isoformat())
    wall = EPOCH + timedelta(seconds=seconds)
    least = least_now(Reading("a", 1000 + ran_ms, wall, state), known)
    assert least == MORNING + timedelta(milliseconds=ran_ms + (0 if same_boot else 1000))


def test_without_any_trusted_time_it_is_the_build_date() -> None:
    assert least_now(Reading("a", 0, EPOCH, ClockState.UNKNOWN), None) == BUILT
    # where the kernel names no boot, running time of another run says nothing
    known = TrustedTime("?a", 1000, MORNING.isoformat())
    assert least_now(Reading("?b", 10**9, EPOCH, ClockState.ESTIMATED), known) == MORNING


# -- the box over a bad clock ------------------------------------------------------------------


def test_a_boot_at_1970_sells_on_and_ends_no_day(tmp_path: Path, machine: Machine) -> None:
    store, hours = opened(tmp_path, machine)
    sell(store, machine, "a")
    store.close()
    machine.boots(EPOCH)
    store, hours = opened(tmp_path, machine)
    assert beat(store, hours) == []
    entry = sell(store, machine, "b").entry
    assert (entry.at.business_date, entry.at.clock) == ("2026-03-06", ClockState.UNKNOWN)
    machine.runs(days=3)
    assert beat(store, hours) == []
    assert sell(store, machine, "c").entry.at.business_date == "2026-03-06"
    # a time service answers: the entry holds how far it was off, and the old day is closed
    ran, machine.wall, machine.state = machine.wall, MORNING + timedelta(days=9), ClockState.SYNCED
    said = beat(store, hours)
    assert said[0] == ClockSet((machine.wall - ran) // timedelta(milliseconds=1), "ntp")
    assert isinstance(said[1], DayClosed)
    assert (said[1].business_date, said[1].automatic) == ("2026-03-06", True)
    assert beat(store, hours) == []
    assert sell(store, machine, "d").entry.at.business_date == "2026-03-15"
    store.close()


@pytest.mark.parametrize("step", [timedelta(hours=-30), timedelta(hours=30)])
def test_steps_in_both_directions_are_written_down_and_no_date_goes_back(
    tmp_path: Path, machine: Machine, step: timedelta
) -> None:
    store, hours = opened(tmp_path, machine)
    sell(store, machine, "a")
    machine.runs(minutes=5)
    assert beat(store, hours) == []
    machine.wall += step
    said = beat(store, hours)
    assert said[0] == ClockSet(step // timedelta(milliseconds=1), "ntp")
    entry = sell(store, machine, "b").entry
    assert entry.at.business_date == ("2026-03-06" if step < timedelta(0) else "2026-03-07")
    store.close()


def test_a_clock_that_was_trusted_at_the_last_entry_says_nothing(
    tmp_path: Path, machine: Machine
) -> None:
    store, hours = opened(tmp_path, machine)
    assert beat(store, hours) == []
    store.close()
    machine.boots(MORNING + timedelta(minutes=10), ClockState.SYNCED)
    store, hours = opened(tmp_path, machine)
    assert beat(store, hours) == []
    store.close()


def test_the_day_ends_at_the_closing_hour_and_the_box_closes_it(
    tmp_path: Path, machine: Machine
) -> None:
    store, hours = opened(tmp_path, machine)
    sell(store, machine, "a")
    machine.runs(hours=17, minutes=59)  # 03:59
    assert beat(store, hours) == []
    assert sell(store, machine, "b").entry.at.business_date == "2026-03-06"
    machine.runs(minutes=1)
    (closed,) = beat(store, hours)
    assert isinstance(closed, DayClosed)
    assert closed.totals.sales == 2
    assert sell(store, machine, "c").entry.at.business_date == "2026-03-07"
    assert beat(store, hours) == []
    store.close()


def test_nothing_lapses_while_the_clock_is_not_trusted(tmp_path: Path, machine: Machine) -> None:
    from daemon.ledger import machine as drafts
    from daemon.ledger.messages import GrantedLot, HoldingGranted
    from tests.ledger.shop import message

    store, _ = opened(tmp_path, machine)
    lot = GrantedLot(
        "hq.1:1:1", "points:M", "point", 50, "2025-01-01", "opening", "2026-03-07T00:00:00+08:00"
    )
    data = message("holding.granted", HoldingGranted("M", (lot,)))
    at = stamp(machine.read(), closing_hour=4, not_before=None)
    store.commit(drafts.down_draft(at, message=data, signature="", chain=store.chain))
    machine.runs(days=2)
    machine.state = ClockState.ESTIMATED
    assert due(store, machine, closing_hour=4) == []
    assert least_now(machine.read(), store.purses.last_trusted()) > datetime(
        2026, 3, 8, tzinfo=ZONE
    )
    machine.state = ClockState.SYNCED
    (lapse,) = due(store, machine, closing_hour=4)
    assert lapse.kind is Kind.POINTS_LAPSED
    store.close()


@pytest.mark.parametrize("zone", ["Asia/Shanghai", "Europe/Berlin", "America/New_York"])
@settings(deadline=None, max_examples=60)
@given(hours=st.lists(st.integers(1, 30), min_size=1, max_size=60))
def test_dates_grow_with_time_in_every_zone(zone: str, hours: list[int]) -> None:
    """Also where clocks are put forward and back: no date is left out of order."""
    now = datetime(2026, 3, 27, tzinfo=timezone.utc)
    last: date | None = None
    for step in hours:
        now += timedelta(hours=step)
        day = business_date(now.astimezone(ZoneInfo(zone)), closing_hour=4, not_before=last)
        assert last is None or day >= last
        local = now.astimezone(ZoneInfo(zone))
        assert abs((day - local.date()).days) <= 1
        last = day


def test_the_night_when_clocks_go_back_is_one_business_day() -> None:
    zone = ZoneInfo("Europe/Berlin")
    night = datetime(2026, 10, 25, 0, 30, tzinfo=timezone.utc)  # 02:30, for the first time
    days = {
        business_date(
            (night + timedelta(hours=n)).astimezone(zone), closing_hour=4, not_before=None
        )
        for n in range(3)
    }
    assert days == {date(2026, 10, 24)}


def test_a_clock_that_nobody_vouches_for_turns_no_day(tmp_path: Path, machine: Machine) -> None:
    store, hours = opened(tmp_path, machine)
    sell(store, machine, "a")
    machine.boots(MORNING + timedelta(days=40), ClockState.ESTIMATED)
    assert beat(store, hours) == []
    assert sell(store, machine, "b").entry.at.business_date == "2026-03-06"
    store.close()
