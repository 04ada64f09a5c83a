"""What bandit and ruff's S rules find in what we ship is mended, or its line says why it is safe.

A reason stands behind `noqa: S...`, or in a remark right above. Both number their rules alike: what
is explained to ruff as S608 is explained to bandit as B608.
"""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.tidy.tree import ROOT, python_files, text

SHIPPED = ("daemon", "hq", "deb")
# Rules that find a way of writing, not a danger.
EVERYWHERE = {
    "B101": "assertions guard invariants, and nothing of ours runs without them",
    "B404": "to import subprocess is no danger; each call is looked at",
}
HERE = {
    ("daemon/config_secrets.py", "B105"): "names of the files that keep secrets",
    ("deb/programs.py", "B603"): "pip, apt, git and dpkg-deb, with our own words",
}
_TOLD = re.compile(r"# noqa: (?:[A-Z0-9]+, )*S(?P<rule>\d+)(?:, [A-Z0-9]+)*(?P<why>.*)")


def suppressed() -> Iterator[tuple[Path, int, str, bool]]:
    """Yield file, line, number of the rule, and whether a reason is given."""
    for path in python_files(*SHIPPED):
        lines = (text(path) or "").splitlines()
        for number, line in enumerate(lines, 1):
            for found in _TOLD.finditer(line):
                above = lines[number - 2].strip() if number > 1 else ""
                reason = len(found["why"].strip(" -()")) > 3 or above.startswith("# ")
                yield path, number, found["rule"], reason


def test_every_suppression_says_why():
    found = list(suppressed())
    assert found, "the pattern finds none any more"
    assert [f"{path}:{line}" for path, line, _, why in found if not why] == []


@pytest.mark.timeout(900)  # thirteen seconds of a quiet machine
def test_what_bandit_finds_is_explained():
    command = [sys.executable, "-m", "bandit", "-q", "-r", *SHIPPED, "-f", "json"]
    command += ["--skip", ",".join(EVERYWHERE)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    said = json.loads(done.stdout)
    assert said["errors"] == []
    told = {(str(path), line, rule) for path, line, rule, _ in suppressed()}
    seen = {(one["filename"], one["test_id"]) for one in said["results"]}
    unexplained = [
        f"{one['filename']}:{one['line_number']}: {one['test_id']} {one['issue_text']}"
        for one in said["results"]
        if (one["filename"], one["test_id"]) not in HERE
        and not any(
            (one["filename"], line, one["test_id"][1:]) in told
            for line in range(one["line_range"][0] - 1, one["line_range"][-1] + 1)
        )
    ]
    assert unexplained == []
    assert HERE.keys() - seen == set(), "explained, and found no more"
