"""What simulated histories have found once: each as small as it can be."""

from pathlib import Path

from daemon.ledger.bodies import DownRefused
from daemon.ledger.codec import decode
from daemon.ledger.messages import CardBlocked
from daemon.ledger.records import Draft
from daemon.ledger.views import Outcome, Problem, Refused
from daemon.sync.protocol import (
    HELLO_EVERY_MS,
    STATE_EVERY_MS,
    AckSeen,
    BoxSession,
    Connected,
    Fork,
    SendHello,
    SendState,
    Tick,
    UpState,
)
from hq import report, restoring
from hq.chainlog import newest_log
from hq.imports import import_products
from tests.hq.tables import products_csv
from tests.sync.shops import Shops


def test_a_message_that_the_disk_did_not_take_is_tried_again(tmp_path: Path) -> None:
    shops = Shops(tmp_path)
    ledger = shops.home.ledger
    real, failed = ledger.commit, list[Draft]()

    def full(draft: Draft) -> Outcome:
        if draft.kind == "down.applied" and len(failed) < 3:
            failed.append(draft)
            return Refused((Problem("the disk is full", passing=True),))
        return real(draft)

    ledger.commit = full  # type: ignore[method-assign]
    import_products(shops.world.office, products_csv(tmp_path / "p.csv"))
    shops.run(40)
    assert len(failed) == 3
    bodies = [decode(one.data).body for one in ledger.entries]
    assert not any(isinstance(body, DownRefused) for body in bodies)
    assert ledger.books.down_mark(1) is not None
    assert shops.world.converged()
    assert report.cases(shops.world.office) == []


def test_an_old_medium_of_a_box_with_a_later_chain_hears_that_it_has_ended(tmp_path: Path) -> None:
    shops = Shops(tmp_path)
    db = shops.world.office.db
    db.execute(
        "INSERT INTO chain (box, epoch, mark, mark_hash, booked_hash, down_hash) SELECT box, 2, 1,"
        " mark_hash, booked_hash, down_hash FROM chain WHERE box = '0001'"
    )
    shops.world.given_up.add("0001")
    shops.home.disconnect()
    shops.home.connect()
    for sent in shops.home.work(20):
        shops.world._post("up", "0001", sent.topic, sent.payload)
    shops.run(20)
    assert shops.home.courier.fork is Fork.CLOSED


def test_a_message_of_a_kind_that_nobody_knows_survives_a_restore(tmp_path: Path) -> None:
    shops = Shops(tmp_path)
    office = shops.world.office
    shops.home.disconnect()
    with office.transaction():
        log = newest_log(office, "0001")
        assert log is not None
        n = log.add("weather.told", CardBlocked("1234567", "lost"))
    restoring.raise_incarnation(office)
    shops.home.connect()
    shops.run(300)
    bodies = [decode(one.data).body for one in shops.home.ledger.entries]
    refused = [body for body in bodies if isinstance(body, DownRefused)]
    assert [body.n for body in refused] == [n]


def test_a_hello_is_said_again_now_and_then_since_nobody_answers_for_a_lost_one() -> None:
    box = BoxSession(incarnation=1, chains=(UpState(1, 0),))
    box.handle(Connected(0))
    box.handle(AckSeen(1, 1, 0, True, True, False, 0))
    said = []
    for now in range(0, 2 * HELLO_EVERY_MS, STATE_EVERY_MS):
        said += box.handle(Tick(now))
        box.handle(AckSeen(1, 1, 0, True, True, False, now))
    assert said.count(SendHello()) == 1
    assert said.count(SendState()) > 10
