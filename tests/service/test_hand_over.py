"""`memberbox hand-over` from outside: the chain ends with all it holds, the next one goes on."""

import json
import subprocess
import sys
from pathlib import Path

CONFIG = """
[box]
id = "0018"
state_dir = "{folder}/state"
run_dir = "{folder}/run"

[shop]
no = "0018"
name = "shop"
chain = "chain"
address = "here"
phone = "020"
language = "en"
timezone = "Asia/Shanghai"

[counter]
operator = "02"
"""


def ask(config: Path, *words: str) -> tuple[int, dict[str, object]]:
    """Run one command; return its exit code and what it said."""
    command = [sys.executable, "-m", "daemon.cli", "--config", str(config), *words, "--json"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30)
    return done.returncode, json.loads(done.stdout)


def test_hand_over_asks_first_and_leaves_everything_to_the_next_chain(tmp_path: Path) -> None:
    config = tmp_path / "memberbox.toml"
    config.write_text(CONFIG.format(folder=tmp_path), encoding="utf-8")
    code, said = ask(config, "hand-over")
    assert code == 1
    assert "Nothing was done" in str(said["error"])
    assert not (tmp_path / "state" / "journal.db").exists()
    code, said = ask(config, "hand-over", "--yes")
    assert (code, said["closed"], said["heir"]) == (0, "0018.1", "0018.2")
    code, said = ask(config, "hand-over", "--yes")
    assert (code, said["closed"], said["heir"]) == (0, "0018.2", "0018.3"), "the heir went on"
    code, said = ask(config, "verify", "--full")
    assert (code, said["ok"]) == (0, True)
    code, said = ask(config, "journal", "show", "1:2")
    assert code == 0
    assert '"epoch.closed"' in json.dumps(said) and '"0018.2"' in json.dumps(said)
