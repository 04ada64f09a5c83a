"""How a chain ends and what the next one has: replacement, other hardware, fork, damage."""

import shutil
from itertools import islice
from pathlib import Path

import pytest

from daemon.ledger import accounts
from daemon.ledger.balances import snapshot
from daemon.ledger.bodies import EpochOpened
from daemon.ledger.codec import decode
from daemon.ledger.epochs import FORKED_FACT
from daemon.ledger.files import DAMAGED_FACT
from daemon.ledger.handover import close_epoch
from daemon.ledger.kinds import Unit
from daemon.ledger.local import Acknowledged
from daemon.ledger.moves import handed_over
from daemon.ledger.records import Chain
from daemon.ledger.store import Store
from daemon.ledger.verify import verify
from daemon.ledger.views import Durable, Refused
from tests.ledger.invariants import check, check_books, entries_of
from tests.ledger.shop import MEMBER, at, open_store, sale, spend

POINTS = accounts.points(MEMBER)


def sell(store: Store, *names: str) -> None:
    for name in names:
        assert isinstance(store.commit(sale(name)), Durable)


def opened(store: Store) -> EpochOpened:
    body = decode(store.read(store.chain.epoch, 1, 1)[0].data).body
    assert isinstance(body, EpochOpened)
    return body


def prove(folder: Path) -> None:
    """The chain verifies, the books are the fold of all chains, and every invariant holds."""
    proof = verify(folder, full=True)
    assert proof.ok, proof.bad
    store = open_store(folder)
    history = []
    for chain, head in store.chains():
        history += entries_of(store.read(chain.epoch, 1, head.seq))
    store.close()
    check(history)
    with snapshot(folder / "books.db", "0018") as books:
        check_books(dict(books.balances()), history)


def test_a_planned_replacement_takes_everything_along(tmp_path: Path) -> None:
    store = open_store(tmp_path / "old", hardware="board-1")
    sell(store, "a", "b", "c")
    before = {(one.account, one.unit, one.lot, one.amount) for one in store.books.holding()}
    assert close_epoch(store, at()) == Chain("0018", 2)
    assert store.books.holding() == []
    assert isinstance(store.commit(spend("x", "0018.1:2:2", 1)), Refused)
    store.close()
    shutil.copytree(tmp_path / "old", tmp_path / "new")
    store = open_store(tmp_path / "new", hardware="board-2")
    assert (store.chain, opened(store).reason) == (Chain("0018", 2), "replacement")
    assert store.books.balance(POINTS, Unit.POINT) == 360
    held = {(one.account, one.unit, one.lot, one.amount) for one in store.books.holding()}
    assert held == before
    assert isinstance(store.commit(spend("y", "0018.1:2:2", 120)), Durable)
    store.close()
    store = open_store(tmp_path / "new", hardware="board-2")
    assert store.books.balance(POINTS, Unit.POINT) == 240, "taken over once"
    store.close()
    prove(tmp_path / "new")


def test_a_replacement_cut_off_in_the_middle_is_finished_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("daemon.ledger.moves.HANDED_PER_ENTRY", 2)
    store = open_store(tmp_path)
    sell(store, "a", "b", "c")
    before = len(store.books.holding())
    close_epoch(store, at())
    store.close()
    stops = iter([False, True])

    class Cut(Exception):
        pass

    commit = Store.commit

    def cut(self: Store, draft: object) -> object:
        if getattr(draft, "source", "") == "handover" and next(stops):
            raise Cut
        return commit(self, draft)  # type: ignore[arg-type]

    monkeypatch.setattr(Store, "commit", cut)
    with pytest.raises(Cut):
        open_store(tmp_path)
    monkeypatch.setattr(Store, "commit", commit)
    store = open_store(tmp_path)
    assert store.chain == Chain("0018", 2)
    assert len(store.books.holding()) == before
    store.close()
    prove(tmp_path)


@pytest.mark.parametrize("entries", [1, 2, 3])
def test_a_handover_that_was_cut_short_is_ended_by_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, entries: int
) -> None:
    """Some parts have left the chain's hand, and it was not closed: nobody could take them."""
    monkeypatch.setattr("daemon.ledger.moves.HANDED_PER_ENTRY", 2)
    store = open_store(tmp_path)
    sell(store, "a", "b", "c")
    held = {(one.account, one.unit, one.lot, one.amount) for one in store.books.holding()}
    cut_short(store, entries)
    store.close()
    store = open_store(tmp_path)
    assert (store.chain, opened(store).reason) == (Chain("0018", 2), "replacement")
    assert {(one.account, one.unit, one.lot, one.amount) for one in store.books.holding()} == held
    store.close()
    prove(tmp_path)
    with snapshot(tmp_path / "books.db", "0018") as books:
        assert not [name for name, left in books.balances() if name[0] == "transit:0018.2" and left]


def cut_short(store: Store, entries: int) -> None:
    """Commit the first entries of a handover, and no more."""
    parts = handed_over(
        at(),
        heir=Chain("0018", 2),
        head_seq=store.head.seq,
        holding=iter(store.books.holding()),
    )
    for draft in islice(parts, entries):
        assert isinstance(store.commit(draft), Durable)


