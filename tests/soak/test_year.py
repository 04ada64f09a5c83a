"""Some days of the soak of a year, and that what grows would be found: `make soak-year`."""

from datetime import date, timedelta
from pathlib import Path

import pytest
from msgspec import structs

from tests.soak import year
from tests.soak.year import Evening, growing
from tests.soak.year_shop import YearStage

DAYS, SALES = 4, 4
FIRST = date(2026, 3, 6)


@pytest.mark.timeout(600)  # eight seconds of a quiet machine
def test_some_days_of_a_shop_end_as_days_do(tmp_path: Path) -> None:
    with YearStage(tmp_path) as stage:
        stage.set_up()
        lived = year.run(stage, DAYS, SALES, seed=20260306)
        words = stage.words("box")
    assert lived.proof["ok"], lived.proof
    assert [one.day for one in lived.evenings] == [FIRST + timedelta(days=n) for n in range(DAYS)]
    assert lived.kinds["sale"] == lived.evenings[-1].sales >= DAYS * SALES
    assert lived.kinds["day.closed"] == lived.kinds["shift.closed"] == DAYS
    assert lived.kinds["clock.set"] == 0, "to the box it was a machine that ran all the while"
    assert lived.backups == 1
    assert all(0 < one.sqlite_kib < year.SQLITE_MOST_KIB for one in lived.evenings)
    assert all(one.blocks > 100_000 for one in lived.evenings), "the box tells what it holds"
    assert "Traceback" not in words and "ERROR" not in words, words[-4000:]
    assert len({one.copy_bytes for one in lived.evenings}) > 1 or lived.evenings[-1].copy_bytes
    report = year.report(lived)
    assert "MB a day" in report and str(lived.evenings[-1].day) in report


def some_year(**leaks: int) -> list[Evening]:
    """A year of a hundred entries a day; `leaks`: what grows by so much every evening."""
    flat = Evening(
        day=FIRST,
        sales=0,
        entries=0,
        memory_kib=48000,
        sqlite_kib=700,
        blocks=200_000,
        handles=61,
        threads=7,
        written_bytes=0,
        disk={},
        copy_bytes=0,
        files=13,
    )
    found = []
    for number in range(365):
        noise = number * 7 % 5  # what comes and goes is no leak
        disk = {
            "journal.db": 120_000 * number + leaks.get("journal", 0) * number**2,
            "books.db": 80_000 * number,
            "local.db": 400_000 + leaks.get("local", 0) * number,
        }
        cached = min(2900, 700 + 10 * number) + leaks.get("sqlite", 0) * number
        found.append(
            structs.replace(
                flat,
                day=FIRST + timedelta(days=number),
                sales=95 * number,
                entries=100 * number,
                memory_kib=flat.memory_kib + noise * 100 + cached + leaks.get("memory", 0) * number,
                sqlite_kib=cached,
                blocks=flat.blocks + noise * 1000 + leaks.get("blocks", 0) * number,
                handles=flat.handles + noise + leaks.get("handles", 0) * number,
                threads=flat.threads + noise + leaks.get("threads", 0) * number // 50,
                written_bytes=1_500_000 * number + leaks.get("written", 0) * number**2,
                disk=disk,
                files=flat.files + leaks.get("files", 0) * number,
            )
        )
    return found


def test_a_year_that_only_sells_is_flat() -> None:
    assert growing(some_year()) == []


@pytest.mark.parametrize(
    ("what", "by", "said"),
    [
        ("handles", 1, "handles: "),
        ("threads", 1, "threads: "),
        ("memory", 12, "memory in KiB, beside SQLite's: "),
        ("sqlite", 8, "memory of SQLite: "),
        ("blocks", 100, "blocks of Python: "),
        ("files", 1, "files: "),
        ("local", 8192, "bytes of local.db: "),
        ("journal", 200, "journal.db: "),
        ("written", 2000, "written: "),
    ],
)
def test_what_grows_is_found(what: str, by: int, said: str) -> None:
    (found,) = growing(some_year(**{what: by}))
    assert found.startswith(said), found
