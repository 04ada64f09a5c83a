"""The files of a stick: for one receiver, from one sender, whole; anything else is refused."""

import io
from pathlib import Path
from random import Random

import msgspec
import pytest

from daemon import seal, vault
from daemon.sync import stick as formats
from daemon.sync.stick import (
    Frame,
    Head,
    Kind,
    StickError,
    StickFault,
    address,
    marker,
    parse_name,
    read_file,
    read_key,
    seal_file,
)
from daemon.vault import PIECE_BYTES
from hq.cards import import_cards
from hq.imports import import_staff
from hq.members import set_status
from tests.hq.tables import cards_csv, staff_csv
from tests.sync.sticks import MemoryShelf, collect, deliver, visit
from tests.sync.world import Box, World

BOX_SEED, HQ_SEED = b"\x05" * 32, b"\x06" * 32
KEY, NONCE = b"\x07" * 16, b"\x08" * 16
CARD, OTHER = "8800000000018", "8800000000049"


def head(**changes: object) -> Head:
    plain = Head(
        1,
        "up",
        "0018",
        1,
        0,
        seal.public_key(BOX_SEED).hex(),
        seal.public_key(HQ_SEED).hex(),
        "2026-03-06T20:00:00.000+08:00",
    )
    return msgspec.structs.replace(plain, **changes) if changes else plain


def made(*frames: Frame, seed: bytes = BOX_SEED, says: Head | None = None) -> bytes:
    sealed = seal_file(
        says or head(),
        frames,
        sign=lambda domain, data: seal.sign(seed, domain, data),
        key=KEY,
        nonce=NONCE,
    )
    return b"".join(sealed)


def opened(data: bytes, seed: bytes = HQ_SEED) -> list[Frame]:
    return list(read_file(io.BytesIO(data), read_key(io.BytesIO(data), seed)))


def fault(data: bytes, seed: bytes = HQ_SEED) -> StickFault:
    with pytest.raises(StickError) as refused:
        opened(data, seed)
    assert refused.value.found and str(refused.value).count(". "), "what, and what to do"
    return refused.value.fault


@pytest.mark.parametrize("length", [0, 1, 100, PIECE_BYTES - 300, PIECE_BYTES, 3 * PIECE_BYTES])
def test_what_was_sealed_is_opened_by_its_receiver_and_by_its_writer(length: int) -> None:
    frames = [Frame(Kind.LETTER, b"a letter"), Frame(Kind.BATCH, bytes(length))]
    data = made(*frames)
    assert opened(data)[1:] == frames
    assert list(read_file(io.BytesIO(data), KEY))[1:] == frames
    assert fault(data, b"\x09" * 32) is StickFault.SEALED


def test_a_kind_of_frame_that_a_newer_software_writes_is_passed_on() -> None:
    frames = [Frame("z", b"from the future"), Frame("\xe9", b"another")]
    assert opened(made(*frames))[1:] == frames


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        (b"", StickFault.FOREIGN),
        (b"holiday.jpg", StickFault.FOREIGN),
        (made(seed=b"\x0a" * 32), StickFault.SIGNATURE),
        (made(Frame(Kind.SIGNATURE, bytes(64))), StickFault.CONTENT),
        (made(Frame(Kind.HEAD, b"{}")), StickFault.CONTENT),
        (made(Frame(Kind.LETTER, bytes(65537))), StickFault.CONTENT),
        (made(Frame("z", bytes(formats.FRAME_BYTES_MAX + 1))), StickFault.CONTENT),
        (made(says=head(v=2)), StickFault.CONTENT),
        (made(says=head(sender="xyz")), StickFault.CONTENT),
    ],
    ids=[
        "empty",
        "a picture",
        "forged",
        "two signatures",
        "two heads",
        "large",
        "larger",
        "v2",
        "key",
    ],
)
def test_what_nobody_of_ours_writes_is_refused_by_name(data: bytes, expected: StickFault) -> None:
    assert fault(data) is expected


