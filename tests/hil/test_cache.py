"""Folders that are kept: whole or not there, made once, and told apart when they are made again."""

import os
import shutil
import threading

import pytest

from tests.hil import cache


@pytest.fixture(autouse=True)
def place(tmp_path, monkeypatch):
    monkeypatch.setenv("MEMBERBOX_HIL_CACHE", str(tmp_path))
    return tmp_path


def fill(out):
    (out / "disk").write_text("the same")


def test_it_is_made_once_and_is_another_when_it_is_made_again():
    """A saved guest must never go on with another disk of the same description."""
    first = cache.kept("root", "mark", fill)
    birth = cache.born(first)
    assert cache.kept("root", "mark", lambda out: pytest.fail("made twice")) == first
    shutil.rmtree(first)
    assert cache.born(cache.kept("root", "mark", fill)) != birth


def test_what_was_not_made_whole_leaves_nothing(place):
    def fail(out):
        fill(out)
        raise OSError("no room")

    with pytest.raises(OSError, match="no room"):
        cache.kept("root", "mark", fail)
    assert [path for path in place.iterdir() if path.is_dir()] == []


def test_who_wants_the_same_waits_for_it():
    begun, go_on, found = threading.Event(), threading.Event(), []

    def slow(out):
        begun.set()
        go_on.wait(60)
        fill(out)

    def want():
        found.append(cache.kept("root", "mark", lambda out: pytest.fail("made twice")))

    first = threading.Thread(target=cache.kept, args=("root", "mark", slow))
    second = threading.Thread(target=want)
    first.start()
    assert begun.wait(60)
    second.start()
    go_on.set()
    first.join()
    second.join()
    assert [(path / "disk").read_text() for path in found] == ["the same"]


def test_what_may_still_be_in_use_is_not_forgotten(place):
    for number in range(cache.KEPT + 2):
        cache.kept("root", f"mark{number}", fill)
    assert len(list(place.glob("root-*"))) == cache.KEPT + 2
    old_s = os.stat(place / "root-mark0").st_mtime - cache.UNUSED_S - 60
    os.utime(place / "root-mark0", (old_s, old_s))
    cache.kept("root", "mark4", fill)
    assert not (place / "root-mark0").exists()
