"""A shop without a line: real processes, and a stick that somebody carries between them."""

import json
import shutil
from pathlib import Path

import pytest

from tests.stage import ROOT, Stage

WANG = "8800000000018"


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    """Headquarters is a directory, nobody serves; the box's config names no broker."""
    with Stage(tmp_path_factory.mktemp("stick")) as made:
        made.start_broker()
        key, token = made.init_hq()
        made.start_bench(key, token)
        made.fill_hq()
        write(made, without_line(made.config.read_text(encoding="utf-8")))
        made.start_box()
        yield made


def write(stage: Stage, config: str) -> None:
    stage.config.write_text(config, encoding="utf-8")


def without_line(config: str) -> str:
    return "".join(line for line in config.splitlines(True) if not line.startswith("mqtt ="))


def carried(stage: Stage) -> Path:
    """Pull the stick out, no faster than a person; return where an agent's computer has it."""
    stage.bench.ask("stick", insert=False)
    stage.until(lambda: _stick_state(stage) != "online", "the box to miss its stick")
    return stage.bench_dir / "stick.out"


def _stick_state(stage: Stage) -> str:
    return str(stage.box("status")["devices"]["stick"]["state"])


def plug(stage: Stage) -> str:
    """Plug the stick in; return what the slip says."""
    before = len(stage.bench.receipts())
    stage.bench.ask("stick", insert=True)
    stage.until(lambda: len(stage.bench.receipts()) > before, "the slip of the visit")
    text = stage.bench.receipts()[before]["text"]
    assert "U盘同步" in text
    return str(text)


def at_hq(stage: Stage):
    """Take the stick to headquarters and back into its case."""
    stick = str(carried(stage))
    taken = stage.hq("stick", "import", stick)
    written = stage.hq("stick", "export", stick, "--boxes", "0018")
    assert taken["ok"] and written["ok"], (taken, written)
    return taken


def test_a_stick_that_is_none_of_ours_is_not_touched(stage: Stage):
    stick = stage.bench_dir / "stick.out"
    stick.mkdir(exist_ok=True)
    (stick / "holiday.jpg").write_bytes(b"not ours")
    before = len(stage.bench.receipts())
    stage.bench.ask("stick", insert=True)
    stage.until(lambda: stage.box("status")["devices"]["stick"]["state"] == "online", "the stick")
    stage.until(lambda: "READY" in stage.bench.lines("clerk")[0], "the clerk's display at rest")
    assert len(stage.bench.receipts()) == before
    inside = {path.name for path in (stage.bench_dir / "stick").iterdir()}
    assert inside - {".memberbox-probe"} == {"holiday.jpg"}
    carried(stage)


def test_a_shop_lives_by_a_stick_alone(stage: Stage):
    stage.hq("stick", "export", str(carried(stage)))  # from now on it is the chain's
    assert "from HQ: 0" in plug(stage)
    stage.until(lambda: "STICK DONE" in stage.bench.lines("clerk")[1], "the clerk to see it")
    stage.until(lambda: stage.bench.ask("led")["digits"].startswith("9-00"), "the LED to say so")
    assert at_hq(stage)["new"]
    plug(stage)  # goods, staff, members, the pack
    stage.until(lambda: bool(stage.box("status").get("pack")), "the pack to be in force")
    stage.bench.ask("swipe", track2=WANG)
    stage.bench.ask("scan", code="6901234100013")
    stage.until(lambda: "CLEANSER" in stage.bench.lines("clerk")[0], "the basket")
    before = len(stage.bench.receipts())
    stage.bench.keys("ENTER")
    stage.until(lambda: "DUE" in stage.bench.lines("clerk")[0], "the total")
    stage.bench.keys("70", "ENTER")
    stage.until(lambda: len(stage.bench.receipts()) > before, "the receipt")
    carried(stage)
    plug(stage)
    at_hq(stage)
    text = plug(stage)
    at_hq(stage)
    mine, theirs = stage.box("status"), stage.hq("status")["boxes"]["0018"]
    assert mine["hq_mark"] >= 0 and "refused" not in text
    stage.until(lambda: settled(stage), "nothing more to carry")
    mine, theirs = stage.box("status"), stage.hq("status")["boxes"]["0018"]
    assert (mine["seq"], mine["hash"]) == (theirs["mark"], theirs["hash"])
    assert (theirs["online"], theirs["cases"]) == (False, 0)
    assert not [note for note in mine["notes"] if "headquarters" in note or "broker" in note]
    assert mine["hq_age_s"] < 3600 and not mine["hq_connected"]
    points = {one["card"]: one["points"] for one in stage.hq("members")["members"]}
    assert points[WANG] > 620, "the sale's points are at headquarters"


