"""Headquarters saved and put back: all of it, and killed at any call to the disk."""

import os
import shutil
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest

from daemon.errors import StoreError
from hq import certificates, contents, restoring
from hq.cards import import_cards
from hq.memberlist import members
from hq.store import create, open_office
from tests.hq.tables import cards_csv

DISK = ("open", "os.", "shutil.", "sqlite3.")  # the audit events that look at or change a disk
CALLS_MAX = 400


@pytest.fixture
def engine() -> str:
    """A backup is one SQLite file, whatever it was made from (tests/hq/test_postgres.py)."""
    return "sqlite"


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    """A backup of a headquarters with two members."""
    office = create(tmp_path / "hq")
    import_cards(office, cards_csv(tmp_path / "cards.csv"))
    restoring.back_up(office, tmp_path / "saved")
    office.close()
    return tmp_path / "saved"


def test_certificates_and_contents_come_back_too(tmp_path: Path) -> None:
    office = create(tmp_path / "hq")
    authority = certificates.authority_pem(office)
    film = contents.put_bytes(office, b"a film")
    (tmp_path / "hq" / "content" / ".half").write_bytes(b"one that is being written")
    restoring.back_up(office, tmp_path / "saved")
    office.close()
    shutil.rmtree(tmp_path / "hq")
    restoring.restore(tmp_path / "saved", tmp_path / "hq")
    back = open_office(tmp_path / "hq")
    assert certificates.authority_pem(back) == authority, "boxes and brokers believe this one only"
    path = contents.path_of(back, film.hash)
    assert path is not None and path.read_bytes() == b"a film"
    assert sorted(one.name for one in (tmp_path / "hq" / "content").iterdir()) == [film.hash]
    assert oct((tmp_path / "hq" / "keys" / "ca.key").stat().st_mode)[-3:] == "600"
    back.close()


def test_a_restore_that_was_killed_anywhere_left_nothing_or_all(
    saved: Path, tmp_path: Path
) -> None:
    known, whole, calls = members_at(tmp_path / "hq"), False, 0
    while not whole:
        calls += 1
        assert calls < CALLS_MAX
        new = tmp_path / f"new{calls}"
        whole = killed_at(calls, partial(restoring.restore, saved, new))
        try:
            open_office(new).close()
        except StoreError as error:
            assert "no hq.db" in str(error)
            restoring.restore(saved, new)
        office = open_office(new)
        assert office.incarnation > 1, "what boxes know of the lost one would be believed"
        office.close()
        assert members_at(new) == known
        assert not (new / restoring.RESTORING).exists() or not whole
    assert calls > 20, "the disk was looked at more often"


def test_a_backup_that_was_killed_anywhere_is_refused_or_whole(tmp_path: Path) -> None:
    office = create(tmp_path / "hq")
    import_cards(office, cards_csv(tmp_path / "cards.csv"))
    contents.put_bytes(office, b"a film")
    certificates.authority_pem(office)
    office.close()
    known, whole, calls, refused = members_at(tmp_path / "hq"), False, 0, 0

    def back_up(folder: Path) -> None:
        restoring.back_up(open_office(tmp_path / "hq"), folder)

    while not whole:
        calls += 1
        assert calls < CALLS_MAX
        folder, new = tmp_path / f"saved{calls}", tmp_path / f"new{calls}"
        whole = killed_at(calls, partial(back_up, folder))
        try:
            restoring.restore(folder, new)
        except StoreError:
            refused += 1
            continue
        assert members_at(new) == known
        assert len(list((new / "content").iterdir())) == 1
        assert (new / "keys" / "ca.key").exists()
    assert refused > 10, "it was killed before it was whole"


def members_at(folder: Path) -> list[tuple[str, int]]:
    office = open_office(folder)
    try:
        return [(one.card, one.points) for one in members(office)]
    finally:
        office.close()


def killed_at(call: int, work: Callable[[], object]) -> bool:
    """Let a process of its own do it, and end it at this call to the disk; True: it came through.

    What stood in the page cache then is on the disk: this is a killed process, no power cut.
    """
    child = os.fork()
    if child == 0:
        left = call

        def count(event: str, _: tuple[object, ...]) -> None:
            nonlocal left
            left -= event.startswith(DISK)
            if left == 0:
                os._exit(9)

        sys.addaudithook(count)
        try:
            work()
        except BaseException:
            os._exit(1)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, 9), "it failed by itself"
    return code == 0
