"""A box made again from its second copy: how far it goes, whether its chain goes on, what is left
out."""

import shutil
from pathlib import Path

from daemon import seal, vault
from daemon.entropy import SystemEntropy
from daemon.ledger import accounts
from daemon.ledger.kinds import Unit
from daemon.ledger.records import Head
from daemon.ledger.store import Store
from daemon.ledger.verify import verify
from daemon.ledger.views import Durable
from daemon.sync import secondcopy
from daemon.sync.secondcopy import SecondCopy
from tests.acts.test_person import ADA, KEY, snapshot
from tests.acts.till import CARDS, Till
from tests.ledger.shop import MEMBER, open_store, sale
from tests.service.box_config import say, write_config

POINTS = accounts.points(MEMBER)
HQ = seal.public_key(b"\x11" * 32)


def copy_of(store: Store, stick: Path) -> SecondCopy:
    stick.mkdir(exist_ok=True)
    return SecondCopy(store, stick, hq_key=HQ, entropy=SystemEntropy())


def lost(tmp_path: Path) -> tuple[Path, str, Head]:
    """A box with a copy, and its card gone: its config, its recovery code, its last entry."""
    store = open_store(tmp_path / "state")
    copy = copy_of(store, tmp_path / "stick")
    for number in range(20):
        assert isinstance(store.commit(sale(f"a{number}")), Durable)
        if number % 7 == 0:
            copy.work()
    copy.work()
    code, head = vault.code_of(store.recovery), store.head
    store.close()
    shutil.rmtree(tmp_path / "state")
    return write_config(tmp_path), code, head


def test_a_box_stands_again_from_its_copy_and_its_chain_ends(tmp_path: Path) -> None:
    config, code, head = lost(tmp_path)
    stick = str(tmp_path / "stick")
    answer, said = say(config, "restore", stick)
    assert (answer, "recovery code" in str(said["error"])) == (1, True)
    answer, said = say(config, "restore", stick, "--code", code)
    assert (answer, said["seq"], said["hash"], said["goes_on"]) == (0, head.seq, head.hash, False)
    store = open_store(tmp_path / "state")
    assert (store.chain.epoch, store.books.balance(POINTS, Unit.POINT)) == (2, 0)
    again = store.commit(sale("a3"))
    assert isinstance(again, Durable) and again.again
    assert vault.code_of(store.recovery) == code, "the code on the paper stays true"
    store.close()
    assert verify(tmp_path / "state", full=True).ok


def test_the_last_receipt_lets_the_chain_go_on(tmp_path: Path) -> None:
    config, code, head = lost(tmp_path)
    words = ("restore", str(tmp_path / "stick"), "--code", code, "--last-receipt")
    answer, said = say(config, *words, f"{head.seq} {head.hash[:6]}")
    assert (answer, said["goes_on"]) == (0, True)
    store = open_store(tmp_path / "state")
    assert (store.chain.epoch, store.head) == (1, head)
    assert store.books.balance(POINTS, Unit.POINT) == 20 * 120
    store.close()
    shutil.rmtree(tmp_path / "state")
    answer, said = say(config, *words, f"{head.seq + 1} {head.hash[:6]}")
    assert said["goes_on"] is False, "something was sold after the copy"


def test_what_lies_behind_a_gap_is_left_out(tmp_path: Path, monkeypatch) -> None:
    monkeypatch.setattr(secondcopy, "BATCH_ENTRIES", 4)  # so that there are several files
    monkeypatch.setattr("daemon.sync.shipping.BATCH_ENTRIES", 4)
    config, code, _ = lost(tmp_path)
    files = sorted((tmp_path / "stick").rglob("*.mbcopy"), key=_first)
    assert len(files) == 6
    data = bytearray(files[3].read_bytes())
    data[-30] ^= 1
    files[3].write_bytes(bytes(data))
    answer, said = say(config, "restore", str(tmp_path / "stick"), "--code", code)
    assert (answer, said["seq"]) == (0, 12)
    store = open_store(tmp_path / "state")
    assert store.chain.epoch == 2
    store.close()
    shutil.rmtree(tmp_path / "state")
    files[0].unlink()
    answer, said = say(config, "restore", str(tmp_path / "stick"), "--code", code)
    assert answer == 1 and not (tmp_path / "state" / "journal.db").exists()


def _first(path: Path) -> int:
    return int(path.name.split("-")[1])


def test_members_can_be_read_again_and_who_was_erased_can_not(tmp_path: Path) -> None:
    till = Till(tmp_path / "state")
    snapshot(till)
    copy = copy_of(till.store, tmp_path / "stick")
    copy.work()
    code = vault.code_of(till.store.recovery)
    for path in (tmp_path / "stick").rglob("*"):
        assert path.is_dir() or (KEY not in path.read_bytes() and b"M1" not in path.read_bytes())
    config = write_config(tmp_path)
    for erased in (False, True):
        if erased:
            till.done("member.erased", member="M1", reason="asked")
            copy.work()
        shutil.rmtree(tmp_path / "again", ignore_errors=True)
        config = write_config(tmp_path, state=tmp_path / "again")
        answer, said = say(config, "restore", str(tmp_path / "stick"), "--code", code)
        assert answer == 0, said
        store = open_store(tmp_path / "again")
        assert (store.local.member_key(CARDS["M1"]) == KEY) is not erased
        store.close()
    assert ADA.name.encode() not in (tmp_path / "again" / "journal.db").read_bytes()
    till.close()
