"""The command: one JSON object, the promised exit codes, a page, a clean end."""

import json
import re
import socket
import stat
import urllib.request
from pathlib import Path

import pytest

from daemon.sync.wire import BOX_SAID, is_box
from hq.cli import main
from hq.store import create
from tests.brokers import Broker
from tests.hq.serving import ROOT, Serving, ask_hq, run_hq
from tests.hq.tables import cards_csv, products_csv

PACK = Path(__file__).parents[2] / "config" / "packs" / "zhenzi.json"


def test_init_makes_a_key_that_only_its_owner_reads_and_keeps_it(tmp_path: Path) -> None:
    first = ask_hq(tmp_path / "hq", "init")
    assert ask_hq(tmp_path / "hq", "init") == first
    assert first["ok"] is True and first["incarnation"] == 1
    assert len(bytes.fromhex(str(first["key"]))) == 32
    key = tmp_path / "hq" / "keys" / "hq.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600


def test_exit_codes(tmp_path: Path) -> None:
    folder = tmp_path / "hq"
    assert run_hq(folder, "status").returncode == 3
    ask_hq(folder, "init")
    assert run_hq(folder, "status").returncode == 0
    assert run_hq(folder, "juggle").returncode == 2
    assert run_hq(folder, "import", "cards", str(tmp_path / "no.csv")).returncode == 2
    assert run_hq(folder, "token", "no/box").returncode == 2
    assert run_hq(folder, "token", "hq").returncode == 2
    bad = tmp_path / "bad.csv"
    bad.write_text("a,b\n")
    assert run_hq(folder, "import", "staff", str(bad)).returncode == 1
    assert run_hq(folder, "serve", "--mqtt", "nowhere").returncode == 2


def test_json_is_one_object_and_mistakes_are_in_it(tmp_path: Path) -> None:
    folder = tmp_path / "hq"
    ask_hq(folder, "init")
    path = products_csv(tmp_path / "p.csv")
    path.write_text(path.read_text().replace("6800", "68.00"))
    done = run_hq(folder, "import", "products", str(path), "--json")
    assert done.returncode == 1
    found = json.loads(done.stdout)
    assert found["ok"] is False
    assert found["errors"] == [
        {
            "file": str(path),
            "line": 2,
            "column": "price_fen",
            "value": "68.00",
            "allowed": "whole fen, 0 to 100000000000, or empty: not for sale",
        }
    ]


def test_status_and_members_have_the_promised_fields(tmp_path: Path) -> None:
    folder = tmp_path / "hq"
    ask_hq(folder, "init")
    ask_hq(folder, "import", "cards", str(cards_csv(tmp_path / "c.csv")))
    status = ask_hq(folder, "status")
    assert {"incarnation", "boxes"} <= set(status)
    members = ask_hq(folder, "members")["members"]
    assert isinstance(members, list)
    fields = {"id", "card", "points", "principal", "bonus", "growth", "level"}
    assert fields <= set(members[0])
    assert [member["points"] for member in members] == [620, 150]
    assert "8800000000049" in run_hq(folder, "members").stdout


def test_packs_are_checked_published_and_rolled_back(tmp_path: Path) -> None:
    folder = tmp_path / "hq"
    ask_hq(folder, "init")
    published = ask_hq(folder, "pack", "publish", str(PACK))
    assert (published["id"], published["version"]) == ("zhenzi", 7)
    assert ask_hq(folder, "pack", "publish", str(PACK)) == published
    changed = json.loads(PACK.read_text())
    changed["version"] = 8
    newer = tmp_path / "p8.json"
    newer.write_text(json.dumps(changed))
    ask_hq(folder, "pack", "publish", str(newer))
    assert ask_hq(folder, "status")["pack"] == "zhenzi 8"
    ask_hq(folder, "pack", "rollback", "zhenzi")
    assert ask_hq(folder, "status")["pack"] == "zhenzi 7"
    changed["name"] = "another content"
    newer.write_text(json.dumps(changed))
    again = run_hq(folder, "pack", "publish", str(newer))
    assert again.returncode == 1
    broken = tmp_path / "broken.json"
    broken.write_text('{"id": "x"}')
    assert run_hq(folder, "pack", "publish", str(broken)).returncode == 1
    assert run_hq(folder, "pack", "publish", str(tmp_path / "no.json")).returncode == 2


