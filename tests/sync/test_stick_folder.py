"""The medium under a stick: pulled at any moment, full, read-only, fake. Nothing is harmed."""

import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from daemon.errors import LinkError
from daemon.seal import public_key
from daemon.sync.stick import FILE_BYTES_MAX, Name, marker, parse_name
from daemon.sync.stick_folder import NEW, Calls, StickFolder, found_on, is_foreign, made_on
from tests.sync.sticks import collect, deliver, visit
from tests.sync.test_stick import CARD, state, world
from tests.sync.test_stick_visits import SMALL, agree, check

HQ_KEY = public_key(b"\x06" * 32)
FAT32_FILE_BYTES_MAX = 2**32 - 1


class Pulled(BaseException):
    """The power went, or the process was killed: nothing after it is done either."""


class Doomed(Calls):
    """After so many calls the machine is gone; the write under way is half done."""

    def __init__(self, left: int) -> None:
        self.left = left

    def _step(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Pulled

    def create(self, path: Path) -> int:
        self._step()
        return super().create(path)

    def write(self, fd: int, data: bytes) -> int:
        if self.left == 0:
            super().write(fd, data[: len(data) // 2])
        self._step()
        return super().write(fd, data)

    def sync(self, fd: int) -> None:
        self._step()
        super().sync(fd)

    def rename(self, old: Path, new: Path) -> None:
        self._step()
        super().rename(old, new)

    def remove(self, path: Path) -> None:
        self._step()
        super().remove(path)

    def read_back(self, path: Path) -> bytes:
        self._step()
        return super().read_back(path)


class Faulty(Calls):
    """One call fails, for ever."""

    def __init__(self, fault: int) -> None:
        self.fault = fault

    def write(self, fd: int, data: bytes) -> int:
        raise OSError(self.fault, os.strerror(self.fault))


def test_killed_at_every_call_of_a_whole_month_nothing_is_lost_and_it_goes_on(
    tmp_path: Path,
) -> None:
    """Visit, headquarters and visit again, each killed at call k, for every k."""
    k, ended = 0, False
    while not ended:
        work = tmp_path / str(k)
        work.mkdir()
        shops = world(work)
        box, folder = shops.boxes["0001"], work / "stick"
        folder.mkdir()
        for _ in range(3):
            box.sell()
        stick = StickFolder(folder, Doomed(k))
        try:
            visit(box, stick)
            collect(shops, stick)
            deliver(shops, stick)
            box.sell()
            visit(box, stick)
            ended = True
        except Pulled:
            box.start()  # the box was killed, too
        assert all(parse_name(one.removesuffix(NEW)) for one in os.listdir(folder))
        good = StickFolder(folder)
        assert visit(box, good).refused == ()
        left = [name for name in good.names() if name.endswith(f"up{NEW}")]
        assert left == [], "what was left over is gone"
        agree(shops, good)
        check(shops)
        assert not [name for name in good.names() if name.endswith(NEW)]
        shops.office.close()
        k += 1
    assert k > 25, f"{k} calls"


def test_a_part_that_is_half_written_does_not_hide_the_one_before(tmp_path: Path) -> None:
    stick = StickFolder(tmp_path)
    stick.put("a", [b"old"])
    broken = StickFolder(tmp_path, Doomed(2))  # create, one write, and no more
    with pytest.raises(Pulled):
        broken.put("a", [b"new", b"er"])
    with stick.open("a") as file:
        assert file.read(9) == b"old"


@pytest.mark.parametrize(
    ("fault", "words"),
    [
        (errno.ENOSPC, "full"),
        (errno.EROFS, "read-only"),
        (errno.EFBIG, "exFAT"),
        (errno.ENODEV, "pulled out"),
        (errno.EACCES, "may not write"),
        (errno.EIO, "another stick"),
    ],
)
def test_what_the_medium_does_is_said_with_what_to_do(
    fault: int, words: str, tmp_path: Path
) -> None:
    shops = world(tmp_path)
    box, folder = shops.boxes["0001"], tmp_path / "stick"
    folder.mkdir()
    before = state(box)
    told = visit(box, StickFolder(folder, Faulty(fault)))
    assert words in told.trouble and str(folder) in told.trouble
    assert state(box) == before and list(folder.iterdir()) == []
    with pytest.raises(LinkError) as refused:
        StickFolder(folder, Faulty(fault)).put("x", [b"y"])
    assert refused.value.fix and refused.value.found


class Forgetful(Calls):
    """A fake stick: it takes everything and keeps less."""

    def __init__(self, kept: int) -> None:
        self._room = kept

    def write(self, fd: int, data: bytes) -> int:
        kept = data[: self._room]
        self._room -= len(kept)
        super().write(fd, kept + bytes(len(data) - len(kept)))
        return len(data)


def test_a_fake_stick_is_found_by_reading_back_and_takes_no_name_of_a_good_file(
    tmp_path: Path,
) -> None:
    shops = world(tmp_path)
    box, folder = shops.boxes["0001"], tmp_path / "stick"
    folder.mkdir()
    told = visit(box, StickFolder(folder, Forgetful(500)))
    assert "fake" in told.trouble and "Throw it away" in told.trouble
    assert list(folder.iterdir()) == []
    assert visit(box, StickFolder(folder)).ok


class Dribbling(Calls):
    """Each call takes a few bytes: as POSIX allows."""

    def write(self, fd: int, data: bytes) -> int:
        return super().write(fd, data[:7])


def test_short_writes_are_gone_on_with(tmp_path: Path) -> None:
    stick = StickFolder(tmp_path, Dribbling())
    assert stick.put("a", [b"0123456789" * 10, b"end"]) == 103
    assert (tmp_path / "a").read_bytes() == b"0123456789" * 10 + b"end"


def test_a_read_past_the_cache_and_one_without_say_the_same(tmp_path: Path) -> None:
    for size in (0, 1, 4096, 1024 * 1024, 3 * 1024 * 1024 + 17):
        data = os.urandom(size)
        assert StickFolder(tmp_path).put("a", [data]) == size
        assert (tmp_path / "a").read_bytes() == data


def test_no_file_is_larger_than_fat32_takes() -> None:
    assert FILE_BYTES_MAX + 512 * 1024 < FAT32_FILE_BYTES_MAX
    assert len(str(Name("0" * 16, 1, "down"))) < 64, "a long name, and no character that FAT hates"
    assert not set(str(Name("0" * 16, 1, "down")) + marker(HQ_KEY)) & set('"*+,/:;<=>?[\\]|')


def test_the_marker_makes_a_stick_ours_and_any_folder_of_files_will_do(tmp_path: Path) -> None:
    assert found_on(tmp_path, HQ_KEY) is None and not is_foreign(tmp_path)
    (tmp_path / "mbstick-0000000000000000").mkdir()
    assert found_on(tmp_path, HQ_KEY) is None and is_foreign(tmp_path)
    made = made_on(tmp_path, HQ_KEY)
    again = found_on(tmp_path, HQ_KEY)
    assert again is not None and again.path == made.path == tmp_path / marker(HQ_KEY)
    inside = found_on(made.path, HQ_KEY)
    assert inside is not None and inside.path == made.path
    mailed = tmp_path / "mailed"
    mailed.mkdir()
    (mailed / "0123456789abcdef-00001.mbdown").write_bytes(b"")
    by_mail = found_on(mailed, HQ_KEY)
    assert by_mail is not None and by_mail.path == mailed
    with pytest.raises(LinkError):
        found_on(tmp_path / "gone", HQ_KEY)


UNSHARE = ("unshare", "--user", "--map-root-user", "--mount")
MOUNTED = """
import sys
from pathlib import Path
from tests.sync.test_stick_folder import on_a_real_medium
on_a_real_medium(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
"""


@pytest.mark.parametrize("what", ["small", "read-only"])
def test_a_real_file_system_that_is_full_or_read_only(what: str, tmp_path: Path) -> None:
    """A tmpfs of its own, in a mount namespace: no mount of this machine is touched."""
    disk, work = tmp_path / "disk", tmp_path / "work"
    disk.mkdir()
    work.mkdir()
    mount = f"mount -t tmpfs -o size=400k tmpfs {disk} && exec {sys.executable} -c '{MOUNTED}'"
    done = subprocess.run(
        [*UNSHARE, "sh", "-c", f"{mount} {disk} {work} {what}"],
        capture_output=True,
        text=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    if "unshare" in done.stderr or "Operation not permitted" in done.stderr:
        pytest.skip(f"no mount namespace here: {done.stderr.strip()}")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip() == "good"


@pytest.mark.parametrize("what", ["link", "pipe", "folder"])
def test_what_is_no_file_is_refused_by_name_and_leads_nowhere(what: str, tmp_path: Path) -> None:
    """A stick may come from anybody, with any file system on it."""
    shops, disk, victim = world(tmp_path / "work"), tmp_path / "disk", tmp_path / "victim"
    disk.mkdir()
    victim.write_text("mine")
    first, second = shops.boxes.values()
    stick = made_on(disk, shops.office.public)
    agree(shops, stick)

    def put(path: Path) -> None:
        path.unlink(missing_ok=True)
        match what:
            case "link":
                path.symlink_to(victim)
            case "pipe":
                os.mkfifo(path)
            case _:
                path.mkdir()

    for box in (first, second):
        box.ledger.sell(CARD)
    visit(first, stick)
    visit(second, stick)
    bad = stick.path / next(one for one in sorted(stick.names()) if one.endswith(".mbup"))
    put(bad)
    told = collect(shops, stick)
    assert [(one.file, one.fault) for one in told.refused] == [(bad.name, "damaged")]
    assert "is no file" in told.refused[0].why
    assert told.new == 1, "the other shop's"
    deliver(shops, stick)
    for name in [one for one in stick.names() if one.endswith(".mbdown")]:
        put(stick.path / name)
    first.ledger.sell(CARD)
    told_box = visit(first, stick)
    assert [one.fault for one in told_box.refused] == ["damaged"], told_box
    assert victim.read_text() == "mine"


def test_a_link_in_the_place_of_a_file_or_of_the_folder_leads_nowhere(tmp_path: Path) -> None:
    inside = tmp_path / "inside"
    inside.mkdir()
    victim = inside / "journal.db"
    victim.write_text("mine")
    disk = tmp_path / "disk"
    disk.mkdir()
    stick = made_on(disk, HQ_KEY)
    name = str(Name("0" * 16, 1, "up"))
    (stick.path / (name + NEW)).symlink_to(victim)
    with pytest.raises(LinkError, match="link"):
        stick.put(name, [b"theirs"])
    assert victim.read_text() == "mine"
    stick.path.rmdir()
    stick.path.symlink_to(inside)
    assert found_on(disk, HQ_KEY) is None
    with pytest.raises(LinkError, match="link"):
        made_on(disk, HQ_KEY)


def fill(ballast: Path) -> None:
    with pytest.raises(OSError), ballast.open("wb", buffering=0) as file:
        while file.write(bytes(4096)):
            pass


def on_a_real_medium(disk: Path, work: Path, what: str) -> None:
    """Run inside the namespace."""
    shops = world(work)
    box = shops.boxes["0001"]
    for number in range(1200):
        box.ledger.sell(f"{number:04d}" + os.urandom(200).hex())
    stick = made_on(disk, shops.office.public)
    if what == "read-only":
        subprocess.run(["mount", "-o", "remount,ro", str(disk)], check=True)
        told = visit(box, stick)
        assert "read-only" in told.trouble and "fsck" in told.trouble, told
        subprocess.run(["mount", "-o", "remount,rw", str(disk)], check=True)
        assert visit(box, stick, part_bytes=SMALL).fresh > 0
    else:
        told = visit(box, stick, part_bytes=SMALL)
        assert told.left > 0 and told.entries > 0 and not told.trouble, told
        assert collect(shops, stick).new == told.entries
        deliver(shops, stick, ["0001"])
        trips = 1
        while visit(box, stick, part_bytes=SMALL).left:
            collect(shops, stick)
            deliver(shops, stick, ["0001"])
            trips += 1
            assert trips < 20, "each trip takes some of it"
        fill(disk / "ballast")
        box.ledger.sell(CARD)
        full = visit(box, stick, part_bytes=SMALL)
        assert full.left > 0 or "full" in full.trouble, full
    sys.stdout.write("good\n")