def test_what_was_handed_over_belongs_to_the_heir_alone(tmp_path: Path) -> None:
    """The medium comes into other hands while the handover is under way: the chain that begins
    there takes nothing, and does not bear the heir's name."""
    store = open_store(tmp_path, hardware="board-1")
    sell(store, "a", "b")
    cut_short(store, 1)
    store.close()
    store = open_store(tmp_path, hardware="board-2")
    assert (store.chain, opened(store).reason) == (Chain("0018", 3), "hardware")
    assert store.books.holding() == []
    store.close()
    store = open_store(tmp_path, hardware="board-2")
    assert store.chain == Chain("0018", 3)
    store.close()
    prove(tmp_path)


def test_other_hardware_holds_nothing_of_the_old(tmp_path: Path) -> None:
    store = open_store(tmp_path, hardware="board-1")
    sell(store, "a", "b")
    store.close()
    store = open_store(tmp_path, hardware="board-2")
    assert (store.chain.epoch, opened(store).reason) == (2, "hardware")
    assert store.books.balance(POINTS, Unit.POINT) == 0
    outcome = store.commit(spend("x", "0018.1:2:2", 1))
    assert isinstance(outcome, Refused) and "holds 0" in outcome.problems[0].what
    sell(store, "c")
    assert store.books.balance(POINTS, Unit.POINT) == 120
    store.close()
    prove(tmp_path)


def test_a_forked_chain_ends_at_its_own_head(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    sell(store, "a", "b")
    head = store.head
    store.local.put_fact(FORKED_FACT, "1")
    store.close()
    store = open_store(tmp_path)
    body = opened(store)
    assert (store.chain.epoch, body.reason) == (2, "fork")
    assert (body.parent_epoch, body.parent_seq, body.parent_hash) == (1, head.seq, head.hash)
    store.close()
    store = open_store(tmp_path)
    assert store.chain.epoch == 2, "once"
    assert [chain.epoch for chain, _ in store.chains()] == [1, 2], "the branch can be shipped"
    store.close()
    prove(tmp_path)


@pytest.mark.parametrize("how", ["zeroed", "garbage", "cut"])
def test_a_damaged_journal_is_moved_aside_and_salvaged(tmp_path: Path, how: str) -> None:
    store = open_store(tmp_path)
    sell(store, *(f"a{number}" for number in range(40)))
    store.close()
    journal = tmp_path / "journal.db"
    raw = journal.read_bytes()
    if how == "zeroed":
        middle = len(raw) // 2 // 1024 * 1024
        bad = raw[:middle] + bytes(8 * 1024) + raw[middle + 8 * 1024 :]
    elif how == "garbage":
        bad = b"SQLite is not here" * 100
    else:
        bad = raw[: len(raw) * 2 // 3 // 1024 * 1024]
    journal.write_bytes(bad)
    store = open_store(tmp_path)
    if store.chain.epoch == 1:  # the damage lies where a start does not look: the check finds it
        store.local.put_fact(DAMAGED_FACT, "page 40")
        store.close()
        store = open_store(tmp_path)
    body = opened(store)
    assert body.reason == "salvage"
    assert store.chain.epoch == 2
    assert store.books.balance(POINTS, Unit.POINT) == 0
    (note,) = store.notes
    assert "journal.damaged-" in note and "call your technician" in note
    (aside,) = tmp_path.glob("journal.damaged-*.db")
    if how != "cut":  # a short file may have been opened, and closed, once
        assert aside.read_bytes()[:1000] == bad[:1000]
    carried = store.read(1, 1, 100)
    assert len(carried) == (0 if how == "garbage" else body.parent_seq)
    if how != "garbage":
        assert 3 < len(carried) < 41
    sell(store, "new")
    store.close()
    store = open_store(tmp_path)
    assert store.chain.epoch == 2
    assert store.notes == ()
    store.close()
    assert verify(tmp_path, full=True).ok
    assert list(tmp_path.glob("*.reading*")) == []


def test_a_lost_journal_of_several_epochs_is_followed_by_a_new_number(tmp_path: Path) -> None:
    store = open_store(tmp_path, hardware="one")
    sell(store, "a")
    store.close()
    shutil.copy(tmp_path / "journal.db", tmp_path / "old.db")
    store = open_store(tmp_path, hardware="two")
    assert store.chain.epoch == 2
    sell(store, "b")
    store.close()
    shutil.copy(tmp_path / "old.db", tmp_path / "journal.db")
    store = open_store(tmp_path, hardware="two")
    assert store.chain.epoch == 3, "chain 0018.2 exists, on a medium that was lost"
    store.close()


def test_damaged_local_records_are_moved_aside_and_keys_are_kept(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    for number in range(200):
        store.local.put_member_key(f"88{number}", key=b"k" * 32, phone_digest=None)
    ack = Acknowledged(1, 1, 0, "", b"{}", "sig")
    store.local.put_acknowledged(ack)
    sell(store, "a")
    store.close()
    local = tmp_path / "local.db"
    local.write_bytes(b"nothing of a database" * 200)
    store = open_store(tmp_path)
    assert store.chain.epoch == 1
    assert store.books.balance(POINTS, Unit.POINT) == 120
    assert "local.damaged-" in store.notes[0]
    sell(store, "b")
    store.close()
    assert list(tmp_path.glob("local.damaged-*.db"))
    assert verify(tmp_path, full=True).ok