def test_a_pack_with_an_error_of_lint_is_published_by_nobody(tmp_path: Path) -> None:
    folder = tmp_path / "hq"
    ask_hq(folder, "init")
    faulty = tmp_path / "faulty.json"
    earn = json.loads(PACK.read_text())["earn"][0] | {"points": 200}
    faulty.write_text(json.dumps(json.loads(PACK.read_text()) | {"earn": [earn]}))
    refused = run_hq(folder, "pack", "publish", str(faulty))
    assert refused.returncode == 1
    assert "earn[0].points" in refused.stdout + refused.stderr
    assert run_hq(folder, "pack", "stage", str(faulty)).returncode == 1


def test_a_page_without_names_and_a_clean_end(tmp_path: Path) -> None:
    folder = tmp_path / "hq"
    ask_hq(folder, "init")
    ask_hq(folder, "import", "cards", str(cards_csv(tmp_path / "c.csv")))
    with Broker("nats", tmp_path / "broker") as broker, Serving(folder, broker.address) as serving:
        with urllib.request.urlopen(serving.address, timeout=5) as answer:
            page = answer.read().decode()
        assert "8800000000018" in page and "620" in page
        assert "王晓芸" not in page and "13800000001" not in page
        assert "src=" not in page and "https://" not in page
        with urllib.request.urlopen(serving.address + "status.json", timeout=5) as answer:
            assert json.loads(answer.read())["incarnation"] == 1
        assert serving.end() == 0


def test_a_taken_port_is_said(tmp_path: Path) -> None:
    folder = tmp_path / "hq"
    assert main(["--dir", str(folder), "init", "--json"]) == 0
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        done = run_hq(folder, "serve", "--mqtt", "127.0.0.1:1", "--http", port)
    assert done.returncode == 3
    assert port in done.stderr


def test_a_second_serve_on_one_directory_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "hq"
    ask_hq(folder, "init")
    with Broker("nats", tmp_path / "broker") as broker, Serving(folder, broker.address):
        done = run_hq(folder, "serve", "--mqtt", broker.address)
        assert done.returncode == 3
        assert "another memberbox-hq serve" in done.stderr


def test_members_and_points_by_command(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    create(tmp_path / "hq").close()
    hq = ["--dir", str(tmp_path / "hq")]

    def asked(*words: str):
        assert main([*hq, "--json", *words]) == 0
        return json.loads(capsys.readouterr().out)

    asked("import", "cards", str(cards_csv(tmp_path / "c.csv")))
    asked("give", "8800000000018", "30", "--source", "click")
    asked("hold", "freeze", "M1", "--points", "20", "--reason", "a question")
    asked("card", "8800000000049", "lost")
    asked("alias", "hq.1:2", "M1", "--by", "boss")
    (one,) = asked("members")["members"]
    assert (one["points"], one["held"], one["status"]) == (780, {"hq": 780}, "active")
    asked("unalias", "hq.1:2")
    assert [member["status"] for member in asked("members")["members"]] == ["active", "lost"]
    assert main([*hq, "members"]) == 0
    shown = capsys.readouterr().out
    assert "8800000000018" in shown and "630" in shown
    assert main([*hq, "give", "8800000000018", "-5"]) == 2
    assert main([*hq, "give", "nobody", "5"]) == 2
    assert main([*hq, "write-off", "0018.9"]) == main([*hq, "write-off", "hq.1"]) == 2


def test_the_box_id_of_headquarters_is_the_box_id_of_the_config() -> None:
    config = (ROOT / "daemon" / "config_tables.py").read_text(encoding="utf-8")
    (said,) = re.findall(r'description="(1 to 16 of [^"]+)"', config)
    assert said == BOX_SAID
    for name in ("0018", "A-1", "x" * 16, "", "a_b", "x" * 17, "a b", "店", "a\n"):
        fits = re.fullmatch(r"[A-Za-z0-9-]{1,16}", name) is not None
        assert is_box(name) is fits, name


def test_a_backup_comes_back_as_the_next_incarnation(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    create(tmp_path / "hq").close()
    backup, new = str(tmp_path / "backup"), ["--dir", str(tmp_path / "new"), "--json"]
    old = ["--dir", str(tmp_path / "hq"), "--json"]
    assert main([*old, "import", "cards", str(cards_csv(tmp_path / "c.csv"))]) == 0
    assert main([*old, "backup", backup]) == 0
    assert main([*old, "backup", backup]) == 3, "a backup is never written over"
    assert main([*new, "restore", str(tmp_path / "nothing")]) == 3
    capsys.readouterr()
    assert main([*new, "restore", backup]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["incarnation"] > 1 and said["waits"] == []
    assert main([*new, "restore", backup]) == 3, "nor is a headquarters"
    capsys.readouterr()
    assert main([*new, "members"]) == 0
    assert len(json.loads(capsys.readouterr().out)["members"]) == 2
