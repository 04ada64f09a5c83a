"""A box that starts on a disk without room: it comes up, says so, and recovers by itself."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from daemon.outage import is_out
from tests.service.box_config import ask, write_config

ROOT = Path(__file__).resolve().parents[2]


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: a disk of its own is mounted")
def test_a_box_on_a_full_disk_comes_up_refuses_and_recovers(tmp_path: Path) -> None:
    for name in ("disk", "work"):
        (tmp_path / name).mkdir()
    script = f"cd {tmp_path} && mount -t tmpfs -o size=6m tmpfs disk && exec " + (
        f"{sys.executable} -P -m tests.service.full_disk {tmp_path}/disk {tmp_path}/work"
    )
    run = subprocess.run(
        ["unshare", "-m", "sh", "-c", script],
        env={**os.environ, "PYTHONPATH": str(ROOT), "MEMBERBOX_SHARE": str(ROOT / "config")},
        capture_output=True,
        text=True,
        timeout=110,
    )
    if "permission" in run.stderr.lower() or "not permitted" in run.stderr.lower():
        pytest.skip(f"mount is not allowed here: {run.stderr.strip()}")
    assert run.returncode == 0, run.stderr
    assert run.stdout.splitlines()[-1] == "recovered", run.stdout


def test_what_a_person_has_to_mend_is_not_waited_for(tmp_path: Path) -> None:
    assert not is_out(tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert not is_out(tmp_path / "missing")
    config = write_config(tmp_path, state=tmp_path / "file" / "state")
    (tmp_path / "file").write_bytes(b"in the way")
    code, said = ask(config, "run")
    assert code == 3 and "Check that the directory exists" in str(said["error"])