def test_a_backup_of_a_box_is_no_file_of_a_stick() -> None:
    header = vault.new_header(
        "backup", box="0018", about="", nonce=NONCE, recovery=KEY, hq_key=seal.public_key(HQ_SEED)
    )
    assert fault(b"".join(vault.lock(header, recovery=KEY, chunks=[b"x"]))) is StickFault.FOREIGN


def test_a_file_cut_off_anywhere_or_with_something_behind_it_is_refused() -> None:
    data = made(Frame(Kind.BATCH, bytes(3 * PIECE_BYTES)))
    ends = [*range(len(data) - 200, len(data)), *range(0, len(data), 997)]
    for end in ends:
        fault(data[:end])
    fault(data + b"x")


def test_a_byte_changed_anywhere_in_a_file_is_found() -> None:
    data = made(Frame(Kind.LETTER, b"a letter"), Frame(Kind.BATCH, b"a batch"))
    for at in range(len(data)):
        changed = bytearray(data)
        changed[at] ^= 1 << (at % 8)
        fault(bytes(changed))


def test_names_tell_boxes_apart_and_name_nobody() -> None:
    key = seal.public_key(BOX_SEED)
    name = formats.Name(address(key), 7, "down")
    assert parse_name(str(name)) == name
    assert parse_name(f"{name}.new") is None and parse_name("0018.mbup") is None
    assert marker(key) != marker(seal.public_key(HQ_SEED))
    assert key.hex()[:8] not in f"{name}{marker(key)}"


# -- what boxes and headquarters make of them ------------------------------------------------------


def world(folder: Path, seed: int = 3) -> World:
    folder.mkdir(exist_ok=True)
    made_up = World(seed, folder / "hq", boxes=2)
    import_cards(made_up.office, cards_csv(folder / "c.csv", shop="0001"))
    import_staff(made_up.office, staff_csv(folder / "s.csv", shop="0001"))
    return made_up


def state(box: Box) -> tuple[int, int, int]:
    return box.ledger.head.seq, box.courier.hq_mark, box.courier.standing().hello.down.n


def test_any_byte_of_a_stick_changed_is_refused_on_both_sides_and_changes_nothing(
    tmp_path: Path,
) -> None:
    """R7. The good stick afterwards does what it would have done."""
    shops = world(tmp_path)
    box = shops.boxes["0001"]
    for _ in range(3):
        box.sell()
    up = MemoryShelf()
    visit(box, up)
    (name,) = up.files
    random = Random(5)
    for at in range(0, len(up.files[name]), 7):
        bad = up.copy()
        data = bytearray(bad.files[name])
        data[at] ^= 1 << random.randrange(8)
        bad.files[name] = bytes(data)
        (said,) = collect(shops, bad).files
        assert said.fault in ("foreign", "sealed", "damaged") and said.file == name, at
    kept = "SELECT count(*) FROM entry AS e JOIN chain AS c ON c.id = e.chain WHERE c.box = '0001'"
    assert shops.office.db.execute(kept).fetchone() == (0,)
    assert collect(shops, up).refused == []
    down = MemoryShelf()
    deliver(shops, down)
    before = state(box)
    mine = next(one for one in down.files if one.startswith(address(box.ledger.device_public)))
    for at in range(0, len(down.files[mine]), 11):
        bad = down.copy()
        data = bytearray(bad.files[mine])
        data[at] ^= 1 << random.randrange(8)
        bad.files[mine] = bytes(data)
        told = visit(box, bad)
        assert [one.file for one in told.refused] == [mine], at
        assert state(box) == before
    assert visit(box, down).applied > 0


