"""A box without devices and, as asked, without headquarters: its config and its commands."""

import io
import json
import subprocess
import sys
from contextlib import redirect_stdout
from pathlib import Path

from daemon.cli import main

_CONFIG = """
[box]
id = "{box}"
state_dir = "{state}"
run_dir = "{folder}/run"

[shop]
no = "{box}"
name = "shop"
chain = "chain"
address = "here"
phone = "020"
language = "en"
timezone = "Asia/Shanghai"
closing_hour = 4

[counter]
operator = "02"
"""
_HQ = """
[hq]
mqtt = "127.0.0.1:1"
key = "{key}"
"""


def write_config(
    folder: Path, *, box: str = "0018", state: Path | None = None, hq_key: bytes | None = None
) -> Path:
    """Write a config into `folder` and return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "memberbox.toml"
    text = _CONFIG.format(box=box, folder=folder, state=state or folder / "state")
    if hq_key is not None:
        text += _HQ.format(key=hq_key.hex())
    path.write_text(text, encoding="utf-8")
    return path


def command(config: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "daemon.cli", "--config", str(config), *words]


def ask(config: Path, *words: str) -> tuple[int, dict[str, object]]:
    """Run one command; return its exit code and what it said."""
    done = subprocess.run(
        [*command(config, *words), "--json"], capture_output=True, text=True, timeout=60
    )
    assert done.stdout.count("\n") == 1, (done.stdout, done.stderr)
    said: dict[str, object] = json.loads(done.stdout)
    return done.returncode, said


def say(config: Path, *words: str) -> tuple[int, dict[str, object]]:
    """The same in this process, for tests that ask often."""
    out = io.TextIOWrapper(io.BytesIO(), write_through=True)
    with redirect_stdout(out):
        code = main(["--config", str(config), *words, "--json"])
    assert isinstance(out.buffer, io.BytesIO)
    said: dict[str, object] = json.loads(out.buffer.getvalue())
    return code, said
