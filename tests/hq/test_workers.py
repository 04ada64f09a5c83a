"""Workers that compete for what boxes send, and one process that books behind them."""

import random
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from hq.acktime import AckTime
from hq.cli import main
from hq.intake import Arrival, Outgoing
from hq.pipe import Come
from hq.serve import Server, Storing
from hq.store import Office, create, open_office
from tests.brokers import Broker, mosquitto_binary
from tests.hq.office import Sender, marks, new_office
from tests.hq.serving import ask_hq
from tests.postgres import Server as Postgres
from tests.soak import cluster
from tests.soak.broker import STORE, Victim, wait
from tests.soak.cluster import Cluster, Running
from tests.sync.memory import TickingClock


@pytest.fixture
def engine() -> str:
    """Workers are of PostgreSQL."""
    return "postgres"


# Real processes, killed in mid-flow.


@pytest.mark.timeout(300)  # a dozen processes; 15 s on a quiet machine
@pytest.mark.parametrize(
    ("kind", "falls"), [("nats", ("nats", "worker", STORE)), ("mosquitto", ("worker",))]
)
def test_who_is_killed_is_replaced_by_the_others_and_no_entry_is_lost_or_doubled(
    kind: str, falls: tuple[str, ...], tmp_path: Path
) -> None:
    if kind == "mosquitto" and mosquitto_binary() is None:
        pytest.skip("no mosquitto here (Debian: mosquitto)")
    left = list(falls)

    def first_of(victims: list[Victim]) -> Victim:
        name = left.pop(0)
        return next(one for one in victims if one.name == name)

    def others_go_on(chain: Cluster, victim: Victim) -> None:
        if victim.name == STORE:
            return  # nobody can store: it is the backlog that drains at the end
        sold = chain.sold()
        wait(lambda: chain.lacks(sold) == 0, f"what was sold while one {victim.name} was dead")

    result, figures = cluster.run(
        tmp_path,
        kind,
        len(falls),
        first_of,
        chance=random.Random(20260306),
        dead_s=(1.0, 1.0),
        meanwhile=others_go_on,
    )
    assert (result.lost, result.doubled, result.wrong) == ([], [], [])
    assert result.kills == dict.fromkeys(falls, 1)
    assert figures.stored == figures.sent >= result.sales > 100
    assert sum(stored > 0 for stored in figures.by_worker) >= 2, "they did not compete"


# What a worker promises: durable first, then the box, then the broker.


@dataclass
class Wire:
    """A pipe in memory: what comes, and what was done with it in which order."""

    waiting: list[Arrival] = field(default_factory=list)
    log: list[str] = field(default_factory=list)
    sent: list[Outgoing] = field(default_factory=list)
    again: list[Arrival] = field(default_factory=list)  # given anew to who has left
    look: Office | None = None  # another connection, that sees only what is durable
    server: Server | None = None

    place = "memory"
    connection = 1

    @property
    def empty(self) -> bool:
        return not self.waiting

    def keep_open(self) -> None:
        pass

    def arrived(self) -> list[Come]:
        if not self.waiting and self.server is not None:
            self.server.stop()
        come = [Come(one, lambda: self.log.append("forgotten")) for one in self.waiting]
        self.waiting = []
        return come

    def publish(self, messages: Sequence[Outgoing]) -> None:
        if messages and self.look is not None:
            row = self.look.db.execute("SELECT mark FROM chain WHERE box = '0001'").fetchone()
            self.log.append(f"told, durable up to {row[0]}")
        elif messages:
            self.log.append("told")
        self.sent += messages

    def leave(self) -> None:
        self.log.append("left")
        self.waiting, self.again = self.again, []


def worker(office: Office, wire: Wire) -> Server:
    wire.server = Server(office, wire, Storing, say=wire.log.append)
    return wire.server


def run_worker(office: Office, wire: Wire) -> None:
    worker(office, wire).run(lambda: None)


def test_a_box_is_told_what_is_durable_and_only_then_the_broker_may_forget(
    address: str, tmp_path: Path
) -> None:
    office = new_office(tmp_path, store=address)
    box = Sender(office)
    box.sell(9)
    wire = Wire([box.hello(), box.batch(1, 5), box.batch(6)], look=open_office(tmp_path))
    run_worker(office, wire)
    assert wire.log == ["told, durable up to 10", *["forgotten"] * 3, "left"]
    assert marks(wire.sent) == [(10, box.ledger.head.hash)]
    assert wire.look is not None
    row = wire.look.db.execute("SELECT mark, booked FROM chain WHERE box = '0001'").fetchone()
    assert row == (10, 0), "a worker does not book"
    wire.look.close()
    office.close()