def test_a_lost_stick_says_nothing_of_shops_members_or_sales(tmp_path: Path) -> None:
    shops = world(tmp_path)
    stick = MemoryShelf()
    for box in shops.boxes.values():
        box.sell()
        visit(box, stick)
    collect(shops, stick)
    set_status(shops.office, OTHER, "lost")
    deliver(shops, stick)
    assert all(parse_name(name) for name in stick.files) and len(stick.files) == 4
    told = b"".join(stick.files.values()).replace(b"memberbox sealed", b"")
    words = ["0001", "0002", "0001.1", "staff", "head", "anchor", "lost", "started", "sale"]
    for word in (*words, CARD, OTHER, "13800000001", "王晓芸", "陈静"):
        assert word.encode() not in told, word
    for box in shops.boxes.values():
        assert box.ledger.device_public not in told
        assert box.ledger.device_public.hex().encode() not in told


def test_files_of_another_headquarters_and_of_another_box_are_refused_or_left(
    tmp_path: Path,
) -> None:
    shops, others = world(tmp_path / "one"), world(tmp_path / "two", seed=4)
    stick, foreign = MemoryShelf(), MemoryShelf()
    for one, shelf in ((shops, stick), (others, foreign)):
        for box in one.boxes.values():
            visit(box, shelf)
        collect(one, shelf)
        deliver(one, shelf)
    box = shops.boxes["0001"]
    mine, yours = (address(one.ledger.device_public) for one in shops.boxes.values())
    theirs = address(others.boxes["0001"].ledger.device_public)
    before = state(box)
    # Another headquarters' file under our name: our device cannot open it.
    forged = MemoryShelf({f"{mine}-00001.mbdown": foreign.files[f"{theirs}-00001.mbdown"]})
    (refused,) = visit(box, forged).refused
    assert refused.fault == "sealed"
    # The other shop's file under our name.
    swapped = MemoryShelf({f"{mine}-00001.mbdown": stick.files[f"{yours}-00001.mbdown"]})
    (refused,) = visit(box, swapped).refused
    assert refused.fault == "sealed"
    assert visit(box, foreign.copy()).others == 2
    assert state(box) == before
    # At headquarters: sealed to another, and one box under the name of another.
    assert {one.fault for one in collect(shops, foreign).files} == {"sealed"}
    lied = MemoryShelf({f"{yours}-00001.mbup": stick.files[f"{mine}-00001.mbup"]})
    (said,) = collect(shops, lied).files
    assert (said.fault, said.new) == ("sender", 0)


def test_a_file_for_us_that_another_headquarters_has_signed_is_refused(tmp_path: Path) -> None:
    """Whoever knows the device's public key can seal to it; only ours signs for us."""
    shops = world(tmp_path)
    box = shops.boxes["0001"]
    key = box.ledger.device_public
    stranger = b"\x0b" * 32
    says = head(what="down", box="0001", sender=seal.public_key(stranger).hex(), receiver=key.hex())
    shelf = MemoryShelf({f"{address(key)}-00001.mbdown": made(says=says, seed=stranger)})
    (refused,) = visit(box, shelf).refused
    assert refused.fault == "sender" and "another headquarters" in refused.why


def test_a_box_that_headquarters_does_not_know_is_refused_with_what_to_do(tmp_path: Path) -> None:
    shops = world(tmp_path)
    box = Box("0001", Random(99), hq_key=shops.office.public, token="no token of ours")
    stick = MemoryShelf()
    visit(box, stick)
    (said,) = collect(shops, stick).files
    assert said.fault == "sender" and said.new == 0 and "token" in said.why


def test_a_stick_for_an_older_epoch_brings_its_acknowledgement_and_says_that_it_is_old(
    tmp_path: Path,
) -> None:
    shops = world(tmp_path)
    box = shops.boxes["0001"]
    stick = MemoryShelf()
    visit(box, stick)
    collect(shops, stick)
    old = MemoryShelf()
    deliver(shops, old)
    box.ledger.chain = msgspec.structs.replace(box.ledger.chain, epoch=2)
    box.start()
    told = visit(box, old)
    assert [(one.fault, told.applied) for one in told.refused] == [("old", 0)]
    assert "epoch 1" in told.refused[0].why and "headquarters" in told.refused[0].why
