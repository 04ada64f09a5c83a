"""Whoever was not seen for as long as the pack keeps profiles is erased; nobody sooner."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from daemon.clock import ClockState
from daemon.ledger import accounts
from daemon.ledger.bodies import Consent, ConsentChanged
from daemon.ledger.kinds import Kind
from daemon.ledger.records import At, By, Draft, Posting
from daemon.ledger.views import Durable
from hq import packs, report
from hq.aliases import put_alias
from hq.cards import import_cards
from hq.headquarters import Headquarters
from hq.looks import DAY_MS
from hq.retention import Retention
from hq.store import Office
from tests.hq.office import Sender, new_office, take, work_all
from tests.hq.tables import cards_csv
from tests.hq.test_booking import enrol
from tests.rules.shop import changed
from tests.sync.memory import TickingClock

TERM_ENDS = date(2027, 3, 6)
KEPT_DAYS = 30
LAST_DAY = TERM_ENDS + timedelta(days=KEPT_DAYS)  # the first on which he is kept no more
OTHER = "0002.1:99"


@pytest.fixture
def hq(tmp_path: Path) -> Iterator[Headquarters]:
    made = Headquarters(new_office(tmp_path / "hq"))
    packs.publish(made.office, changed(privacy={"retention": f"P{KEPT_DAYS}D"}))
    yield made
    made.office.close()


@pytest.fixture
def shop(hq: Headquarters) -> Sender:
    return Sender(hq.office)


def seen(shop: Sender, member: str, day: date, clock: ClockState = ClockState.SYNCED) -> None:
    """Let a member do something in the shop on a day."""
    wall = datetime.fromisoformat(f"{day}T12:00:00+08:00")
    ledger = shop.ledger
    at = At("boot0001", ledger.at().mono_ms, wall.isoformat(), clock, day.isoformat())
    body = ConsentChanged(member, Consent("T1", False), "counter")
    name = f"seen:{member}:{day}:{clock}"
    draft = Draft("keypad", name, Kind.CONSENT_CHANGED, at, By("02", "clerk"), None, None, body, ())
    assert isinstance(ledger.commit(draft), Durable)


def reached(office: Office, day: date) -> None:
    """Let headquarters' own clock reach a day."""
    clock = office.clock
    assert isinstance(clock, TickingClock)
    ahead = datetime.fromisoformat(f"{day}T13:00:00+08:00") - clock.read().wall
    clock.move(max(DAY_MS, int(ahead.total_seconds() * 1000)))


def erased(hq: Headquarters) -> bool:
    return hq.office.db.execute("SELECT 1 FROM tombstone").fetchone() is not None


@pytest.mark.parametrize(
    ("shops_day", "own_day", "gone"),
    [
        (LAST_DAY - timedelta(days=1), LAST_DAY, False),
        (LAST_DAY, LAST_DAY - timedelta(days=1), False),  # both must have reached it
        (LAST_DAY, LAST_DAY, True),
    ],
)
def test_a_profile_is_kept_to_the_day(
    hq: Headquarters, shop: Sender, shops_day: date, own_day: date, *, gone: bool
) -> None:
    enrol(shop)
    seen(shop, OTHER, shops_day)
    take(hq, shop.hello(), shop.batch())
    work_all(hq)
    reached(hq.office, own_day)
    work_all(hq)
    assert erased(hq) is gone


@pytest.mark.parametrize("under_alias", [False, True])
def test_whoever_came_again_is_kept(hq: Headquarters, shop: Sender, *, under_alias: bool) -> None:
    member = enrol(shop)
    take(hq, shop.hello(), shop.batch())
    work_all(hq)
    if under_alias:
        put_alias(hq.office, OTHER, member, by="hq")
    seen(shop, OTHER if under_alias else member, LAST_DAY - timedelta(days=1))
    seen(shop, "0003.1:7", LAST_DAY)
    take(hq, shop.batch())
    reached(hq.office, LAST_DAY)
    work_all(hq)
    assert not erased(hq)


def test_a_visit_by_a_clock_that_nobody_trusts_moves_no_day(hq: Headquarters, shop: Sender) -> None:
    enrol(shop)
    seen(shop, OTHER, LAST_DAY, ClockState.UNKNOWN)
    take(hq, shop.hello(), shop.batch())
    work_all(hq)
    reached(hq.office, LAST_DAY)
    work_all(hq)
    assert not erased(hq)


def test_who_has_paid_value_left_is_a_case_for_a_person(hq: Headquarters, shop: Sender) -> None:
    member = enrol(shop)
    paid = (
        Posting("@", accounts.principal(member), "principal", "#1", 500),
        Posting("@", "topups", "principal", "", -500),
    )
    shop.ledger.sell("value", paid)
    seen(shop, OTHER, LAST_DAY)
    take(hq, shop.hello(), shop.batch())
    work_all(hq)
    reached(hq.office, LAST_DAY)
    work_all(hq)
    assert not erased(hq)
    (case,) = [one for one in report.cases(hq.office) if one.kind == "retention"]
    assert member in case.what and "Refund" in case.what


def test_who_is_a_case_holds_up_nobody_behind_him(hq: Headquarters, shop: Sender) -> None:
    import_cards(hq.office, cards_csv(hq.office.folder / "cards.csv"))  # one of them has value
    enrol(shop)
    seen(shop, OTHER, date(2040, 1, 1))
    take(hq, shop.hello(), shop.batch())
    work_all(hq)
    clock = hq.office.clock
    assert isinstance(clock, TickingClock)
    ahead = datetime(2040, 1, 1, 13, tzinfo=clock.read().wall.tzinfo) - clock.read().wall
    clock.move(int(ahead.total_seconds() * 1000))
    keeping = Retention(hq.office, per_turn=1)
    assert [keeping.work() for _ in range(4)] == [1, 1, 0, 0]
    left = hq.office.db.execute("SELECT count(*) FROM member WHERE key IS NOT NULL").fetchone()
    assert left[0] == 1 and len([c for c in report.cases(hq.office) if c.kind == "retention"]) == 1


def test_without_a_pack_nobody_is_forgotten(tmp_path: Path) -> None:
    made = Headquarters(new_office(tmp_path / "plain"))
    shop = Sender(made.office)
    enrol(shop)
    seen(shop, OTHER, date(2050, 1, 1))
    take(made, shop.hello(), shop.batch())
    work_all(made)
    reached(made.office, date(2050, 1, 1))
    work_all(made)
    assert not erased(made)
    made.office.close()
