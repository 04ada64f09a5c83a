"""Versions of a pack at the real counter: what began under one ends under it, and the way back."""

import json
import re

import pytest

from tests.stage import PACK, Stage
from tests.whole import papers
from tests.whole.hands import Hands

MEMBER, CREAM = "8800000000018", "6901234100013"
ENDED = {"starts": "2024-01-01T00:00:00+08:00", "ends": "2026-03-01T00:00:00+08:00"}
EARN = {
    "id": "spend",
    "group": "spend",
    "step_fen": 100,
    "classes": ["regular"],
    "excluded_tenders": ["points", "bonus", "coupon", "voucher"],
}


@pytest.fixture(scope="module")
def hands(stage: Stage) -> Hands:
    return Hands(stage)


def publish(stage: Stage, version: int, points: int, **changes: object) -> dict[str, object]:
    """Publish a version that gives so many points a yuan."""
    pack = json.loads(PACK.read_text(encoding="utf-8"))
    pack |= {"version": version, "earn": [EARN | {"points": points}], **changes}
    path = stage.root / f"version{version}.json"
    path.write_text(json.dumps(pack), encoding="utf-8")
    said: dict[str, object] = stage.hq("pack", "publish", str(path))
    assert said["ok"], said
    return said


def in_force(stage: Stage, version: int) -> None:
    stage.until(lambda: stage.box("status")["pack"]["version"] == version, f"version {version}")


def cases(stage: Stage) -> str:
    return "\n".join(one["what"] for one in stage.hq("cases")["cases"])


def last_sale(stage: Stage) -> tuple[int, int]:
    """Return the version and the points of the newest sale in the journal."""
    tail = stage.box("journal", "tail", "--count", "20")["entries"]
    sale = [one for one in tail if one["kind"] == "sale"][-1]
    return sale["pack"]["version"], sale["body"]["points"]


def test_a_basket_ends_under_the_version_that_it_began_under(stage: Stage, hands: Hands) -> None:
    hands.swipe(MEMBER)
    hands.scan(CREAM)
    price = int(float(re.findall(r"\d+\.\d\d", hands.pole("TOTAL")[1])[0]))
    publish(stage, 8, points=2)
    in_force(stage, 8)
    hands.scan(CREAM)
    hands.keys("ENTER", "ENTER")
    (receipt,) = hands.paper()
    assert "zhenzi v7" in receipt and f"+{2 * price}" in receipt
    assert last_sale(stage) == (7, 2 * price)
    hands.swipe(MEMBER)
    hands.scan(CREAM)
    hands.pole("TOTAL")
    hands.keys("ENTER", "ENTER")
    (receipt,) = hands.paper()
    assert "zhenzi v8" in receipt and last_sale(stage) == (8, 2 * price)
    hands.idle()


def test_a_sale_that_waits_for_the_mall_keeps_its_version_over_kill_9(
    stage: Stage, hands: Hands
) -> None:
    hands.swipe(MEMBER)
    hands.scan(CREAM)
    price = int(float(re.findall(r"\d+\.\d\d", hands.pole("TOTAL")[1])[0]))
    hands.keys("ENTER", "*6")
    (bill,) = hands.paper()
    hands.idle()
    publish(stage, 9, points=5)
    in_force(stage, 9)
    stage.kill("box")
    stage.start_box()
    assert stage.box("status")["pack"]["version"] == 9
    again = Hands(stage)
    again.scan(papers.code(bill))
    again.clerk("38-")
    again.keys("10001", "ENTER")
    (receipt,) = again.paper()
    assert "zhenzi v8" in receipt and f"+{2 * price}" in receipt
    assert last_sale(stage) == (8, 2 * price)
    again.idle()


def test_a_version_that_has_ended_is_refused_and_headquarters_hears_why(stage: Stage) -> None:
    publish(stage, 10, points=1, effective=ENDED)
    stage.until(
        lambda: any("it ended at" in note for note in stage.box("status")["notes"]), "the refusal"
    )
    assert stage.box("status")["pack"]["version"] == 9
    stage.stop("box")
    stage.start_box()
    assert any("zhenzi v10 is refused" in note for note in stage.box("status")["notes"])
    stage.until(lambda: "pack zhenzi v10 is refused: it ended" in cases(stage), "the case")


def test_headquarters_goes_back_to_the_version_before(stage: Stage) -> None:
    assert stage.hq("pack", "rollback", "zhenzi")["ok"]
    stage.until(lambda: not stage.box("status")["notes"], "nothing to be refused any more")
    assert stage.hq("pack", "rollback", "zhenzi")["version"] == 8
    in_force(stage, 8)
    stage.until(stage.in_step, "headquarters to know")
    (said,) = stage.hq("pack", "list")["boxes"]
    assert (said["wanted"], said["has"]) == ("zhenzi 8", "zhenzi 8")
    assert stage.hq("pack", "rollback", "zhenzi", "--version", "7")["ok"]
    in_force(stage, 7)
    assert stage.box("rules", "replay")["ok"]  # every sale under the version that made it
