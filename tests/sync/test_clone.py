"""A copied card: two boxes with one chain. Headquarters sees the branch, the box ends the chain."""

import shutil
from pathlib import Path
from random import Random

from daemon.ledger import accounts
from daemon.ledger.bodies import EpochOpened
from daemon.ledger.codec import decode
from daemon.ledger.kinds import Unit
from daemon.ledger.store import Store
from daemon.ledger.views import Durable, Refused
from daemon.sync.courier import Await, Courier, Send
from daemon.sync.mailroom import Mailroom
from daemon.sync.saying import Identity
from hq import report
from hq.headquarters import Headquarters
from hq.intake import Arrival
from hq.registry import issue_token
from tests.hq.office import new_office
from tests.ledger.shop import MEMBER, open_store, sale, spend
from tests.sync.memory import QuietBox, SeededEntropy, TickingClock

TURNS = 12


def talk(store: Store, hq: Headquarters, token: str, clock: TickingClock) -> Courier:
    """Let one box say everything that it has to say, and hear the answers."""
    key = hq.office.public
    courier = Courier(
        store,
        identity=Identity(key, token, "test"),
        entropy=SeededEntropy(Random(store.head.seq)),
        clock=clock,
        status=QuietBox,
    )
    mailroom = Mailroom(
        store.chain.box, hq_key=key, unseal=lambda box: box, phone_key=bytes(32), keys=store.local
    )
    courier.new_session()
    courier.connected()
    for _ in range(TURNS):
        sent: list[Send] = []
        while courier.pending:
            for action in courier.step():
                if isinstance(action, Send):
                    sent.append(action)
                elif isinstance(action, Await):
                    courier.settled(action.outcome.result(5), action.of)
        drained = hq.take([Arrival(one.topic, one.payload) for one in sent], mono_ms=1)
        assert not drained.refusals, drained.refusals
        hq.work()
        for out in drained.answers:
            courier.received(mailroom.open(out.topic, out.payload))
    return courier


def test_a_copied_card_is_found_at_headquarters_and_its_chain_ends(tmp_path: Path) -> None:
    office = new_office(tmp_path / "hq")
    hq, clock = Headquarters(office), TickingClock()
    token = issue_token(office, "0018")
    store = open_store(tmp_path / "box")
    store.commit(sale("a"))
    store.close()
    shutil.copytree(tmp_path / "box", tmp_path / "copy")
    first, second = open_store(tmp_path / "box"), open_store(tmp_path / "copy")
    assert isinstance(first.commit(spend("x", "0018.1:2:2", 100)), Durable)
    assert isinstance(second.commit(spend("y", "0018.1:2:2", 120)), Durable), "nobody knows yet"
    assert talk(first, hq, token, clock).fork is None
    assert report.cases(office) == []
    assert talk(second, hq, token, clock).fork is not None
    second.close()
    second = open_store(tmp_path / "copy")
    assert second.chain.epoch == 2
    opened = decode(second.read(2, 1, 1)[0].data).body
    assert isinstance(opened, EpochOpened) and opened.reason == "fork"
    assert second.books.balance(accounts.points(MEMBER), Unit.POINT) == 0
    assert isinstance(second.commit(spend("z", "0018.1:2:2", 1)), Refused)
    assert talk(second, hq, token, clock).fork is None
    (case,) = [one for one in report.cases(office) if one.kind == "branch"]
    assert (case.box, case.epoch, case.seq) == ("0018", 1, 3), "the first bad place is named"
    both = office.db.execute(
        "SELECT count(*) FROM entry AS e JOIN chain AS c ON c.id = e.chain"
        " WHERE c.box = '0018' AND e.seq = 3"
    ).fetchone()
    assert both == (2,), "both are kept"
    held = office.db.execute(
        "SELECT amount FROM balance WHERE holder = '0018.1' AND account = ? AND lot <> ''",
        (accounts.points(MEMBER),),
    ).fetchone()
    assert held == (20,), "one of them is booked"
    first.close()
    second.close()
    office.close()
