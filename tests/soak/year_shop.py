"""A busy shop from day to day, with the box's clock in our hand: see year.py.

Most sales are keyed in one go, as fast as the box takes them; what else a day has is done by the
acts of tests/whole. Every sale ends with its receipt, and the next one waits for it: a disk that
takes a second for a flush has the box show 正在核对, and keys typed ahead would be nobody's.
"""

import os
import re
import shutil
import sys
import tempfile
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Self

import msgspec

from daemon.control import ask
from tests.bench.unit import unit_environment
from tests.hardware_sim.box_config import CLOCK_START
from tests.soak.year_box import Ahead
from tests.stage import Stage
from tests.whole import aftersales, backoffice, sales
from tests.whole.demo_day import PHONES
from tests.whole.hands import Hands
from tests.whole.shopday import MEMBERS, SCANNED, ShopDay

OPENS, CLOSES = 10, 21  # o'clock
# The clock goes on in steps. After each the link has not heard for hours, and may connect anew: a
# second of waiting, so the steps are few.
STEP_HOURS = 4
STOCK_EVERY_DAYS = 7  # goods come in once a week
FAST = Path("/dev/shm")  # memory, as /run is on a box


class YearStage(Stage):
    """The stage with the box of year_box.py. What a real box has on other media lies in memory,
    so that what the process writes to the disk is what a card would take."""

    def __init__(self, root: Path, leak: str = "") -> None:
        super().__init__(root)
        self._leak = leak
        self.aside = Path(tempfile.mkdtemp(dir=FAST if FAST.is_dir() else None))
        self.run_dir = self.aside / "run"
        self.copy = self.aside / "stick"
        self.copy.mkdir()
        self.ahead = Ahead(self.aside / "ahead")

    def __enter__(self) -> Self:
        return self

    def start_bench(self, key: str, token: str) -> None:
        super().start_bench(key, token)
        text = re.sub(r"run_dir = .*", f'run_dir = "{self.run_dir}"', self.config.read_text())
        self.config.write_text(f'{text}\n[second_copy]\nfolder = "{self.copy}"\n')

    def start_box(self) -> None:
        told = unit_environment().items() - os.environ.items()
        command = ["env", *(f"{name}={said}" for name, said in sorted(told))]
        command += [sys.executable, "-m", "tests.soak.year_box", "--config", str(self.config)]
        command += ["--ahead", str(self.aside / "ahead"), "--leak", self._leak]
        self._spawn("box", command)
        self._wait_for_line("box", "ready")

    def close(self) -> None:
        super().close()
        shutil.rmtree(self.aside, ignore_errors=True)

    def status(self) -> dict[str, object]:
        said = ask(self.run_dir, "status")
        assert said is not None, self.words("box")[-2000:]
        return msgspec.json.decode(said, type=dict[str, object])


class Shop:
    """The days of a shop, one after another."""

    def __init__(self, stage: YearStage, sales_a_day: int, seed: int) -> None:
        self.stage = stage
        self._sales = sales_a_day
        self._day = ShopDay(Hands(stage), seed)
        self._now = datetime.fromisoformat(CLOCK_START)
        self.sold = 0

    def live(self, number: int) -> date:
        """Live one day, from its opening to its Z; return its date."""
        begin = datetime.fromisoformat(CLOCK_START).replace(hour=0, minute=0)
        midnight = begin + timedelta(days=number)
        day, hands = self._day, self._day.hands
        self._until(midnight + timedelta(hours=OPENS))
        if number % STOCK_EVERY_DAYS == 0:
            self._do(backoffice.receives)
        hours = range(OPENS, CLOSES, STEP_HOURS)
        for place, hour in enumerate(hours):
            self._until(midnight + timedelta(hours=hour))
            for _ in range(
                self._sales * place // len(hours), self._sales * (place + 1) // len(hours)
            ):
                self._sells()
        for act in (sales.stored_value, aftersales.comes_back, backoffice.hands_over):
            self._do(act)
        self._until(midnight + timedelta(hours=CLOSES))
        self._closes()
        day.looks.clear()
        day.sold.clear()
        hands.page.views[:-1] = []
        self.stage.until(self._quiet, "the last paper of the day, and headquarters")
        return midnight.date()

    def _do(self, act) -> None:  # type: ignore[no-untyped-def] # ShopDay's acts
        # Not ShopDay.do: it looks at every display too, which a busy machine has changed by then.
        self._day.hands.idle()
        act(self._day)
        if act is sales.stored_value:
            self.sold += 1

    def _closes(self) -> None:
        hands = self._day.hands
        hands.idle()
        hands.keys("/77")
        hands.clerk("98-")
        hands.keys("ENTER")
        (text,) = hands.paper()
        assert "日结单(Z)" in text, text

    def _sells(self) -> None:
        """One customer: goods by number, six of ten known by phone, two ways to pay."""
        chance, hands = self._day.chance, self._day.hands
        words = ["CLEAR", "CLEAR"]
        if chance.random() < 0.6:
            words += [str(PHONES[chance.choice(MEMBERS)]), "ENTER"]
        for _ in range(chance.randint(1, 4)):
            words += [str(chance.choice(SCANNED)["plu"]), "ENTER"]
        hands.keys(*words, "ENTER", chance.choice(("*2", "ENTER")))
        (text,) = hands.paper()
        assert "销售小票" in text, text
        self.sold += 1

    def _until(self, then: datetime) -> None:
        """Move the machine's clock on, when nobody waits for an answer that would be late then."""
        self.stage.until(self._quiet, "paper and headquarters")
        self.stage.ahead.move(then - self._now)
        self._now = then

    def _quiet(self) -> bool:
        status = self.stage.status()
        return status["spool"] == 0 and status["hq_mark"] == status["seq"]
