"""What a database server makes possible and may do to headquarters: workers, standbys, its end."""

import sqlite3
import threading
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from daemon.errors import StoreError
from daemon.sync.wire import LetterKind, parse_letter, read_ack
from hq import report
from hq.cards import import_cards
from hq.checkup import checkup
from hq.headquarters import Headquarters
from hq.intake import Arrival, Intake, Outgoing
from hq.migrations import scripts
from hq.postgres import Postgres
from hq.sqlite import Sqlite, open_file
from hq.store import DATABASE, STORE_FILE, Office, create, open_office
from tests.brokers import Broker
from tests.hq.office import Sender, marks, new_office, take, work_all
from tests.hq.serving import Serving, ask_hq, run_hq
from tests.hq.tables import cards_csv
from tests.postgres import Server

WAIT_S = 20.0  # for a server that reads its settings anew, on a loaded machine
SQLITE_TYPES = {"INTEGER": "int8", "INT": "int8", "TEXT": "text", "BLOB": "bytea"}


@pytest.fixture
def engine() -> str:
    """These tests choose their engines themselves."""
    return "both"


# One interface, the same tables.


def test_both_engines_have_the_same_tables(address: str, tmp_path: Path) -> None:
    lite, server = open_file(tmp_path / "hq.db"), Postgres(address)
    known = {table.name: table for table in server.tables()}
    names = lite.execute("SELECT name FROM sqlite_master WHERE type = 'table'").fetchall()
    assert {name for (name,) in names} == set(known)
    for name, table in known.items():
        columns = lite.execute(f"SELECT name, type FROM pragma_table_info('{name}')").fetchall()
        theirs = [(column, kind) for column, kind in zip(table.columns, table.types, strict=True)]
        ours = [(column, SQLITE_TYPES[kind]) for column, kind in columns]
        assert [one for one in theirs if one[0] != "rowid"] == ours, name
    assert max(scripts()) == max(scripts("postgres"))
    lite.close()
    server.close()


# Refusals.


def test_a_password_in_the_address_is_refused_and_said_nowhere(tmp_path: Path) -> None:
    done = run_hq(tmp_path, "--store", "postgresql://hq:sesame@127.0.0.1/hq", "init")
    assert done.returncode == 3
    assert "PGPASSFILE" in done.stderr and "sesame" not in done.stderr + done.stdout
    assert not (tmp_path / STORE_FILE).exists()


def test_a_server_that_is_down_is_said_and_trying_again_may_help(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match="server runs") as caught:
        create(tmp_path, f"postgresql://hq@/hq?host={tmp_path}")
    assert caught.value.retry
    assert not (tmp_path / STORE_FILE).exists()


def test_a_schema_of_a_newer_software_is_refused(address: str, tmp_path: Path) -> None:
    create(tmp_path, address).close()
    db = Postgres(address)
    db.execute("UPDATE schema_version SET n = n + 1")
    db.close()
    with pytest.raises(StoreError, match="newer memberbox-hq"):
        open_office(tmp_path)


def test_a_role_without_rights_is_told_so(postgres: Server, address: str, tmp_path: Path) -> None:
    postgres.say("CREATE ROLE stranger LOGIN")
    with pytest.raises(StoreError, match="OWNER") as caught:
        create(tmp_path, address.replace("hq@", "stranger@"))
    assert not caught.value.retry


def test_two_keys_never_share_a_database(address: str, tmp_path: Path) -> None:
    create(tmp_path / "one", address).close()
    with pytest.raises(StoreError, match="belongs to the key"):
        create(tmp_path / "two", address)
    assert not (tmp_path / "two" / STORE_FILE).exists()


def test_one_serves_wherever_its_directory_is(address: str, tmp_path: Path) -> None:
    first, second = create(tmp_path, address), open_office(tmp_path)
    assert first.db.hold()
    assert not second.db.hold()
    first.close()
    assert second.db.hold()
    second.close()


# Workers beside each other.


