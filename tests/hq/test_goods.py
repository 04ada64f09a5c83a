"""Goods from shop to shop: headquarters tells the one what the other sent, and its way empties."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from daemon.ledger.bodies import StockLine, StockMoved, StockReceived
from daemon.ledger.codec import down_body, down_message
from daemon.ledger.kinds import Kind
from daemon.ledger.messages_shop import GoodsSent
from daemon.ledger.posting import transit
from daemon.ledger.records import By, Draft, Posting
from daemon.ledger.views import Durable
from daemon.sync.wire import Post
from hq import report
from hq.headquarters import Headquarters
from tests.hq.office import Sender, new_office, take, work_all

LINES = (StockLine("TOY", 4, "Toy"),)


@pytest.fixture
def hq(tmp_path: Path) -> Iterator[Headquarters]:
    office = new_office(tmp_path / "hq")
    yield Headquarters(office)
    office.close()


def send(box: Sender, to: str) -> str:
    moved = (
        Posting("@", "stock:TOY", "piece", "", -4),
        Posting(transit(to), "stock:TOY", "piece", "", 4),
    )
    at, by = box.ledger.at(), By("02", "clerk")
    body = StockMoved(LINES, to, "D-1")
    draft = Draft("api", f"to {to}", Kind.STOCK_MOVED, at, by, None, None, body, moved)
    outcome = box.ledger.commit(draft)
    assert isinstance(outcome, Durable)
    return f"{box.ledger.chain}:{outcome.entry.seq}"


def receive(box: Sender, sent: str) -> None:
    moved = (
        Posting(transit("@"), "stock:TOY", "piece", "", -4),
        Posting("@", "stock:TOY", "piece", "", 4),
    )
    at, by = box.ledger.at(), By("02", "clerk")
    body = StockReceived(LINES, sent=sent)
    draft = Draft("api", sent, Kind.STOCK_RECEIVED, at, by, None, sent, body, moved)
    assert isinstance(box.ledger.commit(draft), Durable)


def told(hq: Headquarters, box: str) -> list[GoodsSent]:
    posts = [
        msgspec.json.decode(out.payload, type=Post)
        for out in hq.posts(1)
        if out.topic == f"mb1/{box}/down/log"
    ]
    said = [
        down_body(down_message(one.message.encode())) for post in posts for one in post.messages
    ]
    return [one for one in said if isinstance(one, GoodsSent)]


def on_the_way(hq: Headquarters) -> int:
    query = "SELECT coalesce(sum(amount), 0) FROM balance WHERE holder LIKE 'transit:%'"
    return int(hq.office.db.execute(query).fetchone()[0])


def test_the_other_shop_is_told_and_what_it_takes_leaves_the_way(hq: Headquarters) -> None:
    here, there = Sender(hq.office), Sender(hq.office, "0002", seed=8)
    sent = send(here, "0002.1")
    take(hq, here.hello(), here.batch())
    work_all(hq)
    assert on_the_way(hq) == 4
    there.sell(1)
    take(hq, there.hello(), there.batch())  # a shop that begins after the goods had left
    work_all(hq)
    take(hq, there.hello())
    (message,) = told(hq, "0002")
    assert (message.sent, message.to, message.lines) == (sent, "0002.1", LINES)
    receive(there, sent)
    take(hq, there.batch())
    work_all(hq)
    assert on_the_way(hq) == 0
    assert report.cases(hq.office) == []
    take(hq, there.hello())
    assert len(told(hq, "0002")) <= 1, "told once"


def test_goods_for_a_chain_that_has_ended_are_a_case(hq: Headquarters) -> None:
    here = Sender(hq.office)
    old, new = (Sender(hq.office, "0002", seed=8, epoch=n) for n in (1, 2))
    for box in (old, new):
        box.sell(1)
        take(hq, box.hello(), box.batch())
    send(here, "0002.1")
    take(hq, here.hello(), here.batch())
    work_all(hq)
    assert [case.kind for case in report.cases(hq.office)] == ["goods"]