def test_what_could_not_be_stored_is_neither_acknowledged_nor_forgotten(
    postgres: Postgres, address: str, tmp_path: Path
) -> None:
    office = new_office(tmp_path, store=address)
    box = Sender(office)
    box.sell(3)
    messages = [box.hello(), box.batch()]
    wire = Wire(list(messages), again=list(messages))
    server = worker(office, wire)
    pid = office.db.execute("SELECT pg_backend_pid()").fetchone()[0]
    postgres.say(f"SELECT pg_terminate_backend({pid}, 5000)")
    server.run(lambda: None)
    assert "Look whether the server runs" in wire.log[0]
    assert wire.log[1] == "left"
    assert wire.log[2:] == ["told", "forgotten", "forgotten", "left"], "the broker gave it again"
    assert marks(wire.sent) == [(4, box.ledger.head.hash)]
    office.close()


def test_what_is_refused_is_forgotten_all_the_same(address: str, tmp_path: Path) -> None:
    office = new_office(tmp_path, store=address)
    stranger = Sender(new_office(tmp_path / "elsewhere"))
    stranger.sell(1)
    wire = Wire([stranger.batch(), Arrival("mb1/0001/up/journal", b"nonsense")])
    run_worker(office, wire)
    assert wire.log[-3:] == ["forgotten", "forgotten", "left"] and wire.sent == []
    assert sum(line.startswith("refused mb1/0001/up/journal") for line in wire.log) == 2
    office.close()


def test_a_worker_whose_clock_is_behind_goes_by_the_one_that_is_ahead(
    address: str, tmp_path: Path
) -> None:
    ahead, behind = TickingClock(), TickingClock()
    ahead.mono_ms += 3_600_000
    first = AckTime(create(tmp_path, address, clock=ahead))
    second = AckTime(open_office(tmp_path, clock=behind))
    before = second.next()
    told = first.next()
    assert before < told
    first.keep()
    second.keep()
    assert second.next() > told, "a box would take it for an old one, and the link for dead"


# The commands.


def test_one_file_has_one_process(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    create(tmp_path).close()
    for words in (["intake", "--nats", "127.0.0.1:4222"], ["book", "--mqtt", "127.0.0.1:1883"]):
        assert main(["--dir", str(tmp_path), *words]) == 1, words
        assert "memberbox-hq move-store" in capsys.readouterr().out, words


def test_a_worker_is_told_where_messages_are_once(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    here = "127.0.0.1:4222"
    for words in ([], ["--mqtt", here, "--nats", here], ["--nats", "4222"]):
        assert main(["--dir", str(tmp_path), "intake", *words]) == 2, words
        assert "HOST:PORT" in capsys.readouterr().err, words


def test_a_broker_that_only_pretends_to_share_is_not_believed(address: str, tmp_path: Path) -> None:
    create(tmp_path / "hq", address).close()
    with Broker("nats") as broker:  # it grants such a subscription, and delivers nothing
        worker = Running(tmp_path / "hq", "intake", "--mqtt", broker.address, log=tmp_path / "log")
        worker.begin()
        try:
            wait(lambda: "shared subscriptions, or --nats" in worker.said, "it to say so")
            assert "ready" not in worker.said
            assert worker.end() == 0
        finally:
            worker.kill()


def test_a_worker_proves_itself_to_a_cluster_by_its_certificate(
    address: str, tmp_path: Path
) -> None:
    hq = tmp_path / "hq"
    create(hq, address).close()
    ask_hq(hq, "certificate", "broker", "--host", "127.0.0.1", "--out", str(tmp_path / "tls"))
    with Broker("nats", tls=tmp_path / "tls") as broker:
        where = ("intake", "--nats", broker.nats, "--replicas", "1")
        known = Running(hq, *where, "--tls", log=tmp_path / "known")
        stranger = Running(hq, *where, log=tmp_path / "stranger")
        try:
            known.begin()
            stranger.begin()
            wait(lambda: "ready intake nats" in known.said, "it to be let in")
            wait(lambda: "broker nats" in stranger.said, "it to be turned away")
            assert "ready" not in stranger.said
            assert (known.end(), stranger.end()) == (0, 0)
        finally:
            known.kill()
            stranger.kill()