def test_workers_that_compete_for_the_same_batches_store_each_entry_once(
    address: str, tmp_path: Path
) -> None:
    office = new_office(tmp_path, store=address)
    boxes = [Sender(office, f"000{n}", seed=n) for n in range(1, 4)]
    arrivals: list[Arrival] = []
    for box in boxes:
        box.sell(59)
        take(Headquarters(office), box.hello())
        arrivals += [box.batch(first, first + 5) for first in range(1, 61, 6)]
    failures: list[BaseException] = []

    def work(seed: int) -> None:
        own = open_office(tmp_path)
        order = arrivals * 2
        Random(seed).shuffle(order)
        try:
            for at in range(0, len(order), 4):
                Intake(own).drain(order[at : at + 4])
        except BaseException as error:
            failures.append(error)
        own.close()

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert {name: said.mark for name, said in report.boxes(office).items()} == {
        box.name: 60 for box in boxes
    }
    assert office.db.execute("SELECT count(*) FROM entry").fetchone() == (180,)
    assert report.cases(office) == []
    office.close()


# The server's end.


def test_a_server_killed_in_mid_flow_loses_and_doubles_nothing(tmp_path: Path) -> None:
    with Server() as server:
        office = new_office(tmp_path, store=server.database())
        box = Sender(office)
        box.sell(199)
        hq = Headquarters(office)
        take(hq, box.hello())
        acknowledged = 0
        for first in range(1, 201, 20):
            if first in (61, 141):
                server.kill()
                with pytest.raises(StoreError) as caught:
                    take(hq, box.batch(first, first + 19))
                assert caught.value.retry
                server.start()
            answers = take(hq, box.batch(first, first + 19)).answers
            acknowledged = marks(answers)[0][0]
            count = office.db.execute("SELECT count(*) FROM entry").fetchone()[0]
            assert count >= acknowledged == first + 19
        work_all(hq)
        assert acknowledged == 200
        assert report.boxes(office)["0001"].booked == 200
        office.close()


def test_serve_waits_for_its_database_and_goes_on(tmp_path: Path) -> None:
    with Server() as server, Broker("nats") as broker:
        ask_hq(tmp_path, "--store", server.database(), "init")
        with Serving(tmp_path, broker.address) as serving:
            server.kill()
            assert run_hq(tmp_path, "status").returncode == 3
            with pytest.raises(HTTPError) as caught:
                urlopen(serving.address)
            assert caught.value.code == 503
            server.start()
            assert ask_hq(tmp_path, "status")["ok"] is True
            with urlopen(serving.address) as page:
                assert page.status == 200
            assert serving.end() == 0


# How durable an acknowledgement is.


def test_an_acknowledgement_says_two_while_a_standby_is_in_step(tmp_path: Path) -> None:
    with Server(fsync=True) as primary:
        office = new_office(tmp_path, store=primary.database())
        box, hq = Sender(office), Headquarters(office)
        assert durability(take(hq, box.hello()).answers) == "one"
        with Server(fsync=True, after=primary):
            primary.say("ALTER SYSTEM SET synchronous_standby_names = '*'")
            primary.say("SELECT pg_reload_conf()")
            wait_until(lambda: office.db.durability() == "two")
            assert durability(take(hq, box.batch()).answers) == "two"
            assert "two disks" in said(office, "durability")
            primary.say("ALTER SYSTEM SET synchronous_commit = 'local'")
            primary.say("SELECT pg_reload_conf()")
            wait_until(lambda: office.db.durability() == "one")
            assert durability(take(hq, box.hello()).answers) == "one"
        wait_until(lambda: "every commit waits" in said(office, "store"))
        office.close()


def test_the_doctor_names_a_server_that_does_not_flush(address: str, tmp_path: Path) -> None:
    office = create(tmp_path, address)
    assert "fsync is off" in said(office, "store")  # the tests' own server
    office.close()
    done = run_hq(tmp_path, "doctor", "--json")
    assert done.returncode == 1 and '"durability":"one"' in done.stdout


# From one engine to the other.


