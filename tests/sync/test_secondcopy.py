"""The second copy: fresh, whole or not there, unreadable without HQ's key, taken by HQ."""

import time
from pathlib import Path

import pytest

from daemon import seal
from daemon.entropy import SystemEntropy
from daemon.errors import StoreError
from daemon.ledger.views import Durable
from daemon.sync.secondcopy import SecondCopy
from daemon.sync.shipping import BATCH_ENTRIES
from hq.headquarters import Headquarters
from hq.report import boxes
from hq.secondcopy import take_copy
from tests.hq.office import Sender, new_office, take
from tests.ledger.shop import MEMBER, open_store, sale


def said(copy: SecondCopy) -> str:
    return copy.said or ""


def test_headquarters_gets_everything_from_the_copy_of_a_lost_box(tmp_path: Path) -> None:
    office = new_office(tmp_path / "hq")
    hq = Headquarters(office)
    box = Sender(office)
    take(hq, box.hello())
    stick = tmp_path / "stick"
    stick.mkdir()
    copy = SecondCopy(box.ledger, stick, hq_key=office.public, entropy=SystemEntropy())
    for count in (3, 1, 700, 2):
        box.sell(count)
        copy.work()
    assert copy.said is not None and copy.said.endswith(f"0001.1:{box.ledger.head.seq}")
    files = list(stick.rglob("*.mbcopy"))
    whole = box.ledger.head.seq // BATCH_ENTRIES
    assert len(files) <= whole + 2, "short pieces are joined"
    for path in files:
        data = path.read_bytes()
        assert b"box.started" not in data and MEMBER.encode() not in data
    assert take_copy(office, stick) == (box.ledger.head.seq, [])
    assert take_copy(office, stick) == (0, []), "twice changes nothing"
    mark = office.db.execute("SELECT mark FROM chain WHERE box = '0001'").fetchone()
    assert mark == (box.ledger.head.seq,)
    office.close()


def test_a_copy_that_is_taken_in_makes_no_box_online(tmp_path: Path) -> None:
    office = new_office(tmp_path / "hq")
    hq = Headquarters(office)
    box = Sender(office)
    take(hq, box.hello(), box.state(online=False))
    box.sell(3)
    stick = tmp_path / "stick"
    stick.mkdir()
    SecondCopy(box.ledger, stick, hq_key=office.public, entropy=SystemEntropy()).work()
    assert take_copy(office, stick) == (box.ledger.head.seq, [])
    assert not boxes(office)["0001"].online
    office.close()


def test_a_damaged_and_a_foreign_file_are_refused_by_name(tmp_path: Path) -> None:
    office = new_office(tmp_path / "hq")
    box = Sender(office)
    take(Headquarters(office), box.hello())
    stick = tmp_path / "stick"
    stick.mkdir()
    box.sell(5)
    SecondCopy(box.ledger, stick, hq_key=office.public, entropy=SystemEntropy()).work()
    (good,) = stick.rglob("*.mbcopy")
    raw = bytearray(good.read_bytes())
    raw[len(raw) // 2] ^= 1
    good.with_name("e1-1-6-0000000000000000.mbcopy").write_bytes(bytes(raw))
    other = seal.seal(seal.public_key(b"\x07" * 32), b"whatever")
    good.with_name("e1-9-9-0000000000000000.mbcopy").write_bytes(other)
    stored, refused = take_copy(office, stick)
    assert stored == box.ledger.head.seq
    assert sorted(one.partition(":")[0] for one in refused) == [
        "e1-1-6-0000000000000000.mbcopy",
        "e1-9-9-0000000000000000.mbcopy",
    ]
    with pytest.raises(StoreError, match="no file"):
        take_copy(office, tmp_path / "hq")
    office.close()


def test_a_stick_that_is_not_there_is_said_and_the_sale_goes_on(tmp_path: Path) -> None:
    store = open_store(tmp_path / "box")
    stick = tmp_path / "stick"
    copy = SecondCopy(store, stick, hq_key=seal.public_key(bytes(32)), entropy=SystemEntropy())
    copy.start()
    assert isinstance(store.commit(sale("a")), Durable)
    deadline = time.monotonic() + 5
    while not copy.trouble and time.monotonic() < deadline:
        time.sleep(0.01)
    assert (said(copy), "is the stick in?" in copy.trouble) == ("", True)
    stick.mkdir()
    copy.stop()  # it copies what is left
    assert said(copy).endswith("0018.1:2")
    assert len(list(stick.rglob("*.mbcopy"))) == 1
    again = SecondCopy(store, stick, hq_key=seal.public_key(bytes(32)), entropy=SystemEntropy())
    again.work()
    assert len(list(stick.rglob("*.mbcopy"))) == 1, "it goes on where it was"
    store.close()


def test_a_copy_of_another_chain_is_not_taken_for_ours(tmp_path: Path) -> None:
    stick = tmp_path / "stick"
    stick.mkdir()
    for name in ("one", "two"):
        store = open_store(tmp_path / name, seed=name)
        store.commit(sale(name))
        SecondCopy(store, stick, hq_key=seal.public_key(bytes(32)), entropy=SystemEntropy()).work()
        store.close()
    assert len(list(stick.rglob("*.mbcopy"))) == 2, "both are kept"
