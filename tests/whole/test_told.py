"""What an operator at headquarters tells a shop, seen at the real counter and answered there."""

import json
from pathlib import Path

import pytest

from tests.stage import ROOT, Stage

PICTURE = ROOT / "docs" / "screens" / "zh-welcome-480.png"


def told(stage: Stage) -> str:
    return "\n".join(stage.box("status")["told"])


def of_hq(stage: Stage, command: str, key: str) -> dict[str, str]:
    rows = stage.hq(command)["notices"]
    return next(row["shops"] for row in rows if row["id"] == key)


def test_a_word_to_the_clerks_is_shown_and_read(stage: Stage) -> None:
    name = stage.hq("tell", "明天 9 点盘点", "--to", "0018")["id"]
    stage.until(lambda: "明天 9 点盘点" in told(stage), "the word at the counter")
    stage.until(lambda: "HQ MESSAGE" in "".join(stage.bench.lines("clerk")), "the clerk's display")
    stage.bench.keys("/9", "2", "ENTER")
    stage.until(lambda: "盘点" not in told(stage), "the clerk to have read it")
    stage.until(lambda: of_hq(stage, "messages", name) == {"0018": "read"}, "headquarters to know")
    assert "HQ MESSAGE" not in "".join(stage.bench.lines("clerk"))


def test_goods_are_kept_and_more_than_is_there_is_refused_with_why(stage: Stage) -> None:
    name = stage.hq("reserve", "0018", "ZZ-001", "2", "--note", "王女士")["id"]
    stage.until(lambda: name in told(stage), "the reservation at the counter")
    stage.hq("reservations", "--cancel", name)
    stage.until(lambda: name not in told(stage), "the reservation to be gone")
    much = stage.hq("reserve", "0018", "ZZ-001", "9999")["id"]
    stage.until(
        lambda: "wanted" in of_hq(stage, "reservations", much)["0018"], "the shop's refusal"
    )
    (case,) = [one for one in stage.hq("cases")["cases"] if "wanted" in one["what"]]
    stage.hq("cases", "--close", str(case["id"]), "--note", "too many")


def test_only_what_may_be_set_from_afar_is_set(stage: Stage) -> None:
    assert stage.hq("setting", "hq.mqtt", "elsewhere:1")["ok"] is False
    stage.hq("setting", "kiosk.text", "#ffffff", "--to", "0018")  # white on white
    stage.until(
        lambda: "refused" in of_hq(stage, "setting", "kiosk.text")["0018"], "the shop's refusal"
    )
    for case in stage.hq("cases")["cases"]:
        stage.hq("cases", "--close", str(case["id"]))
    stage.hq("setting", "shop.service_phone", "400-1", "--to", "0018")
    stage.until(lambda: any(stage.root.rglob("settings.json")), "the setting beside the journal")
    stage.stop("box")
    stage.start_box()
    assert "400-1" in next(stage.root.rglob("settings.json")).read_text()


def test_the_screens_pictures_come_by_hash_and_are_played(stage: Stage, tmp_path: Path) -> None:
    pictures = tmp_path / "spring"
    pictures.mkdir()
    (pictures / "spring.png").write_bytes(PICTURE.read_bytes())
    before = stage.box("status")["kiosk"]
    if before is None:
        pytest.skip("the demo's box has no screen")
    stage.hq("playlist", str(pictures))
    stage.until(lambda: any(stage.root.rglob("playlist/spring.png")), "the picture at the box")
    stage.until(lambda: stage.box("status")["kiosk"]["playing"] >= 1, "the picture to be played")
    stage.hq("playlist", "--off")
    stage.until(lambda: not any(stage.root.rglob("playlist/spring.png")), "the picture to be gone")


def test_a_pack_too_long_for_a_message_comes_by_hash_and_applies(stage: Stage) -> None:
    pack = json.loads((ROOT / "config" / "packs" / "zhenzi.json").read_text(encoding="utf-8"))
    rule = pack["earn"][0] | {"classes": []}
    many = [
        rule | {"id": f"long{n}", "skus": [f"NO-SUCH-ARTICLE-{n}-{i:04d}" for i in range(300)]}
        for n in range(20)
    ]
    pack |= {"version": 8, "earn": [*pack["earn"], *many]}
    path = stage.root / "long.json"
    path.write_text(json.dumps(pack), encoding="utf-8")
    assert len(path.read_bytes()) > 100_000
    published = stage.hq("pack", "publish", str(path))
    assert published["ok"], published
    stage.until(lambda: stage.box("status")["pack"]["version"] == 8, "the long pack in force")
    tail = stage.box("journal", "tail", "--count", "30")["entries"]
    (kept,) = [one["body"] for one in tail if one["kind"] == "pack.received"]
    assert "NO-SUCH-ARTICLE-19-0299" in kept["document"]
    stage.hq("pack", "rollback", "zhenzi")
    stage.until(lambda: stage.box("status")["pack"]["version"] == 7, "the one before")


def test_a_lost_card_is_refused_also_where_nobody_knows_its_member(stage: Stage) -> None:
    card = "8800000077777"
    stage.hq("card", card, "lost")
    stage.until(
        lambda: any(
            one["kind"] == "down.applied" and card in one["body"]["message"]
            for one in stage.box("journal", "tail", "--count", "10")["entries"]
        ),
        "the shop to hear of it",
    )
    stage.bench.keys("CLEAR", "CLEAR")
    stage.bench.ask("swipe", track2=card)
    stage.until(lambda: "E03" in "".join(stage.bench.lines("clerk")), "the refusal")
    stage.bench.keys("CLEAR", "CLEAR")
