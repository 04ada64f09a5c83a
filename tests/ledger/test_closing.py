"""The close of a day is signed: who rewrites what lies before it, and links it anew, is named."""

import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest
from msgspec.structs import replace

from daemon.ledger.bodies import DayClosed
from daemon.ledger.codec import decode, encode, hash_of
from daemon.ledger.daybook import forgotten_days
from daemon.ledger.kinds import Kind
from daemon.ledger.records import Entry
from daemon.ledger.verify import verify
from daemon.ledger.views import Durable
from tests.ledger.shop import MORNING, Watch, at, open_store, sale

DAYS, SALES = 3, 4


@pytest.fixture(scope="module")
def sold(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of a box that sold and closed some days."""
    folder = tmp_path_factory.mktemp("sold")
    clock = Watch()
    store = open_store(folder, clock=clock)
    for day in range(DAYS):
        clock.wall = MORNING + timedelta(days=day)
        for n in range(SALES):
            outcome = store.commit(sale(f"{day}-{n}", when=at(clock.wall)))
            assert isinstance(outcome, Durable)
        tomorrow = at(clock.wall + timedelta(days=1))
        for draft in forgotten_days(store, tomorrow):
            assert isinstance(store.commit(draft), Durable)
    store.close()
    files = [one for one in folder.rglob("*") if one.is_file()]
    return {str(one.relative_to(folder)): one.read_bytes() for one in files}


@pytest.fixture
def box(sold: dict[str, bytes], tmp_path: Path) -> Path:
    for name, data in sold.items():
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(data)
    return tmp_path


def entries(folder: Path) -> list[Entry]:
    with sqlite3.connect(folder / "journal.db") as journal:
        return [decode(row[0]) for row in journal.execute("SELECT data FROM entry ORDER BY id")]


def rewrite(folder: Path, seq: int, changed: Entry) -> None:
    """Put another entry there, link all that follow to it, and let the books be made anew."""
    before, found = "", entries(folder)
    with sqlite3.connect(folder / "journal.db") as journal:
        for old in [changed, *found[seq:]]:
            entry = replace(old, prev=before) if before else old
            data = encode(entry)
            before = hash_of(data)
            row = (bytes.fromhex(before), data, (1 << 32) | entry.seq)
            journal.execute("UPDATE entry SET hash = ?, data = ? WHERE id = ?", row)
    for file in folder.glob("books.db*"):
        file.unlink()


def closes(folder: Path) -> list[Entry]:
    return [one for one in entries(folder) if one.kind is Kind.DAY_CLOSED]


def test_every_close_of_a_day_is_signed_and_proved(box: Path) -> None:
    bodies = [one.body for one in closes(box)]
    assert len(bodies) == DAYS
    assert all(isinstance(body, DayClosed) and body.signature for body in bodies)
    assert verify(box).ok and verify(box, full=True).ok


@pytest.mark.parametrize("full", [False, True])
def test_a_day_that_was_rewritten_and_linked_anew_is_named(box: Path, full: bool) -> None:
    first = closes(box)[0]
    victim = entries(box)[2]
    rewrite(box, 3, replace(victim, source="somebody"))
    bad = verify(box, full=full).bad
    signed = [one for one in bad if "signed another entry" in one.what]
    bodies = [one.body for one in closes(box)]
    heads = [int(one.last.rpartition(":")[2]) for one in bodies if isinstance(one, DayClosed)]
    assert [(one.epoch, one.seq) for one in signed] == [(1, head) for head in heads]
    assert first.at.business_date and "2026-03-06" in signed[0].what


def test_what_follows_the_last_close_is_not_signed_yet(box: Path) -> None:
    last = closes(box)[-1]
    rewrite(box, last.seq, replace(last, source="somebody"))
    assert not [one for one in verify(box).bad if "signed" in one.what]


def test_a_signature_of_another_day_or_none_is_named(box: Path) -> None:
    first, second, *_ = closes(box)
    assert isinstance(first.body, DayClosed) and isinstance(second.body, DayClosed)
    rewrite(box, second.seq, replace(second, body=replace(second.body, signature="")))
    found = [(one.seq, one.what) for one in verify(box).bad if "signed" in one.what]
    assert found[0] == (second.seq, "the close of 2026-03-07 is not signed")
    stolen = replace(second.body, signature=first.body.signature)
    rewrite(box, second.seq, replace(second, body=stolen))
    found = [(one.seq, one.what) for one in verify(box).bad if "signed" in one.what]
    assert found[0][0] == int(second.body.last.rpartition(":")[2])
