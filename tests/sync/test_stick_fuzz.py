"""Files of a stick that anybody may have written: refused by name, no crash, nothing of it kept."""

import io
from pathlib import Path
from random import Random

import msgspec

from daemon import seal
from daemon.ledger.codec import hash_of
from daemon.sync.stick import (
    FILE_BYTES,
    Frame,
    Head,
    Kind,
    Name,
    StickError,
    address,
    parse_name,
    read_file,
    read_head,
    read_key,
    seal_file,
)
from daemon.vault import PREFIX_BYTES, RECOVERY_BYTES
from hq.members import set_status
from tests.sync.sticks import MemoryShelf, collect, deliver, visit, visiting
from tests.sync.test_fuzz import INPUTS, SEED, dear, mutants
from tests.sync.test_stick import BOX_SEED, CARD, HQ_SEED, made, state, world
from tests.sync.test_stick_visits import agree
from tests.sync.world import Box, World

SIGNED_PER_INPUT = 40  # sealing, signing and taking one in is as long as refusing forty
FILES_AT_ONCE = 50
KINDS = "hlbpksz\xff"


def test_fuzz_a_file_that_was_changed_opens_to_nothing_or_to_what_was_sealed() -> None:
    random = Random(SEED)
    frames = [Frame(Kind.LETTER, b"a letter"), Frame(Kind.BATCH, random.randbytes(300))]
    good = [made(*frames), made(Frame(Kind.POST, b"a post"))]
    sealed = [list(_opened(one)) for one in good]
    refused = 0
    for data in mutants(random, good, INPUTS):
        try:
            assert list(_opened(data)) in sealed
        except StickError as error:
            assert error.found
            refused += 1
    assert refused > INPUTS * 9 // 10


def _opened(data: bytes) -> list[Frame]:
    return list(read_file(io.BytesIO(data), read_key(io.BytesIO(data), HQ_SEED)))


def test_fuzz_names_in_the_folder_are_ours_or_not() -> None:
    random = Random(SEED + 1)
    good = [str(Name(address(seal.public_key(BOX_SEED)), n, "up")).encode() for n in (1, 99_999)]
    for data in mutants(random, good, INPUTS):
        name = data.decode("utf-8", "surrogateescape")
        parsed = parse_name(name)
        assert parsed is None or str(parsed) == name


def twisted(random: Random, frames: list[Frame]) -> list[Frame]:
    """Return frames as a writer makes them who has the keys and means ill, or has a bug."""
    some = list(frames)
    for _ in range(random.randint(1, 3)):
        at = random.randrange(len(some))
        match random.randrange(5):
            case 0:
                some.insert(at, Frame(random.choice(KINDS), some[at].content))
            case 1 if len(some) > 1:
                del some[at]
            case 2:
                some[at], some[0] = some[0], some[at]
            case _:
                (content,) = mutants(random, [some[at].content], 1)
                some[at] = Frame(some[at].kind, content[:60_000])
    return [one for one in some if one.kind not in (Kind.HEAD, Kind.SIGNATURE)]


def again(random: Random, head: Head, frames: list[Frame], seed: bytes) -> bytes:
    changes = {
        "epoch": random.choice([1, 1, 2, -1, 2**50]),
        "box": random.choice([head.box, head.box, "hq", "0002", "x" * 300, "../.."]),
        "incarnation": random.choice([head.incarnation, -1, 2**50]),
    }
    says = msgspec.structs.replace(head, **changes) if random.random() < 0.5 else head
    sealed = seal_file(
        says,
        frames,
        sign=lambda domain, data: seal.sign(seed, domain, data),
        key=random.randbytes(RECOVERY_BYTES),
        nonce=random.randbytes(PREFIX_BYTES),
    )
    return b"".join(sealed)


def carried(folder: Path) -> tuple[World, Box, MemoryShelf]:
    """A world in which a stick has gone there and back once."""
    shops = world(folder)
    box, stick = shops.boxes["0001"], MemoryShelf()
    for _ in range(5):
        box.sell()
    set_status(shops.office, CARD, "lost")
    agree(shops, stick)
    box.sell()
    visit(box, stick)
    return shops, box, stick


def test_fuzz_what_a_known_box_signs_and_does_not_mean_is_refused_by_headquarters(
    tmp_path: Path,
) -> None:
    """Whatever a box puts into a file, only what its journal says by signature is stored."""
    random = Random(SEED + 2)
    shops, box, stick = carried(tmp_path)
    place = address(box.ledger.device_public)
    (name,) = [one for one in stick.names() if one.startswith(place) and one.endswith("up")]
    frames = list(read_file(io.BytesIO(stick.files[name]), box.ledger.recovery))
    head = read_head(frames[0])
    mine = {stored.hash for stored in box.ledger.entries}
    for start in range(0, dear(SIGNED_PER_INPUT), FILES_AT_ONCE):
        shelf = MemoryShelf()
        for number in range(1, FILES_AT_ONCE + 1):
            data = again(random, head, twisted(random, frames[1:]), box.ledger.seed)
            shelf.files[str(Name(place, number, "up"))] = data
        said = collect(shops, shelf).files
        assert len(said) == FILES_AT_ONCE, start
        assert all(one.why for one in said if one.fault)
    stored = shops.office.db.execute(
        "SELECT e.data FROM entry AS e JOIN chain AS c ON c.id = e.chain WHERE c.box = '0001'"
    ).fetchall()
    assert {hash_of(bytes(row[0])) for row in stored} <= mine
    assert collect(shops, stick).refused == []
    agree(shops, stick)
    shops.check()


def test_fuzz_what_headquarters_signs_and_does_not_mean_harms_no_box(tmp_path: Path) -> None:
    random = Random(SEED + 3)
    shops, box, stick = carried(tmp_path)
    set_status(shops.office, CARD, "active")
    deliver(shops, stick, ["0001"])
    place = address(box.ledger.device_public)
    name = str(Name(place, 1, "down"))
    data = stick.files[name]
    key = read_key(io.BytesIO(data), box.ledger.seed)
    frames = list(read_file(io.BytesIO(data), key))
    head = read_head(frames[0])
    applied = 0
    for _ in range(dear(SIGNED_PER_INPUT)):
        shelf = MemoryShelf(
            {name: again(random, head, twisted(random, frames[1:]), shops.office.seed)}
        )
        entropy = box.entropy
        applied += visiting(box, shelf, entropy=entropy, part_bytes=FILE_BYTES).receive().applied
    before = state(box)
    visit(box, stick)
    assert applied <= 1 and state(box)[2] == before[2] + 1 - applied
    agree(shops, stick)
    shops.check()
