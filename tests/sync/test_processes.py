"""A real store, real brokers, headquarters as a process: killed in mid-flow, nothing is lost."""

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from daemon.clock import SystemClock
from daemon.entropy import SystemEntropy
from daemon.ledger import machine
from daemon.ledger.bodies import BoxStarted
from daemon.ledger.kinds import Kind
from daemon.ledger.records import Draft
from daemon.ledger.stamp import stamp
from daemon.ledger.store import Store
from daemon.ledger.views import Durable
from daemon.sync.link import Sync
from hq.memberlist import members
from hq.report import BoxSaid, boxes, cases
from hq.store import open_office
from tests.brokers import Broker
from tests.hq.serving import Serving, ask_hq, run_hq
from tests.hq.tables import cards_csv, products_csv
from tests.sync.memory import QuietBox

PATIENCE_S = 25.0
ZONE = ZoneInfo("Asia/Shanghai")


@dataclass
class LiveBox:
    """A store and its link, on this test's loop."""

    folder: Path
    broker: str
    hq_key: bytes
    token: str
    sold: int = 0
    tls: Path | None = None
    version: str = "3.1.1"
    clock: SystemClock = field(default_factory=lambda: SystemClock(ZONE))

    async def start(self) -> None:
        entropy = SystemEntropy()
        self.store = Store.open(
            self.folder, "0001", clock=self.clock, entropy=entropy, closing_hour=4, software="t"
        )
        self.sync = Sync(
            self.store,
            mqtt=self.broker,
            hq_key=self.hq_key,
            token=self.token,
            entropy=entropy,
            clock=self.clock,
            status=QuietBox,
            on_change=lambda: None,
            tls=self.tls,
            mqtt_version=self.version,
        )
        loop = asyncio.get_running_loop()

        def wake(_: Durable) -> None:
            loop.call_soon_threadsafe(self.sync.wake)

        self.store.subscribe(wake)
        await self.sync.start()

    async def stop(self) -> None:
        await self.sync.stop()
        self.store.close()

    async def sell(self, count: int) -> None:
        for _ in range(count):
            self.sold += 1
            at = stamp(
                self.clock.read(), closing_hour=4, not_before=self.store.books.business_date()
            )
            body = BoxStarted(f"sale {self.sold}", "0" * 64)
            name = f"sale-{self.sold}"
            draft = Draft("till", name, Kind.BOX_STARTED, at, machine.BY_BOX, None, None, body, ())
            outcome = await asyncio.wrap_future(self.store.submit(draft))
            assert isinstance(outcome, Durable)


async def until(true: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not true():
        assert time.monotonic() < deadline, f"not within {PATIENCE_S} s: {what}"
        await asyncio.sleep(0.05)


def hq_box(folder: Path) -> BoxSaid | None:
    office = open_office(folder)
    try:
        return boxes(office).get("0001")
    finally:
        office.close()


def prepared(tmp_path: Path) -> tuple[Path, bytes, str]:
    """Make a headquarters with products and members; return it, its key and a token."""
    folder = tmp_path / "hq"
    key = bytes.fromhex(str(ask_hq(folder, "init")["key"]))
    ask_hq(folder, "import", "products", str(products_csv(tmp_path / "p.csv")))
    ask_hq(folder, "import", "cards", str(cards_csv(tmp_path / "c.csv")))
    return folder, key, str(ask_hq(folder, "token", "0001")["token"])


@pytest.mark.parametrize("kind", ["nats", "mosquitto"])
def test_broker_and_headquarters_killed_in_mid_flow_lose_and_double_nothing(
    kind: str, tmp_path: Path
) -> None:
    try:
        broker = Broker(kind, tmp_path / "broker")
    except FileNotFoundError as error:
        pytest.skip(str(error))
    with broker:
        asyncio.run(_mid_flow(broker, tmp_path))


async def _mid_flow(broker: Broker, tmp_path: Path) -> None:
    folder, key, token = prepared(tmp_path)
    box = LiveBox(tmp_path / "box", broker.address, key, token)
    with Serving(folder, broker.address) as serving:
        await box.start()
        await box.sell(100)
        await until(lambda: box.sync.status().hq_mark >= 50, "the first batches")
        broker.kill()
        await box.sell(100)
        await until(lambda: not box.sync.status().connected, "the box notices")
        broker.start()
        serving.kill()
        await box.sell(100)
        serving.start()
        await box.sell(20)
        await agree(box, folder)
        assert box.store.books.member_count() == 2
        assert box.store.books.stock("CARD") == 10
        await box.stop()
        assert serving.end() == 0
    office = open_office(folder)
    query = "SELECT count(*) FROM entry WHERE CAST(data AS TEXT) LIKE '%\"sale-%'"
    sold = office.db.execute(query).fetchone()
    assert sold == (320,)
    assert {member.card: member.points for member in members(office)} == {
        "8800000000018": 620,
        "8800000000049": 150,
    }
    assert cases(office) == []
    office.close()


async def agree(box: LiveBox, folder: Path) -> None:
    def agreed() -> bool:
        seen = hq_box(folder)
        return (
            seen is not None
            and seen.mark == seen.booked == box.store.head.seq == box.sync.status().hq_mark
            and seen.applied == seen.down > 0
        )

    await until(agreed, "both sides agree")


def test_a_box_that_starts_again_goes_on_at_the_mark(tmp_path: Path) -> None:
    asyncio.run(_again(tmp_path))


async def _again(tmp_path: Path) -> None:
    folder, key, token = prepared(tmp_path)
    with Broker("nats", tmp_path / "broker") as broker:
        box = LiveBox(tmp_path / "box", broker.address, key, token)
        await box.start()
        await box.sell(10)
        assert box.sync.status().hq_age_s is None
        with Serving(folder, broker.address):
            await agree(box, folder)
            await box.stop()
            await until(lambda: not (hq_box(folder) or _none()).online, "the goodbye")
            again = LiveBox(tmp_path / "box", broker.address, key, "not needed any more")
            await again.start()
            assert again.sync.status().hq_mark > 0
            await again.sell(5)
            await agree(again, folder)
            ask_hq(folder, "import", "products", str(products_csv(tmp_path / "p2.csv", price=6900)))
            await until(
                lambda: (again.store.books.product("ZZ-001") or _none()).price_fen == 6900,
                "the new price at the counter",
            )
            assert run_hq(folder, "cases").returncode == 0
            await again.stop()


def _none() -> "Nobody":
    return Nobody()


@dataclass(frozen=True)
class Nobody:
    online: bool = True
    price_fen: int = 0
