"""The doctor: what goes wrong in the field is found, graded, and said with what to do."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from daemon.finding import Finding
from hq import packs, restoring
from hq.checkup import checkup
from hq.headquarters import Headquarters
from hq.store import Office
from tests.hq.office import Sender, new_office, take, work_all
from tests.stage import ROOT
from tests.sync.memory import HandClock

HOUR_MS = 3_600_000


@pytest.fixture
def office(tmp_path: Path) -> Iterator[Office]:
    made = new_office(tmp_path / "hq")
    packs.publish(made, (ROOT / "config" / "packs" / "zhenzi.json").read_text())
    yield made
    made.close()


def found(office: Office, what: str) -> list[Finding]:
    return [one for one in checkup(office) if one.what == what]


def wait(office: Office, hours: int) -> None:
    assert isinstance(office.clock, HandClock)
    office.clock.move(hours * HOUR_MS)


def test_a_headquarters_in_order_has_no_finding_but_ok(office: Office) -> None:
    box, hq = Sender(office), Headquarters(office)
    take(hq, box.hello(), box.batch())
    work_all(hq)
    unlike = [one for one in checkup(office) if one.level != "ok"]
    assert [one.what for one in unlike if "fsync" not in one.found] == []  # the tests' own server
    assert found(office, "durability")[0].found == "an acknowledged entry is on one disk"
    assert found(office, "shop")[0].found == "all 1 online"


@pytest.mark.parametrize(
    ("hours", "level", "said"), [(3, "ok", "3 h"), (48, "warning", "2 d"), (24 * 9, "error", "9 d")]
)
def test_the_longer_a_shop_is_silent_the_worse(
    office: Office, hours: int, level: str, said: str
) -> None:
    box = Sender(office)
    take(Headquarters(office), box.hello(), box.batch())
    wait(office, hours)
    (shop,) = found(office, "shop")
    assert (shop.level, shop.found) == (level, f"0001 is silent for {said}")
    assert bool(shop.fix) == (level != "ok")


def test_the_shop_that_is_silent_longest_comes_first(office: Office) -> None:
    hq = Headquarters(office)
    for name, seed in (("0002", 8), ("0001", 7)):
        box = Sender(office, name, seed=seed)
        take(hq, box.hello(), box.batch())
        wait(office, 30)
    assert [one.found[:4] for one in found(office, "shop")] == ["0002", "0001"]


def test_a_pool_that_waits_for_chains_is_an_error_that_names_them(office: Office) -> None:
    box, hq = Sender(office), Headquarters(office)
    take(hq, box.hello(), box.batch())
    work_all(hq)
    restoring.raise_incarnation(office)
    (pool,) = found(office, "pool")
    assert pool.level == "error" and "0001.1" in pool.found and "write-off" in pool.fix


def test_a_certificate_near_its_end_is_a_warning_and_past_it_an_error(office: Office) -> None:
    with office.transaction():
        office.db.executemany(
            "INSERT INTO certificate (serial, name, issued, ends) VALUES (?, ?, '', ?)",
            [
                ("1", "broker", "2026-04-01"),
                ("2", "0001", "2027-04-01"),
                ("3", "old", "2026-03-01"),
            ],
        )
    graded = {one.found.partition("'")[0]: one.level for one in found(office, "certificate")}
    assert graded == {"broker": "warning", "old": "error"}
