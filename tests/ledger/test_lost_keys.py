"""Keys that are gone from keys/: nothing is remade in silence, and look-ups by phone go on."""

import os
from pathlib import Path

import pytest

from daemon.ledger.profiles import phone_digest
from daemon.ledger.store import Store
from tests.acts.test_person import ADA, snapshot
from tests.acts.till import CARDS, Till
from tests.ledger.shop import open_store


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The state of a stopped box that knows a member by phone, and one whose key is no use."""
    till = Till(tmp_path)
    snapshot(till)
    till.store.local.put_member_key(CARDS["M2"], key=b"k" * 32, phone_digest=b"d" * 16)
    till.close()
    return tmp_path


def by_phone(store: Store) -> str | None:
    found = store.books.member_by_phone_digest(phone_digest(store.phone_key, ADA.phone))
    return None if found is None else found.id


def test_a_healthy_start_says_nothing_and_changes_nothing(folder: Path) -> None:
    store = open_store(folder)
    assert store.notes == () and by_phone(store) == "M1"
    store.close()


@pytest.mark.parametrize("how", ["gone", "another"])
def test_a_lost_phone_key_is_said_and_look_ups_go_on(folder: Path, how: str) -> None:
    key = folder / "keys" / "phone.key"
    if how == "gone":
        key.unlink()
    else:
        key.write_bytes(os.urandom(32))
    store = open_store(folder, seed="other")
    (note,) = store.notes
    assert "1 phone numbers can be looked up" in note and "1 cannot" in note
    assert by_phone(store) == "M1"
    assert store.local.card_by_phone_digest(b"d" * 16) is None, "matches nobody any more"
    assert store.chain.epoch == 1, "nothing else was lost"
    store.close()
    store = open_store(folder)
    assert store.notes == () and by_phone(store) == "M1", "said once"
    store.close()


def test_a_crash_between_key_and_digests_loses_nothing(folder: Path, monkeypatch) -> None:
    (folder / "keys" / "phone.key").unlink()

    class Cut(Exception):
        pass

    def cut(*_: object, **__: object) -> None:
        raise Cut

    with monkeypatch.context() as patched, pytest.raises(Cut):
        patched.setattr("daemon.ledger.local.Local.put_phone_digests", cut)
        open_store(folder, seed="other")
    store = open_store(folder)
    assert len(store.notes) == 1 and by_phone(store) == "M1"
    store.close()


def test_a_lost_device_key_ends_the_chain_and_says_what_to_do(folder: Path) -> None:
    (folder / "keys" / "device.key").unlink()
    store = open_store(folder, seed="other")
    (note,) = store.notes
    assert "device.key was lost" in note and "memberbox-hq token" in note
    assert store.chain.epoch == 2
    store.close()


def test_all_keys_lost_are_all_said(folder: Path) -> None:
    for path in (folder / "keys").iterdir():
        path.unlink()
    store = open_store(folder, seed="other")
    assert [note.split()[1] for note in store.notes] == [
        "keys/device.key",
        "keys/recovery.key",
        "keys/phone.key",
    ]
    store.close()


def test_a_first_start_has_lost_nothing(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    assert store.notes == ()
    store.close()
