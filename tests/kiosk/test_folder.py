"""The folder on disk: what is still being copied waits, what is no plain file is not there."""

import os

import pytest

from daemon.display.kiosk.folder import Folder, opened

JPEG = b"\xff\xd8\xff\xe0 not really"


def names(folder: Folder) -> list[str]:
    return [stored.content.name for stored in folder.look().files]


def test_a_file_that_is_being_copied_waits_until_it_stays_as_it_is(tmp_path):
    (tmp_path / "a.jpg").write_bytes(JPEG)
    folder = Folder(tmp_path)
    assert names(folder) == ["a.jpg"]
    half = tmp_path / "b.jpg"
    half.write_bytes(JPEG)
    assert names(folder) == ["a.jpg"]
    half.write_bytes(JPEG * 2)
    assert names(folder) == ["a.jpg"]
    assert names(folder) == ["a.jpg", "b.jpg"]
    half.unlink()
    assert names(folder) == ["a.jpg"]


def test_the_same_bytes_have_the_same_hash_and_other_bytes_another(tmp_path):
    for name, data in (("a.jpg", JPEG), ("b.jpg", JPEG), ("c.jpg", JPEG + b"!")):
        (tmp_path / name).write_bytes(data)
    first, second, third = Folder(tmp_path).look().files
    assert first.content.hash == second.content.hash != third.content.hash


def test_links_pipes_folders_and_hidden_files_are_not_there(tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(JPEG)
    playlist = tmp_path / "playlist"
    playlist.mkdir()
    (playlist / "link.jpg").symlink_to(secret)
    os.mkfifo(playlist / "pipe.jpg")
    (playlist / "folder.jpg").mkdir()
    for hidden in (".x.jpg", "Thumbs.db", "read.txt", "a.jpg.part"):
        (playlist / hidden).write_bytes(JPEG)
    assert names(Folder(playlist)) == []


def test_a_file_that_was_swapped_since_is_not_opened(tmp_path):
    path = tmp_path / "a.jpg"
    path.write_bytes(JPEG)
    stored = Folder(tmp_path).look().files[0]
    opened(stored.path, stored.signature).close()
    path.write_bytes(JPEG * 3)
    with pytest.raises(OSError):
        opened(stored.path, stored.signature)
    path.unlink()
    path.symlink_to("/etc/hostname")
    with pytest.raises(OSError):
        opened(stored.path, stored.signature)


def test_no_folder_is_told_with_what_to_do(tmp_path):
    look = Folder(tmp_path / "none").look()
    assert look.files == () and "make it" in look.trouble[0]
