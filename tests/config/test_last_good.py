"""The last good config: kept at every good start, used and named when the file has a mistake."""

import stat
from pathlib import Path

import pytest

from daemon.config import ConfigError, last_good_path, load_or_last_good
from tests.config.test_config import GOOD, written


def test_a_box_runs_on_its_last_good_config_and_says_so(tmp_path):
    path, kept = written(tmp_path, GOOD), tmp_path / "state" / "last.toml"
    config, problems, on_last_good = load_or_last_good(path, kept)
    assert (problems, on_last_good) == ([], False)
    assert stat.S_IMODE(kept.stat().st_mode) == 0o600
    written(tmp_path, GOOD.replace("[box]", "[bux]"))
    again, problems, on_last_good = load_or_last_good(path, kept)
    assert again == config
    assert on_last_good
    assert {problem.key for problem in problems} == {"box", "bux"}
    path.unlink()
    assert load_or_last_good(path, kept)[2]
    assert kept.read_text(encoding="utf-8") == GOOD


def test_without_a_last_good_config_the_mistakes_are_those_of_the_file(tmp_path):
    path = written(tmp_path, GOOD.replace("[box]", "[bux]"))
    with pytest.raises(ConfigError) as caught:
        load_or_last_good(path, tmp_path / "none.toml")
    assert {problem.key for problem in caught.value.problems} == {"box", "bux"}


def test_a_last_good_copy_that_cannot_be_kept_does_not_stop_the_box(tmp_path):
    (tmp_path / "file").write_text("")
    path = written(tmp_path, GOOD)
    _, problems, on_last_good = load_or_last_good(path, tmp_path / "file" / "last.toml")
    assert not on_last_good
    assert "cannot be kept" in str(problems[0])


def test_a_half_written_copy_of_a_dead_process_is_replaced(tmp_path):
    path, kept = written(tmp_path, GOOD), tmp_path / "last.toml"
    (tmp_path / "last.toml.new").write_text("half")
    load_or_last_good(path, kept)
    assert kept.read_text(encoding="utf-8") == GOOD
    assert not (tmp_path / "last.toml.new").exists()


def test_where_the_last_good_copy_lies():
    path = Path("/boot/memberbox.toml")
    assert last_good_path(path, {}) == Path("/boot/.memberbox.last-good.toml")
    state = {"STATE_DIRECTORY": "/var/lib/memberbox"}
    assert last_good_path(path, state) == Path("/var/lib/memberbox/memberbox.last-good.toml")