def settled(stage: Stage) -> bool:
    """Carry the stick once more; tell whether it had nothing to bring to headquarters."""
    plug(stage)
    return not at_hq(stage)["new"]


def test_points_of_a_click_and_a_blocked_card_come_by_stick(stage: Stage):
    """What headquarters decides after a month reaches a shop that has no line."""
    known = {one["card"]: one["points"] for one in stage.hq("members")["members"]}
    lost = next(card for card in sorted(known) if card != WANG)
    stage.hq("give", WANG, "25", "--source", "click")
    stage.hq("card", lost, "lost")
    at_hq(stage)
    plug(stage)
    stage.bench.keys("CLEAR", "CLEAR")
    stage.bench.ask("swipe", track2=WANG)
    shown = f"POINTS {known[WANG] + 25}"
    stage.until(lambda: shown in stage.bench.lines("clerk")[1], shown)
    stage.bench.keys("CLEAR", "CLEAR")
    stage.bench.ask("swipe", track2=lost)
    stage.until(lambda: "LOST" in " ".join(stage.bench.lines("clerk")), "the card to be refused")
    stage.bench.keys("CLEAR", "CLEAR")
    at_hq(stage)


def test_what_the_screen_plays_comes_by_stick(stage: Stage, tmp_path: Path):
    shutil.copy(ROOT / "docs" / "receipt.png", tmp_path)
    (film,) = stage.hq("playlist", str(tmp_path))["files"]
    stick = carried(stage)
    assert stage.hq("stick", "export", str(stick))["contents"]["fresh"] == 1
    assert "contents: 1" in plug(stage)
    assert (stage.bench_dir / "state" / "content" / film["hash"]).is_file()
    stage.until(lambda: stage.box("status")["kiosk"]["playing"] == 1, "it to be played")
    at_hq(stage)


def test_a_line_that_comes_later_changes_nothing(stage: Stage):
    applied = down_applied(stage)
    stage.stop("box")
    text = stage.config.read_text(encoding="utf-8")
    write(stage, text.replace("[hq]\n", f'[hq]\nmqtt = "{stage.mqtt}"\n'))
    stage.start_box()
    before = stage.box("status")["seq"]
    stage.start_hq()
    stage.until(lambda: stage.box("status")["hq_connected"], "headquarters to answer on the line")
    stage.until(stage.in_step, "both sides to agree")
    assert down_applied(stage) == applied and len(applied) == len(set(applied))
    assert stage.box("status")["seq"] == before
    assert stage.box("verify")["ok"]


def down_applied(stage: Stage) -> list[str]:
    entries = stage.box("journal", "tail", "--count", "5000")["entries"]
    return [one["id"] for one in entries if one["kind"] == "down.applied"]


def test_the_command_does_the_same_for_any_folder(stage: Stage, tmp_path: Path):
    stage.kill("hq")
    stage.bench.keys("6901234100013", "ENTER", "ENTER", "70", "ENTER")
    done = stage.box("stick", "export", str(tmp_path))
    assert done["ok"] and done["entries"] >= done["fresh"] > 0
    assert stage.box("stick", "export", str(tmp_path))["fresh"] == 0
    (marker,) = tmp_path.iterdir()
    assert stage.hq("stick", "import", str(marker))["new"] == done["entries"]
    stage.hq("stick", "export", str(tmp_path))
    stage.stop("box")
    taken = stage.box("stick", "import", str(tmp_path))  # the box is stopped: the command does it
    assert taken["ok"] and taken["hq_mark"] == stage.hq("status")["boxes"]["0018"]["mark"]
    shown = stage.box("stick", "show", str(tmp_path))
    assert {one["way"] for one in shown["files"]} == {"up", "down"} and not shown["others"]
    empty = tmp_path / "empty"
    empty.mkdir()
    refused = stage.box("stick", "import", str(empty))
    assert (refused["ok"], refused["exit_code"]) == (False, 1)
    assert "memberbox-hq stick export" in str(refused["error"])
    assert stage.box("stick", "import", str(tmp_path / "nowhere"))["exit_code"] == 2
    stage.start_box()


def test_a_damaged_file_is_named_and_the_clerk_told_to_look(stage: Stage):
    stick = carried(stage)
    stage.hq("stick", "export", str(stick))
    (mine,) = stick.glob("mbstick-*/*.mbdown")
    mine.write_bytes(mine.read_bytes()[:-1])
    text = plug(stage)
    assert mine.name[:16] in text and "refused" in text
    stage.until(lambda: "SEE PAPER" in stage.bench.lines("clerk")[1], "the clerk to see it")
    assert any("stick" in note for note in stage.box("status")["notes"])
    carried(stage)
    stage.hq("stick", "export", str(stick))
    assert "refused" not in plug(stage)
    assert not any("stick" in note for note in stage.box("status")["notes"])
    json.dumps(stage.box("status"))
