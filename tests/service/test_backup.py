"""`memberbox backup` and `restore` from outside: real processes, kills, cuts, strangers, clones."""

import json
import shutil
import sqlite3
import subprocess
import sys
import time
from pathlib import Path
from random import Random

import pytest

from daemon import seal, vault
from daemon.errors import StoreError
from daemon.ledger import accounts
from daemon.ledger.bodies import EpochOpened
from daemon.ledger.codec import decode
from daemon.ledger.kinds import Unit
from daemon.ledger.signed import receipt_code
from daemon.ledger.store import Store
from daemon.ledger.verify import verify
from daemon.ledger.views import Durable, Refused
from tests.ledger.shop import CARD, MEMBER, open_store, sale, spend
from tests.service.box_config import ask, command, say, write_config

POINTS = accounts.points(MEMBER)
HQ_SEED = b"\x11" * 32
HQ = (sys.executable, "-m", "hq.cli", "--dir")
KEY = b"the member's own key, 32 bytes.."


def sell(store: Store, *names: str) -> None:
    for name in names:
        assert isinstance(store.commit(sale(name)), Durable)


def opened(store: Store) -> EpochOpened:
    body = decode(store.read(store.chain.epoch, 1, 1)[0].data).body
    assert isinstance(body, EpochOpened)
    return body


def box(folder: Path, *, hq: bool = True, name: str = "0018") -> Path:
    """A box with two sales and a member's key, stopped; return its config."""
    config = write_config(folder, box=name, hq_key=seal.public_key(HQ_SEED) if hq else None)
    store = open_store(folder / "state", box=name)
    sell(store, "a", "b")
    store.local.put_member_key(CARD, key=KEY, phone_digest=b"p" * 16)
    store.local.queue_job("0018.1:2", "sale")
    store.close()
    return config


def lose(config: Path) -> Path:
    """The medium is gone; return where it lies, for who looks again."""
    gone = config.parent / "gone"
    (config.parent / "state").rename(gone)
    return gone


def test_a_running_box_is_backed_up_and_stands_again_elsewhere(tmp_path: Path) -> None:
    config, file = box(tmp_path / "one"), tmp_path / "b.mbb"
    with (tmp_path / "log").open("wb") as log:
        running = subprocess.Popen(command(config, "run"), stdout=log, stderr=log)
    try:
        deadline = time.monotonic() + 20
        while b"ready" not in (tmp_path / "log").read_bytes():
            assert time.monotonic() < deadline, (tmp_path / "log").read_text()
            time.sleep(0.05)
        code, said = ask(config, "backup", str(file))
        assert (code, said["ok"], said["box"]) == (0, True, "0018")
        assert ask(config, "restore", str(file))[0] == 1, "where a box lives"
    finally:
        running.terminate()
        running.wait(20)
    lose(config)
    code, back = ask(config, "restore", str(file))
    assert (code, back["seq"], back["hash"]) == (0, said["seq"], said["hash"])
    assert back["goes_on"] is False and back["entries"] == said["entries"]
    assert ask(config, "verify", "--full")[1]["ok"] is True
    store = open_store(tmp_path / "one" / "state")
    body = opened(store)
    assert (store.chain.epoch, body.reason) == (2, "restore")
    assert (body.parent_seq, body.parent_hash) == (said["seq"], said["hash"])
    assert body.device_key == decode_key(store), "the same device: headquarters knows it"
    assert store.books.balance(POINTS, Unit.POINT) == 0
    assert isinstance(store.commit(spend("x", "0018.1:2:2", 1)), Refused), "holds nothing"
    again = store.commit(sale("a"))
    assert isinstance(again, Durable) and again.again, "nothing happens twice"
    sell(store, "new")
    assert store.local.open_jobs() == [], "no paper of then comes out now"
    store.close()
    assert verify(tmp_path / "one" / "state", full=True).ok
    store = open_store(tmp_path / "one" / "state")
    assert store.chain.epoch == 2, "once"
    store.close()


def decode_key(store: Store) -> str:
    body = decode(store.read(1, 1, 1)[0].data).body
    assert isinstance(body, EpochOpened)
    return body.device_key


def test_a_chain_goes_on_only_with_the_receipt_of_its_last_entry(tmp_path: Path) -> None:
    config, file = box(tmp_path, hq=False), tmp_path / "b.mbb"
    code, said = say(config, "backup", str(file))
    digest = str(said["hash"])
    gone = lose(config)
    wrong = digest[:5] + ("0" if digest[5] != "0" else "1")
    for receipt, kept in (
        (f"#3 {wrong}", False),
        (f"#2 {digest[:6]}", False),
        (f"#3 {digest[:6]}", True),
    ):
        code, back = say(config, "restore", str(file), "--last-receipt", receipt)
        assert (code, back["goes_on"]) == (0, kept), receipt
        store = open_store(tmp_path / "state")
        assert store.chain.epoch == (1 if kept else 2)
        assert store.books.balance(POINTS, Unit.POINT) == (240 if kept else 0)
        store.close()
        shutil.rmtree(tmp_path / "state")
    assert say(config, "restore", str(file), "--last-receipt", "soon")[0] == 2
    assert not (tmp_path / "state").exists()
    # the code that stands on the slip as a QR code says the same
    store = open_store(gone)
    last = store.read(1, 3, 1)[0]
    code_text = receipt_code(decode(last.data), last.hash, store.device_seed)
    store.close()
    assert say(config, "restore", str(file), "--last-receipt", code_text)[1]["goes_on"] is True


