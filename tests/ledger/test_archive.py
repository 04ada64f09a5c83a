"""What a backup is made of: nothing in it is believed that does not follow and end as promised."""

from collections.abc import Sequence

import pytest

from daemon.ledger.archive import (
    ArchiveError,
    ChainHead,
    Contents,
    Keys,
    Manifest,
    block,
    packed,
    run_block,
    unpack,
    whole,
)
from daemon.ledger.codec import canonical
from daemon.ledger.views import Durable, Stored
from tests.ledger.shop import open_store, sale

KEYS = Keys("00" * 32, "11" * 32, "22" * 16)


class Taken:
    def __init__(self) -> None:
        self.got: list[object] = []

    def entries(self, epoch: int, run: Sequence[Stored]) -> None:
        self.got += run

    def local(self, data: bytes) -> None:
        self.got.append(data)

    def keys(self, keys: Keys) -> None:
        self.got.append(keys)


@pytest.fixture(scope="module")
def entries(tmp_path_factory) -> list[Stored]:
    store = open_store(tmp_path_factory.mktemp("box"))
    for number in range(6):
        assert isinstance(store.commit(sale(f"a{number}")), Durable)
    found = store.read(1, 1, 10)
    store.close()
    return found


def parts(run: Sequence[Stored]) -> list[bytes]:
    last = run[-1]
    manifest = Manifest("0018", "now", "test", (ChainHead(1, last.seq, last.hash),))
    return [
        block("M", canonical(manifest)),
        run_block(1, run[:3]),
        run_block(1, run[3:]),
        block("L", b"local"),
        block("K", canonical(KEYS)),
        block("Z", canonical(len(run))),
    ]


def opened(blocks: Sequence[bytes], taken: Taken | None = None) -> Contents:
    return whole(unpack(packed(blocks), taken or Taken()))


def test_what_was_packed_comes_out_in_its_order(entries: list[Stored]) -> None:
    taken = Taken()
    contents = opened(parts(entries), taken)
    assert (contents.entries, contents.last.hash) == (7, entries[-1].hash)
    assert taken.got == [*entries, b"local", KEYS]


def test_nothing_is_believed_that_does_not_follow(entries: list[Stored]) -> None:
    good = parts(entries)
    strange = Stored(3, "", entries[2].data.replace(b"cash", b"cast", 1))
    broken = {
        "entry 1:": [
            [good[0], run_block(1, [*entries[:2], strange]), *good[2:]],
            [good[0], good[2], good[1], *good[3:]],
            [good[0], run_block(1, entries[:2]), *good[2:]],
            [good[0], run_block(1, [entries[0], entries[2], entries[1]]), *good[2:]],
        ],
        "does not end with": [[good[0], good[1], *good[3:5], block("Z", b"3")]],
        "another number": [[*good[:5], block("Z", b"8")]],
        "end is missing": [good[:5]],
        "does not begin": [good[1:], [b""]],
        "does not know": [[good[0], block("Q", b""), *good[1:]]],
        "cannot be read": [[block("M", b"{}"), *good[1:]], [*good[:4], block("K", b"{}"), good[5]]],
    }
    for said, streams in broken.items():
        for stream in streams:
            with pytest.raises(ArchiveError, match=said):
                opened(stream)


def test_a_stream_that_is_cut_is_refused(entries: list[Stored]) -> None:
    stream = b"".join(packed(parts(entries)))
    for cut in range(0, len(stream) - 1, 7):
        with pytest.raises(ArchiveError):
            unpack([stream[:cut]], Taken())
    with pytest.raises(ArchiveError):
        unpack([b"no zstd at all"], Taken())
