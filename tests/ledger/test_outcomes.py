"""Durable, refused, unknown: what a commit says when the disk fails in every way we know."""

import os
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from daemon.ledger import accounts
from daemon.ledger.kinds import Unit
from daemon.ledger.store import Store
from daemon.ledger.verify import verify
from daemon.ledger.views import Durable, Outcome, Refused
from tests.ledger.faulty import FSYNC, FULL, READONLY, Fault, FaultyMedium
from tests.ledger.shop import MEMBER, open_store, sale

POINTS = accounts.points(MEMBER)
WITHIN_S = 5.0


def words(outcome: Outcome) -> str:
    assert isinstance(outcome, Refused), outcome
    return outcome.problems[0].what


def together(
    store: Store, medium: FaultyMedium, word: str, fault: Fault, *, after: bool = False
) -> list[Outcome]:
    """Return what became of two sales in one group whose transaction fails."""
    gate, entered = threading.Event(), threading.Event()

    def hold(durable: Durable) -> None:
        entered.set()
        gate.wait(WITHIN_S)

    store.subscribe(hold)  # the writer stands while others gather
    store.submit(sale("first"))
    assert entered.wait(WITHIN_S)
    futures = [store.submit(sale(name)) for name in ("a", "b")]
    medium.fail(word, fault, after=after)
    gate.set()
    outcomes = [future.result(WITHIN_S) for future in futures]
    assert medium.hit
    return outcomes


@pytest.mark.parametrize(
    ("fault", "fix"), [(FULL, "Make room on the disk"), (READONLY, "mount it writable")]
)
def test_a_full_or_readonly_disk_refuses_clearly_and_the_next_commit_works(
    tmp_path: Path, fault: Fault, fix: str
) -> None:
    medium = FaultyMedium()
    store = open_store(tmp_path, medium=medium)
    medium.fail("INSERT", fault)
    problem = words(store.commit(sale("a")))
    assert medium.hit
    assert "journal.db: committing" in problem
    assert fix in problem
    assert store.head.seq == 1
    assert store.books.balance(POINTS, Unit.POINT) == 0
    again = store.commit(sale("a"))
    assert isinstance(again, Durable)
    assert not again.again
    assert store.head.seq == 2
    store.close()
    assert verify(tmp_path, full=True).ok


@pytest.mark.parametrize("fault", [FULL, READONLY, FSYNC], ids=["full", "readonly", "fsync"])
@pytest.mark.parametrize("word", ["BEGIN", "INSERT", "COMMIT"])
def test_a_group_is_refused_as_one_whatever_fails(tmp_path: Path, word: str, fault: Fault) -> None:
    medium = FaultyMedium()
    store = open_store(tmp_path, medium=medium)
    for outcome in together(store, medium, word, fault):
        words(outcome)
    assert store.head.seq == 2
    assert store.books.balance(POINTS, Unit.POINT) == 120
    assert isinstance(store.commit(sale("a")), Durable)
    store.close()
    assert verify(tmp_path, full=True).ok


def test_a_group_that_failed_after_it_was_durable_is_answered_durable(tmp_path: Path) -> None:
    medium = FaultyMedium()
    store = open_store(tmp_path, medium=medium)
    outcomes = together(store, medium, "COMMIT", FSYNC, after=True)
    assert [outcome.entry.seq for outcome in outcomes if isinstance(outcome, Durable)] == [3, 4]
    assert store.books.balance(POINTS, Unit.POINT) == 360
    store.close()
    assert verify(tmp_path, full=True).ok


@pytest.mark.parametrize("way", ["commit", "submit"])
def test_a_commit_that_failed_after_it_was_durable_is_answered_durable(
    tmp_path: Path, way: str
) -> None:
    medium = FaultyMedium()
    store = open_store(tmp_path, medium=medium)
    states: list[str] = []
    log = tmp_path / "journal.db-wal"
    left_bytes: list[int] = []

    def on_state(state: str) -> None:
        states.append(state)
        left_bytes.append(log.stat().st_size)

    store.on_state(on_state)
    medium.fail("INSERT", FSYNC, after=True)
    draft = sale("a")
    outcome = store.commit(draft) if way == "commit" else store.submit(draft).result(WITHIN_S)
    assert isinstance(outcome, Durable)
    assert outcome.entry.seq == 2
    assert store.books.balance(POINTS, Unit.POINT) == 120
    assert isinstance(store.commit(sale("b")), Durable)
    store.close()
    assert states == ["checking", "ok"]
    assert left_bytes[1] == 0  # all is in the database: nothing half written can come back
    assert verify(tmp_path, full=True).ok


