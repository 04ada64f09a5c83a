"""The disk with a volatile cache: what it serves, what it remembers, what a cut may leave."""

import socket
import struct
import subprocess
from pathlib import Path
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.hil.cuts import SECTOR_BYTES, Cutter
from tests.hil.nbd import (
    ANSWER,
    FUA,
    OPTION,
    REQUEST,
    REQUEST_MAGIC,
    Disk,
    Do,
    Flushed,
    Happened,
    Told,
    Wrote,
)

SIZE = 8 * SECTOR_BYTES


class Client:
    """The other end, as the protocol's text has it."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        self._stream = self._socket.makefile("rb")
        assert self._read(18)[:16] == b"NBDMAGICIHAVEOPT"
        self._socket.sendall(struct.pack(">I", 3) + OPTION.pack(b"IHAVEOPT", 1, 0))  # EXPORT_NAME
        self.size, self.flags = struct.unpack(">QH", self._read(10))

    def ask(self, do: int, offset: int = 0, length: int = 0, data: bytes = b"", flags: int = 0):
        request = REQUEST.pack(REQUEST_MAGIC, flags, do, 7, offset, length or len(data))
        self._socket.sendall(request + data)
        _, error, cookie = ANSWER.unpack(self._read(ANSWER.size))
        assert cookie == 7
        return error, self._read(length if do == Do.READ else 0)

    def _read(self, length: int) -> bytes:
        came = self._stream.read(length)
        assert len(came) == length
        return came


def test_what_is_written_is_read_and_remembered_in_its_order(tmp_path):
    disk = Disk(bytes(SIZE), tmp_path / "nbd")
    disk.start()
    client = Client(tmp_path / "nbd")
    assert client.size == SIZE
    client.ask(Do.WRITE, 512, data=b"a" * 512)
    disk.tell("one")
    client.ask(Do.FLUSH)
    client.ask(Do.WRITE, 0, data=b"b" * 1024, flags=FUA)
    assert client.ask(Do.READ, 0, 1536) == (0, b"b" * 1024 + bytes(512))
    client.ask(Do.WRITE_ZEROES, 0, 512)
    assert client.ask(Do.READ, 0, 1024) == (0, bytes(512) + b"b" * 512)
    assert client.ask(4)[0] == 22, "no TRIM was offered"
    assert disk.history == [
        Wrote(512, b"a" * 512),
        Told("one"),
        Flushed(),
        Wrote(0, b"b" * 1024, sure=True),
        Wrote(0, bytes(512)),
    ]
    disk.close()


writes = st.builds(
    lambda first, count, letter: Wrote(first * SECTOR_BYTES, letter * (count * SECTOR_BYTES)),
    st.integers(0, 5),
    st.integers(1, 3),
    st.sampled_from((b"a", b"b", b"c")),
)
sure = writes.map(lambda one: Wrote(one.offset, one.data, sure=True))
histories = st.lists(st.one_of(writes, writes, sure, st.just(Flushed())), max_size=12)


@given(histories, st.integers(0, 2**32))
@settings(deadline=None, max_examples=200)
def test_a_cut_leaves_what_was_sure_and_nothing_that_was_never_written(history, seed):
    at = Random(seed).randint(0, len(history))
    left = Cutter(bytes(SIZE), history).cut(at, Random(seed))
    for sector in range(SIZE // SECTOR_BYTES):
        start = sector * SECTOR_BYTES
        came = left.image[start : start + SECTOR_BYTES]
        assert came in may_be(history[:at], start), (history[:at], sector, came[:1])


def may_be(history, start):
    """All that a sector may hold: what was made sure last, or anything that came after it."""
    found = [bytes(SECTOR_BYTES)]
    for happened in history:
        if isinstance(happened, Flushed):
            found = found[-1:]
        elif happened.offset <= start < happened.offset + len(happened.data):
            inside = start - happened.offset
            data = happened.data[inside : inside + SECTOR_BYTES]
            found = [data] if happened.sure else [*found, data]
    return found


def test_every_part_of_the_cache_gets_lost_and_kept_and_torn():
    cached = Wrote(0, b"b" * 1024), Wrote(2048, b"c" * 512)
    history: tuple[Happened, ...] = (Wrote(0, b"a" * SIZE), Flushed(), *cached)
    images = {Cutter(bytes(SIZE), history).cut(4, Random(seed)).image for seed in range(200)}
    first = {image[:1024].replace(b"a" * 512, b"a").replace(b"b" * 512, b"b") for image in images}
    assert first == {b"aa", b"ab", b"ba", b"bb"}
    assert {image[2048:2049] for image in images} == {b"a", b"c"}


def test_what_the_guest_told_stands_with_the_cut():
    cutter = Cutter(bytes(SIZE), [Told("1"), Flushed(), Told("2")])
    assert cutter.cut(0, Random(1)).told == ()
    assert cutter.cut(2, Random(1)).told == ("1",)
    assert cutter.cut(3, Random(1)).told == ("1", "2")


def test_qemu_takes_it_for_a_disk(tmp_path):
    """The real client: what guests' disks are."""
    disk = Disk(bytes(1 << 20), tmp_path / "nbd")
    disk.start()
    commands = ["write -P 97 4096 8192", "flush", "write -f -P 98 0 512", "read -P 97 4096 8192"]
    words = [word for one in commands for word in ("-c", one)]
    address = f"nbd+unix:///?socket={tmp_path / 'nbd'}"
    done = subprocess.run(
        ["qemu-io", "-f", "raw", "-t", "writeback", *words, address], capture_output=True
    )
    assert done.returncode == 0, done.stderr
    assert disk.history[:2] == [Wrote(4096, b"a" * 8192), Flushed()]
    assert Wrote(0, b"b" * 512, sure=True) in disk.history
    disk.close()
