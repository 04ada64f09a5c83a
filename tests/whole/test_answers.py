"""Every command answers a program with exactly one object, wherever --json stands."""

import json
import subprocess

import pytest

from tests.stage import tool


@pytest.mark.parametrize(
    "words",
    [
        ["memberbox", "--json", "--config", "/nowhere.toml", "run"],
        ["memberbox", "--config", "/nowhere.toml", "status", "--json"],
        ["memberbox", "--json", "frobnicate"],
        ["memberbox", "journal", "show", "--json"],
        ["memberbox-hq", "--json", "--dir", "/nowhere", "frobnicate"],
        ["memberbox-hq", "--dir", "x", "serve", "--mqtt", "h:1", "--http", "99999999", "--json"],
    ],
)
def test_wrong_use_is_one_object_and_exit_code_two(words):
    done = subprocess.run([tool(words[0]), *words[1:]], capture_output=True, text=True)
    answer = json.loads(done.stdout)
    assert (done.returncode, answer["ok"]) == (2, False)
    assert answer["error"]
