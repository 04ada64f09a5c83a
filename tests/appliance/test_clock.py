"""A box without a battery, from 1970 to headquarters' time; a broker whose clock is wrong.

Real processes, a real mosquitto, headquarters' real certificates. The kernel's name of this boot
is one for all processes here: what another boot means is shown in tests/acts/test_time.py.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest

from daemon.clock import kept
from tests.acts.till import cash, line
from tests.appliance.ends import BOX, OneBox, TwoDoors
from tests.appliance.wall_clock import WallClock, real_now
from tests.brokers import HOST
from tests.hq.serving import Serving, ask_hq
from tests.hq.tables import cards_csv
from tests.service.box_config import say

LONG_AGO = datetime(1970, 1, 1, 0, 0, 7, tzinfo=timezone.utc)
FAR_AHEAD = datetime(2090, 6, 1, 12, tzinfo=timezone.utc)
MINUTES = timedelta(minutes=5)
CARD = "8800000000018"
SOON_S = 4.0  # until a lot of points lapses: longer than the way to the next boot


class Shop:
    """Headquarters, its broker and the box; each wall clock is the test's."""

    def __init__(self, folder: Path) -> None:
        self.hq = folder / "hq"
        key = str(ask_hq(self.hq, "init")["key"])
        ask_hq(self.hq, "import", "cards", str(cards_csv(folder / "cards.csv")))
        token = ask_hq(self.hq, "token", BOX)["token"]
        self.broker = TwoDoors(folder, self.hq)
        ask_hq(self.hq, "certificate", BOX, "--out", str(folder / "mine"))
        self.of_broker = WallClock(_made(folder / "at-broker"))
        self.of_box = WallClock(_made(folder / "at-box"))
        address = f"{HOST}:{self.broker.main}"
        lines = f'\n[hq]\nmqtt = "{address}"\nkey = "{key}"\ntoken = "{token}"\n'
        self.box = OneBox(
            folder / "box",
            f'{lines}tls = "{folder}/mine"\n',
            **self.of_box.environ,
        )
        self.serving = Serving(self.hq, address, "--tls")
        self.member = ""  # who has the card, once the box knows

    def start_broker(self) -> None:
        self.broker.start(**self.of_broker.environ)

    def boot(self, when: datetime | None) -> None:
        self.box.stop()
        self.of_box.set(when)
        self.box.start()
        self.box.until(lambda: self.box.status().get("running") is True, "the box serves")
        self.box.until(lambda: say(self.box.config, "status")[0] == 0, "and answers")

    def does(self, kind: str, **request: object) -> None:
        file = self.box.state.parent / "act.json"
        file.write_text(json.dumps(request), encoding="utf-8")
        code, said = say(self.box.config, "act", kind, str(file))
        assert code == 0, said

    def sells(self, name: str) -> None:
        goods = [line(1, "TOY", 1000, points=10)]
        self.does("sale", id=name, member=self.member, lines=goods, tenders=cash(1000), points=10)

    def entries(self) -> list[dict[str, object]]:
        said = say(self.box.config, "journal", "tail", "--count", "200")[1]["entries"]
        assert isinstance(said, list)
        return said

    def kinds(self) -> list[object]:
        return [entry["kind"] for entry in self.entries()]

    def in_step(self) -> bool:
        said = self.box.status()
        return said.get("seq") == said.get("hq_mark")

    def knows_member(self) -> bool:
        code, said = say(self.box.config, "member", "export", CARD)
        self.member = str(said.get("member"))
        return code == 0


def _made(folder: Path) -> Path:
    folder.mkdir()
    return folder


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    made = Shop(tmp_path)
    try:
        made.start_broker()
        with made.serving:
            yield made
    finally:
        made.box.stop()
        made.broker.stop()


def test_from_1970_to_headquarters_time(shop: Shop) -> None:
    shop.boot(None)
    shop.box.until(lambda: shop.box.status().get("clock") == "synced", "headquarters tells it")
    shop.box.until(shop.knows_member, "the member is at home here")
    ends = real_now() + timedelta(seconds=SOON_S)
    shop.does(
        "points.granted",
        id="soon",
        member=shop.member,
        points=50,
        reason="festival",
        expires=ends.isoformat(),
    )
    shop.broker.stop()
    for number, when in enumerate((LONG_AGO, FAR_AHEAD)):
        shop.boot(when)
        shop.sells(f"offline-{number}")
        assert shop.box.status()["clock"] == "estimated"
        sold = shop.entries()[-1]
        assert sold["kind"] == "sale", "nothing lapses, no day ends"
        assert _at(sold)["clock"] == "estimated" and str(_at(sold)["wall"]) > "2026"
    shop.box.until(lambda: real_now() > ends, "by the right time the points have lapsed")
    # the line comes back, but its broker takes everybody's certificate for one that has ended
    shop.of_broker.set(FAR_AHEAD)
    shop.start_broker()
    shop.box.until(lambda: "broker " in str(shop.box.status().get("notes")), "it is turned away")
    assert shop.box.status()["hq_connected"] is False
    assert "points.lapsed" not in shop.kinds()
    shop.of_broker.set(None)
    # nobody touches the box any more: its own clock stands in 2090 still
    shop.box.until(lambda: shop.box.status().get("clock") == "synced", "and let in by itself")
    shop.box.until(lambda: "points.lapsed" in shop.kinds(), "what waited for the time is done")
    *_, told = [entry for entry in shop.entries() if entry["kind"] == "clock.set"]
    body = told["body"]
    assert isinstance(body, dict) and body["by"] == "hq"
    ran_ahead = timedelta(milliseconds=-body["offset_ms"])
    assert abs(real_now() + ran_ahead - FAR_AHEAD) < MINUTES
    shop.box.until(shop.in_step, "and everything that was sold is at headquarters")


@pytest.mark.parametrize(
    ("said", "marked", "trusted"),
    [(0, False, True), (5, False, False), (5, True, False), (-1, False, False), (-1, True, True)],
)
def test_where_the_kernel_may_not_be_asked_the_time_services_mark_tells(
    tmp_path, said, marked, trusted
):
    mark = tmp_path / "synchronized"
    if marked:
        mark.touch()
    assert kept(said, mark) is trusted


def _at(entry: dict[str, object]) -> dict[str, object]:
    found = entry["at"]
    assert isinstance(found, dict)
    return found
