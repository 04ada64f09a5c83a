"""A salvage that is cut off, or finds no room: all as it was, or all done, and the chain ends."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from daemon.ledger import salvage
from daemon.ledger.bodies import EpochOpened
from daemon.ledger.codec import decode
from daemon.ledger.epochs import SALVAGED_FACT
from daemon.ledger.files import DAMAGED_FACT
from daemon.ledger.local import Local
from daemon.ledger.medium import Medium
from daemon.ledger.verify import verify
from daemon.ledger.views import Durable
from tests.ledger.shop import open_store, sale

ROOT = Path(__file__).resolve().parents[2]
SOLD = 60


def damaged(tmp_path: Path) -> bytes:
    """A box whose journal has a hole in its last quarter; return the damaged bytes."""
    store = open_store(tmp_path)
    for number in range(SOLD):
        assert isinstance(store.commit(sale(f"a{number}")), Durable)
    store.close()
    journal = tmp_path / "journal.db"
    raw = journal.read_bytes()
    at = len(raw) * 3 // 4 // 1024 * 1024
    journal.write_bytes(raw[:at] + bytes(4096) + raw[at + 4096 :])
    return journal.read_bytes()


def cut_off(tmp_path: Path, step: int) -> None:
    """Do a salvage up to a step, as a power cut would leave it."""
    journal = tmp_path / "journal.db"
    salvage.salvage_journal(journal, Medium())
    if step == 0:
        return
    local = Local(tmp_path / "local.db", Medium())
    local.keep_fact(SALVAGED_FACT, "1")
    local.close()
    if step == 1:
        journal.rename(tmp_path / "journal.damaged-then.db")
    else:
        salvage.finish_salvage(journal, "then")


@pytest.mark.parametrize("step", [0, 1, 2], ids=["made", "moved aside", "before the next epoch"])
def test_a_salvage_that_was_cut_off_is_ended_by_the_next_start(tmp_path: Path, step: int) -> None:
    raw = damaged(tmp_path)
    cut_off(tmp_path, step)
    store = open_store(tmp_path)
    body = decode(store.read(2, 1, 1)[0].data).body
    assert isinstance(body, EpochOpened) and body.reason == "salvage"
    carried = store.read(1, 1, SOLD + 1)
    assert 20 < len(carried) < SOLD + 1 and carried[-1].seq == body.parent_seq
    store.close()
    (aside,) = tmp_path.glob("journal.damaged-*.db")
    assert aside.read_bytes() == raw
    assert not list(tmp_path.glob("*.salvag*"))
    assert verify(tmp_path, full=True).ok


@pytest.mark.parametrize("again", [False, True], ids=["at once", "after a power cut"])
def test_books_are_those_of_a_journal_that_lost_a_piece_of_an_older_chain(
    tmp_path: Path, again: bool
) -> None:
    """The head that the books name is there, with its hash; entries of the chain before are not."""
    for hardware in ("one", "two"):
        store = open_store(tmp_path, hardware=hardware)
        for number in range(SOLD):
            assert isinstance(store.commit(sale(f"{hardware}{number}")), Durable)
        store.close()
    journal = tmp_path / "journal.db"
    raw = journal.read_bytes()
    middle = raw.index(b'"id":"one30"') // 1024 * 1024
    journal.write_bytes(raw[:middle] + b"\xff" * 1024 + raw[middle + 1024 :])
    local = Local(tmp_path / "local.db", Medium())
    local.put_fact(DAMAGED_FACT, "page 40")
    local.close()
    if again:
        local = Local(tmp_path / "local.db", Medium())
        salvage.salvage_journal(journal, Medium())
        local.keep_fact(SALVAGED_FACT, "2")
        local.drop_fact(DAMAGED_FACT)
        local.close()
        salvage.finish_salvage(journal, "then")
    store = open_store(tmp_path, hardware="two")
    assert store.chain.epoch == 3
    assert 20 < len(store.read(1, 1, SOLD + 1)) < SOLD + 1
    assert len(store.read(2, 1, SOLD + 1)) == SOLD + 1
    assert isinstance(store.commit(sale("after")), Durable)
    store.close()
    assert verify(tmp_path, full=True).bad == ()


def test_whoever_was_erased_stays_erased_when_the_local_records_are_salvaged(
    tmp_path: Path,
) -> None:
    store = open_store(tmp_path)
    store.local.put_member_key("88", key=b"k" * 32, phone_digest=None)
    store.local.put_member_key("89", key=b"k" * 32, phone_digest=None)
    store.local.forget_member_keys(["89"])
    store.close()
    salvage.salvage_local(tmp_path / "local.db", Medium())
    (tmp_path / "local.db").rename(tmp_path / "local.damaged-then.db")  # and the power goes
    store = open_store(tmp_path)
    store.local.put_member_key("89", key=b"k" * 32, phone_digest=None)
    assert store.local.member_key("88") is not None
    assert store.local.member_key("89") is None, "its key is refused, whoever brings it"
    store.close()


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: a disk of its own is mounted")
def test_a_salvage_without_room_leaves_all_as_it_was_and_says_what_to_do(tmp_path: Path) -> None:
    (tmp_path / "disk").mkdir()
    work = f"{sys.executable} -P -m tests.ledger.full_salvage disk"
    run = subprocess.run(
        ["unshare", "-m", "sh", "-c", f"mount -t tmpfs -o size=3m tmpfs disk && exec {work}"],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=60,
    )
    if "permission" in run.stderr.lower() or "not permitted" in run.stderr.lower():
        pytest.skip(f"mount is not allowed here: {run.stderr.strip()}")
    assert run.returncode == 0, run.stderr
    assert run.stdout.startswith("saved "), run.stdout