def test_a_commit_that_failed_before_it_was_durable_is_refused_and_never_appears(
    tmp_path: Path,
) -> None:
    medium = FaultyMedium()
    store = open_store(tmp_path, medium=medium)
    medium.fail("INSERT", FSYNC)
    assert "nothing was written" in words(store.submit(sale("a")).result(WITHIN_S))
    assert store.head.seq == 1
    store.close()
    store = open_store(tmp_path)
    assert store.head.seq == 1
    assert isinstance(store.commit(sale("a")), Durable)
    store.close()


def test_while_nothing_is_known_the_future_stays_open_and_others_are_refused(
    tmp_path: Path,
) -> None:
    medium = FaultyMedium()
    store = open_store(tmp_path, medium=medium)
    checking, failed = threading.Event(), threading.Event()
    states: list[str] = []

    def on_state(state: str) -> None:
        states.append(state)
        (failed if state == "failed" else checking).set()
        if state == "checking":  # the disk stays away for a while
            medium.fail("PRAGMA", FSYNC, times=10_000)

    store.on_state(on_state)
    medium.fail("INSERT", FSYNC, after=True)
    unknown = store.submit(sale("a"))
    assert checking.wait(WITHIN_S)
    assert failed.wait(WITHIN_S)
    assert not unknown.done()
    other = store.submit(sale("b"))
    assert "disk" in words(other.result(WITHIN_S))
    assert not unknown.done()
    medium.left = 0
    outcome = unknown.result(WITHIN_S)
    assert isinstance(outcome, Durable)
    assert isinstance(store.submit(sale("b")).result(WITHIN_S), Durable)
    store.close()
    assert states == ["checking", "failed", "ok"]
    assert verify(tmp_path, full=True).entries == 3


@pytest.mark.parametrize("word", ["INSERT", "BEGIN", "SELECT"])
def test_books_that_fail_are_healed_from_the_journal(tmp_path: Path, word: str) -> None:
    medium = FaultyMedium("books.db")
    store = open_store(tmp_path, medium=medium)
    for n in range(3):
        assert isinstance(store.commit(sale(f"a{n}")), Durable)
    medium.fail(word, FULL, times=1)
    outcome = store.commit(sale("b"))
    try:
        store.books.balance(POINTS, Unit.POINT)
    except Exception as error:  # the first reader may be told
        assert "books.db" in str(error)
    assert medium.hit
    committed = 4 if isinstance(outcome, Durable) else 3
    assert store.books.balance(POINTS, Unit.POINT) == 120 * committed
    store.close()
    assert verify(tmp_path, full=True).ok


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: a disk of its own is mounted")
def test_a_disk_that_is_really_full_refuses_and_recovers(tmp_path: Path) -> None:
    script = "mount -t tmpfs -o size=768k tmpfs disk && exec " + (
        f"{sys.executable} -m tests.ledger.full_disk disk"
    )
    (tmp_path / "disk").mkdir()
    root = Path(__file__).resolve().parents[2]
    script = f"cd {tmp_path} && " + script.replace("-m tests", "-P -m tests")
    run = subprocess.run(
        ["unshare", "-m", "sh", "-c", script],
        env={**os.environ, "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        timeout=60,
    )
    if "permission" in run.stderr.lower() or "not permitted" in run.stderr.lower():
        pytest.skip(f"mount is not allowed here: {run.stderr.strip()}")
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1] == "recovered", run.stdout


def test_killed_writers_lose_and_double_nothing(tmp_path: Path) -> None:
    """kill -9 at different moments of a stream of sales; every acknowledged one is there."""
    root = Path(__file__).resolve().parents[2]
    acknowledged: list[str] = []
    for round_ in range(6):
        child = subprocess.Popen(
            [sys.executable, "-m", "tests.ledger.stream", str(tmp_path), str(round_)],
            cwd=root,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert child.stdout is not None
        for line in child.stdout:
            acknowledged.append(line.strip())
            if line.startswith(f"{round_}-{round_ * 13 + 5} "):
                time.sleep(0.0007 * round_)
                child.kill()
        child.wait(timeout=10)
    proof = verify(tmp_path, full=True)
    assert proof.ok, proof.bad
    store = open_store(tmp_path)
    ids = [line.split()[0] for line in acknowledged if line.endswith("durable")]
    assert len(ids) > 6 * 5
    for name in ids:
        outcome = store.commit(sale(name))
        assert isinstance(outcome, Durable)
        assert outcome.again, f"{name} was acknowledged and is lost"
    sales = store.books.balance(accounts.stock("CREAM"), Unit.PIECE)
    assert len(ids) <= -sales <= len(ids) + 6
    assert store.head.seq == 1 - sales
    store.close()
    shutil.rmtree(tmp_path)
