"""`memberbox act` from outside: on the store of a stopped box; refusals answer no."""

import json
import subprocess
import sys
from pathlib import Path

CONFIG = """
[box]
id = "0018"
state_dir = "{folder}/state"
run_dir = "{folder}/run"
clock_start = "2026-03-06T10:00:00+08:00"

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


def test_an_act_on_a_stopped_box(tmp_path: Path) -> None:
    config = tmp_path / "memberbox.toml"
    config.write_text(CONFIG.format(folder=tmp_path), encoding="utf-8")
    goods = {"n": 1, "sku": "A", "name": "A", "qty": 2, "list_fen": 300, "paid_fen": 300}
    sale = {
        "id": "one",
        "lines": [{**goods, "cls": "regular"}],
        "tenders": [{"code": "cash", "amount_fen": 300}],
    }
    code, said = act(config, "sale", sale)
    assert (code, said["ok"], said["kind"]) == (0, True, "sale")
    entry = said["entry"]
    assert act(config, "sale", sale)[1]["again"] is True
    back = {"id": "two", "sale": entry, "lines": [{"n": 1, "qty": 3}]}
    code, said = act(config, "return", back)
    assert (code, said["refused"]) == (1, "not_returnable")
    assert "only 2" in str(said["why"])
    code, said = act(config, "return", {**back, "lines": [{"n": 1, "qty": 1}]})
    assert (code, said["body"]["pay_fen"]) == (0, 150)  # type: ignore[index]
    assert act(config, "nonsense", back)[0] == 1
    done = _run(config, "act", "sale", "-", stdin="no json")
    assert done.returncode == 2
    assert "JSON" in done.stdout + done.stderr


def act(config: Path, kind: str, request: object) -> tuple[int, dict[str, object]]:
    done = _run(config, "act", kind, "--json", stdin=json.dumps(request))
    return done.returncode, json.loads(done.stdout)


def _run(config: Path, *words: str, stdin: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "daemon.cli", "--config", str(config), *words]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=60)