def test_a_shop_becomes_a_chain_and_goes_on(address: str, tmp_path: Path) -> None:
    office = new_office(tmp_path / "hq")
    box = Sender(office)
    box.sell(9)
    hq = Headquarters(office)
    take(hq, box.hello(), box.batch())
    import_cards(office, cards_csv(tmp_path / "cards.csv"))
    work_all(hq)
    before = content(office)
    office.close()
    moved = ask_hq(tmp_path / "hq", "move-store", address)
    assert moved["entries"] == len(before["entry"])
    assert not (tmp_path / "hq" / DATABASE).exists()
    office = open_office(tmp_path / "hq", clock=office.clock, entropy=office.entropy)
    assert isinstance(office.db, Postgres)
    assert content(office) == before
    box.office = office
    box.sell(3)
    hq = Headquarters(office)
    assert marks(take(hq, box.batch(11)).answers)[0][0] == 13
    take(hq, Sender(office, "0002", seed=5).hello())  # a chain of a number that was not used
    work_all(hq)
    assert report.cases(office) == []
    after = content(office)
    ask_hq(tmp_path / "hq", "backup", str(tmp_path / "saved"))
    office.close()
    copy = open_office(tmp_path / "saved")
    assert isinstance(copy.db, Sqlite)
    assert content(copy) == after
    copy.close()


def test_a_backup_comes_back_into_a_database_as_the_next_incarnation(
    address: str, tmp_path: Path
) -> None:
    first = ask_hq(tmp_path / "shop", "init")
    ask_hq(tmp_path / "shop", "import", "cards", str(cards_csv(tmp_path / "cards.csv")))
    ask_hq(tmp_path / "shop", "backup", str(tmp_path / "saved"))
    back = ask_hq(tmp_path / "chain", "--store", address, "restore", str(tmp_path / "saved"))
    assert int(str(back["incarnation"])) > 1
    status = ask_hq(tmp_path / "chain", "status")
    assert (status["key"], status["incarnation"]) == (first["key"], back["incarnation"])
    assert ask_hq(tmp_path / "chain", "members") == ask_hq(tmp_path / "shop", "members")
    assert (tmp_path / "chain" / STORE_FILE).read_text().strip() == address


def test_nothing_moves_over_a_headquarters_that_is_there(address: str, tmp_path: Path) -> None:
    create(tmp_path / "chain", address).close()
    ask_hq(tmp_path / "shop", "init")
    done = run_hq(tmp_path / "shop", "move-store", address)
    assert done.returncode == 3 and "empty database" in done.stderr
    assert (tmp_path / "shop" / DATABASE).exists()
    assert run_hq(tmp_path / "shop", "status").returncode == 0
    ask_hq(tmp_path / "shop", "backup", str(tmp_path / "saved"))
    back = tmp_path / "back"
    done = run_hq(back, "--store", address, "restore", str(tmp_path / "saved"))
    assert done.returncode == 3 and "empty database" in done.stderr
    assert not (back / DATABASE).exists(), "it can be said again, with another address"


def test_a_folder_that_has_forgotten_its_address_is_no_new_headquarters(
    address: str, tmp_path: Path
) -> None:
    create(tmp_path, address).close()
    (tmp_path / STORE_FILE).write_text("")  # as a power cut may leave a file that nobody flushed
    done = run_hq(tmp_path, "status")
    assert done.returncode == 3 and "Write the database's address into it" in done.stderr
    assert not (tmp_path / DATABASE).exists()


def durability(answers: list[Outgoing]) -> str:
    letters = [parse_letter(one.payload) for one in answers]
    (ack,) = [read_ack(letter) for letter in letters if letter.kind is LetterKind.ACK]
    return ack.durability


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + WAIT_S
    while not true():
        assert time.monotonic() < end, f"not within {WAIT_S} s"
        time.sleep(0.02)


def said(office: Office, what: str) -> str:
    return "\n".join(str(finding) for finding in checkup(office) if finding.what == what)


def content(office: Office) -> dict[str, list[object]]:
    """Every row that headquarters has, in an order that no engine has a say in."""
    lite = Sqlite(sqlite3.connect(":memory:", isolation_level=None), "memory")
    tables = [row[0] for row in lite.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
    columns = {
        table: [row[0] for row in lite.execute(f"SELECT name FROM pragma_table_info('{table}')")]
        for table in tables
    }
    lite.close()
    return {
        table: sorted(
            office.db.execute(f"SELECT {', '.join(columns[table])} FROM {table}"), key=str
        )
        for table in tables
    }
