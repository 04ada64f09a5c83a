"""When the Z warns that the books lie on this box alone."""

import msgspec
import pytest

from daemon.papers.day import alone_days
from daemon.status import Status

DAY_S = 86_400.0


def status(hq_age_s: float | None, second_copy: str | None = None) -> Status:
    return msgspec.convert(
        {
            "running": True,
            "box": "0018",
            "epoch": 1,
            "seq": 9,
            "hash": "",
            "hq_mark": 0,
            "hq_age_s": hq_age_s,
            "hq_connected": False,
            "clock": "synced",
            "business_date": None,
            "pack": None,
            "devices": {},
            "store": "ok",
            "spool": 0,
            "last_good": False,
            "second_copy": second_copy,
            "kiosk_url": None,
        },
        Status,
    )


@pytest.mark.parametrize(
    ("said", "age_s", "days"),
    [
        (status(60.0), 90 * DAY_S, None),
        (status(3 * DAY_S - 1), 90 * DAY_S, None),
        (status(3 * DAY_S), 90 * DAY_S, 3),
        (status(9.5 * DAY_S, "/media/stick"), 90 * DAY_S, None),
        (status(None), 2 * DAY_S, None),
        (status(None), 30 * DAY_S, 30),
    ],
)
def test_three_days_without_a_copy_are_told(said: Status, age_s: float, days: int | None):
    assert alone_days(said, age_s) == days
