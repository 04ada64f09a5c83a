"""A box made again from a backup in which not every entry holds: what does is restored, loudly."""

import json
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest

from daemon import vault
from daemon.ledger import archive
from daemon.ledger.archive import ChainHead, Manifest
from daemon.ledger.codec import canonical, hash_of
from daemon.ledger.epochs import FORKED_FACT
from daemon.ledger.keyring import read_keyring
from daemon.ledger.kinds import Unit
from daemon.ledger.medium import Medium, copied
from daemon.ledger.verify import verify
from daemon.ledger.views import Stored
from tests.ledger.shop import CARD, open_store
from tests.service.box_config import say
from tests.service.test_backup import POINTS, box, lose, opened, sell


def spoilt_inside(
    config: Path, file: Path, spoil: Callable[[list[Stored]], list[Stored]], *, epoch: int = 0
) -> None:
    """Write a well sealed backup whose entries are not what they were; 0: of the newest chain."""
    state = config.parent / "state"
    store = open_store(state)
    chains = {chain.epoch: store.read(chain.epoch, 1, 100) for chain, _ in store.chains()}
    store.close()
    keys = read_keyring(state)
    heads = tuple(ChainHead(epoch, run[-1].seq, run[-1].hash) for epoch, run in chains.items())
    spoilt = epoch or max(chains)
    chains[spoilt] = spoil(chains[spoilt])
    hexed = archive.Keys(keys.seed.hex(), keys.phone.hex(), keys.recovery.hex())
    blocks = [
        archive.block("M", canonical(Manifest("0018", "then", "broken", heads))),
        *(archive.run_block(epoch, run) for epoch, run in chains.items()),
        archive.block("L", copied(Medium(), state / "local.db")),
        archive.block("K", canonical(hexed)),
        archive.block("Z", canonical(sum(head.seq for head in heads))),
    ]
    header = vault.new_header(
        "backup", box="0018", about="", nonce=b"n" * 16, recovery=keys.recovery, hq_key=None
    )
    sealed = vault.lock(header, recovery=keys.recovery, chunks=archive.packed(blocks))
    file.write_bytes(b"".join(sealed))


def changed(entries: list[Stored]) -> list[Stored]:
    """The fourth entry has other bytes."""
    fourth = msgspec.structs.replace(entries[3], data=entries[3].data.replace(b"cash", b"cast", 1))
    return [*entries[:3], fourth, *entries[4:]]


def unreadable(entries: list[Stored]) -> list[Stored]:
    """The fourth entry and all that follow it fit each other, but its body is no sale's."""
    kept, prev = entries[:3], entries[2].hash
    for one in entries[3:]:
        data = one.data.replace(json_prev(one), prev.encode(), 1)
        if one.seq == 4:
            data = data.replace(b'"lines"', b'"limes"', 1)
        kept.append(Stored(one.seq, hash_of(data), data))
        prev = kept[-1].hash
    return kept


def json_prev(one: Stored) -> bytes:
    return bytes(json.loads(one.data)["prev"], "ascii")


@pytest.mark.parametrize("spoil", [changed, unreadable])
def test_of_a_backup_with_a_bad_entry_what_holds_is_restored_and_the_chain_ends(
    tmp_path: Path, spoil: Callable[[list[Stored]], list[Stored]]
) -> None:
    config, file = box(tmp_path), tmp_path / "b.mbb"
    store = open_store(tmp_path / "state")
    sell(store, "c", "d", "e")
    last = store.head
    store.close()
    say(config, "backup", str(tmp_path / "whole.mbb"))
    spoilt_inside(config, file, spoil)
    lose(config)
    code, said = say(config, "restore", str(file), "--last-receipt", f"{last.seq} {last.hash[:6]}")
    assert (code, said["seq"], said["entries"], said["goes_on"]) == (0, 3, 3, False), said
    (left_out,) = msgspec.convert(said["left_out"], list[archive.Broken])
    assert (left_out.epoch, left_out.seq) == (1, 4), "the first bad entry is named"
    store = open_store(tmp_path / "state")
    assert (store.chain.epoch, opened(store).reason) == (2, "salvage")
    assert store.books.balance(POINTS, Unit.POINT) == 0
    assert store.local.kept_key(CARD) is not None, "the keys came with it"
    sell(store, "new")
    store.close()
    assert verify(tmp_path / "state", full=True).ok


def test_a_bad_entry_of_an_older_chain_takes_nothing_of_the_newer_one(tmp_path: Path) -> None:
    config, file = box(tmp_path), tmp_path / "b.mbb"
    store = open_store(tmp_path / "state")
    sell(store, "c", "d", "e")
    store.local.put_fact(FORKED_FACT, "1")
    store.close()
    store = open_store(tmp_path / "state")
    sell(store, "f", "g")
    newer = store.read(2, 1, 100)
    store.close()
    say(config, "backup", str(tmp_path / "whole.mbb"))
    spoilt_inside(config, file, changed, epoch=1)
    lose(config)
    code, said = say(config, "restore", str(file))
    assert (code, said["bad"]) == (0, []), said
    (left_out,) = msgspec.convert(said["left_out"], list[archive.Broken])
    assert (left_out.epoch, left_out.seq) == (1, 4)
    store = open_store(tmp_path / "state")
    assert (store.chain.epoch, opened(store).reason) == (3, "salvage")
    assert len(store.read(1, 1, 100)) == 3 and store.read(2, 1, 100) == newer
    store.close()
    proof = verify(tmp_path / "state", full=True)
    assert proof.ok, proof.bad


def test_a_backup_without_one_good_entry_restores_nothing(tmp_path: Path) -> None:
    config, file = box(tmp_path), tmp_path / "b.mbb"
    say(config, "backup", str(tmp_path / "whole.mbb"))
    spoilt_inside(config, file, lambda entries: entries[1:])
    lose(config)
    code, said = say(config, "restore", str(file))
    assert code == 1 and "not one entry in it holds: entry 1:1" in str(said["error"])
    assert not (tmp_path / "state" / "journal.db").exists()


def test_the_number_of_a_chain_that_was_left_out_is_not_given_again(tmp_path: Path) -> None:
    config, file = box(tmp_path), tmp_path / "b.mbb"
    store = open_store(tmp_path / "state")
    store.local.put_fact(FORKED_FACT, "1")
    store.close()
    store = open_store(tmp_path / "state")
    assert store.chain.epoch == 2
    sell(store, "c")
    store.close()
    say(config, "backup", str(tmp_path / "whole.mbb"))
    spoilt_inside(config, file, lambda entries: entries[1:])
    lose(config)
    code, said = say(config, "restore", str(file))
    assert (code, said["epoch"]) == (0, 1), said
    store = open_store(tmp_path / "state")
    assert store.chain.epoch == 3, "headquarters may know chain 0018.2"
    store.close()