def test_a_chain_that_was_handed_over_is_not_handed_over_again_by_a_restore(
    tmp_path: Path,
) -> None:
    config, file = box(tmp_path, hq=False), tmp_path / "b.mbb"
    assert say(config, "hand-over", "--yes")[0] == 0
    assert say(config, "backup", str(file))[0] == 0
    heir = open_store(tmp_path / "state")
    assert heir.books.balance(POINTS, Unit.POINT) == 240
    heir.close()
    lose(config)
    say(config, "restore", str(file))
    store = open_store(tmp_path / "state")
    assert opened(store).reason == "restore"
    assert store.books.balance(POINTS, Unit.POINT) == 0
    store.close()


def test_a_kill_during_a_backup_leaves_the_older_one(tmp_path: Path) -> None:
    config, file = box(tmp_path), tmp_path / "b.mbb"
    assert say(config, "backup", str(file))[0] == 0
    older = file.read_bytes()
    store = open_store(tmp_path / "state")
    sell(store, *(f"more{n}" for n in range(400)))
    store.close()
    random = Random(7)
    for _ in range(6):
        at_work = subprocess.Popen(
            command(config, "backup", str(file)),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(random.uniform(0.05, 0.5))
        at_work.kill()
        at_work.wait()
        now = file.read_bytes()
        with file.open("rb") as whole:
            about = vault.read_header(whole).about
        assert now == older or "1:403" in about, "the old one whole, or the new one whole"
    assert say(config, "verify")[1]["ok"] is True
    code, said = say(config, "backup", str(file))
    assert (code, said["seq"]) == (0, 403)
    assert sorted(one.name for one in tmp_path.glob("b.mbb*")) == ["b.mbb"]


def test_a_cut_or_spoilt_backup_is_refused_and_nothing_stays(tmp_path: Path) -> None:
    config, file = box(tmp_path), tmp_path / "b.mbb"
    say(config, "backup", str(file))
    lose(config)
    whole = file.read_bytes()
    for spoilt, exit_code in (
        (whole[:-1], 1),
        (whole[: len(whole) // 2], 1),
        (whole + b"x", 1),
        (flipped(whole, len(whole) - 40), 1),
        (whole[:40], 2),
        (b"", 2),
    ):
        file.write_bytes(spoilt)
        code, said = say(config, "restore", str(file))
        assert (code, said["ok"]) == (exit_code, False), said
        left = [one.name for one in (tmp_path / "state").glob("*")]
        assert left in ([], ["lock"]), left
    file.write_bytes(whole)
    assert say(config, "restore", str(file))[0] == 0
    assert say(config, "restore", str(tmp_path / "none"))[0] == 2


def flipped(data: bytes, at: int) -> bytes:
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]


def test_a_backup_of_another_box_is_refused(tmp_path: Path) -> None:
    config, file = box(tmp_path / "one", name="0019"), tmp_path / "b.mbb"
    say(config, "backup", str(file))
    other = write_config(tmp_path / "other")
    code, said = say(other, "restore", str(file))
    assert code == 1 and "0019" in str(said["error"]) and "0018" in str(said["error"])
    # nor does a header that lies help: it is bound to what it stands before
    file.write_bytes(file.read_bytes().replace(b'"box":"0019"', b'"box":"0018"', 1))
    shutil.copy(
        tmp_path / "one" / "memberbox-0019.recovery", other.parent / "memberbox-0018.recovery"
    )
    assert say(other, "restore", str(file))[0] == 1
    assert not (tmp_path / "other" / "state" / "journal.db").exists()


def test_a_clone_restored_holds_nothing_either(tmp_path: Path) -> None:
    config = box(tmp_path / "one", hq=False)
    shutil.copytree(tmp_path / "one" / "state", tmp_path / "two" / "state")
    clone = write_config(tmp_path / "two")
    store = open_store(tmp_path / "one" / "state")
    sell(store, "c")
    true_head = store.head
    store.close()
    store = open_store(tmp_path / "two" / "state")
    sell(store, "d")
    store.close()
    say(clone, "backup", str(tmp_path / "clone.mbb"))
    lose(config)
    receipt = f"#{true_head.seq} {true_head.hash[:6]}"
    file = str(tmp_path / "clone.mbb")
    code, said = say(config, "restore", file, "--last-receipt", receipt)
    assert code == 1 and "recovery code" in str(said["error"]), "another config, no code there"
    shown = (tmp_path / "two" / "memberbox-0018.recovery").read_text().strip()
    code, said = say(config, "restore", file, "--code", shown, "--last-receipt", receipt)
    assert (code, said["seq"], said["goes_on"]) == (0, true_head.seq, False)
    store = open_store(tmp_path / "one" / "state")
    assert (store.chain.epoch, store.books.balance(POINTS, Unit.POINT)) == (2, 0)
    store.close()


def test_who_finds_a_backup_reads_nothing_and_headquarters_reads_it(tmp_path: Path) -> None:
    config, file = box(tmp_path), tmp_path / "b.mbb"
    code, said = say(config, "backup", str(file), "--code")
    data = file.read_bytes()
    device = (tmp_path / "state" / "keys" / "device.key").read_bytes()
    for secret in (KEY, device, device.hex().encode(), CARD.encode(), b"sale", MEMBER.encode()):
        assert secret not in data
    assert file.stat().st_mode & 0o077 == 0
    lose(config)
    (tmp_path / "memberbox-0018.recovery").unlink()
    code, refused = say(config, "restore", str(file))
    assert code == 1 and "memberbox-hq recovery" in str(refused["error"])
    code, refused = say(config, "restore", str(file), "--code", vault.code_of(b"x" * 16))
    assert code == 1 and "not that of this file" in str(refused["error"])
    with file.open("rb") as opened_file:
        found = vault.recovery_for(vault.read_header(opened_file), HQ_SEED)
    assert vault.code_of(found) == said["code"]
    assert say(config, "restore", str(file), "--code", str(said["code"]))[0] == 0


def test_names_stay_closed_until_headquarters_has_said_who_was_erased(tmp_path: Path) -> None:
    config, file = box(tmp_path), tmp_path / "b.mbb"
    say(config, "backup", str(file))
    lose(config)
    assert say(config, "restore", str(file))[1]["keys_held"] == 1
    store = open_store(tmp_path / "state")
    assert store.local.member_key(CARD) is None
    assert store.local.card_by_phone_digest(b"p" * 16) is None
    assert store.local.keys_to_ship([CARD]) == {CARD: KEY}, "headquarters may have never got it"
    store.local.release_member_keys()
    assert store.local.member_key(CARD) == KEY
    store.local.hold_member_keys()
    store.local.forget_member_keys([CARD])
    store.local.release_member_keys()
    assert store.local.keys_to_ship([CARD]) == {}
    store.close()
    assert all(KEY not in one.read_bytes() for one in (tmp_path / "state").glob("local.db*"))


def test_half_a_restore_does_not_open_and_is_done_again(tmp_path: Path) -> None:
    config, file = box(tmp_path), tmp_path / "b.mbb"
    say(config, "backup", str(file))
    lose(config)
    say(config, "restore", str(file))
    (tmp_path / "state" / "restoring").mkdir()  # a power cut just before the end
    with pytest.raises(StoreError, match="restore was begun"):
        open_store(tmp_path / "state")
    assert say(config, "restore", str(file))[0] == 0
    store = open_store(tmp_path / "state")
    assert store.chain.epoch == 2
    store.close()


def test_a_damaged_journal_is_not_kept_as_a_backup(tmp_path: Path) -> None:
    config, file = box(tmp_path), tmp_path / "b.mbb"
    say(config, "backup", str(file))
    older = file.read_bytes()
    spoil = "UPDATE entry SET data = CAST(replace(data, 'cash', 'cast') AS BLOB)"
    with sqlite3.connect(tmp_path / "state" / "journal.db") as connection:
        connection.execute(spoil)
    connection.close()
    code, said = say(config, "backup", str(file))
    assert code == 1 and "entry 1:2" in str(said["error"])
    assert file.read_bytes() == older
    (tmp_path / "photo.jpg").write_bytes(b"a picture")
    assert say(config, "backup", str(tmp_path / "photo.jpg"))[0] == 2
    assert say(config, "backup", str(tmp_path / "no" / "where"))[0] == 2


def test_headquarters_finds_the_code_in_the_file(tmp_path: Path) -> None:
    made = subprocess.run(
        [*HQ, str(tmp_path / "hq"), "init", "--json"], capture_output=True, text=True
    )
    key = bytes.fromhex(json.loads(made.stdout)["key"])
    box(tmp_path, hq=False)
    config = write_config(tmp_path, hq_key=key)
    said = say(config, "backup", str(tmp_path / "b.mbb"), "--code")[1]
    found = subprocess.run(
        [*HQ, str(tmp_path / "hq"), "recovery", str(tmp_path / "b.mbb"), "--json"],
        capture_output=True,
        text=True,
    )
    assert json.loads(found.stdout)["code"] == said["code"]
    other = subprocess.run(
        [*HQ, str(tmp_path / "hq"), "recovery", str(config), "--json"], capture_output=True
    )
    assert other.returncode == 3 and b"no sealed file" in other.stdout
