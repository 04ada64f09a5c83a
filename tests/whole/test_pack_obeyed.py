"""The real box obeys its pack: what a swipe tells, what paper prints, who is on the due list."""

import json

import pytest

from tests.stage import PACK, Stage
from tests.whole.hands import Hands

MEMBER, POINTS = "8800000000018", "620"
FOOT = ("可用积分", "会籍有效期至", "12月核对时", "可开票金额", "规则 zhenzi")
LITTLE: dict[str, object] = {
    "shown": {"receipt": ["saved"], "on_swipe": []},
    "display": {"opens_hour": 22, "closes_hour": 24},
}
MUCH: dict[str, object] = {
    "display": {"expected_value": True, "idle_after_s": 5},
    "offsets": [{"id": "off", "block": 10, "value_fen": 100}],
}


@pytest.fixture(scope="module")
def hands(stage: Stage) -> Hands:
    return Hands(stage)


def under(stage: Stage, version: int, changes: dict[str, object]) -> None:
    """Let another version of the pack come into force."""
    pack = json.loads(PACK.read_text(encoding="utf-8")) | {"version": version} | changes
    path = stage.root / f"shown{version}.json"
    path.write_text(json.dumps(pack), encoding="utf-8")
    published = stage.hq("pack", "publish", str(path))
    assert published["ok"], published
    stage.until(lambda: stage.box("status")["pack"]["version"] == version, f"version {version}")


def asked(hands: Hands) -> tuple[str, str, str]:
    """Ask for the member; return page, both poles and the inquiry slip."""
    hands.swipe(MEMBER)
    hands.clerk("0018")
    page = json.dumps(hands.view("member"), ensure_ascii=False)
    poles = "\n".join([*hands.bench.lines("pole"), *hands.bench.lines("clerk")])
    hands.keys("ENTER")
    (slip,) = hands.paper()
    hands.idle()
    return page, poles, slip


def sold(hands: Hands) -> str:
    """Sell the member something for cash; return the receipt."""
    hands.swipe(MEMBER)
    hands.scan("6901234100044")
    hands.pole("120.00")
    hands.keys("ENTER", "ENTER")
    (receipt,) = hands.paper()
    return receipt


def test_a_pack_that_tells_nothing(stage: Stage, hands: Hands) -> None:
    under(stage, 8, LITTLE)
    page, poles, slip = asked(hands)
    for where in (page, poles, slip):
        assert POINTS not in where and "王" not in where and "0018" in where
    assert "兑换" not in page and "会籍" not in page + slip
    receipt = sold(hands)
    assert "120.00" in receipt and "王" not in receipt
    assert [line for line in FOOT if line in receipt] == []
    hands.until(lambda: hands.page.said["show"].get("open") is False, "a dark screen")
    hands.idle()


def test_a_pack_that_tells_everything(stage: Stage, hands: Hands) -> None:
    under(stage, 9, MUCH)
    page, poles, slip = asked(hands)
    assert "王**" in page and "王**" in slip
    points = str(int(POINTS) + 120)
    assert f'"{points}"' in page and f"POINTS {points}" in poles and points in slip
    assert "74.00" in page and "=74.00" in poles and "可抵金额" in slip
    assert "积分可兑换" in page and "即将到期" in page and "会籍有效期至" in page
    receipt = sold(hands)
    assert [line for line in FOOT if line not in receipt] == []
    assert "可抵金额" in receipt
    hands.until(lambda: hands.page.said["show"].get("open", True), "the advertisements")
    hands.view("ads")  # five seconds after the last key


def test_who_is_due_is_listed_by_command_and_on_paper(stage: Stage, hands: Hands) -> None:
    reminders: list[dict[str, object]] = [
        {"id": "soon", "on": "birthday", "days_before": 15, "to": ["store"], "text": "备礼"},
        {"id": "sms", "on": "birthday", "to": ["member"], "channel": "sms"},
        {"id": "now", "on": "period", "every": "day", "to": ["store"]},
    ]
    reminders[2]["gate"] = {"points_min": 700}
    under(stage, 10, {"reminders": reminders})
    listed = stage.box("rules", "due", "--from", "2026-04-01", "--to", "2027-03-31")
    assert listed["ok"] and listed["profiles"] == "masked"
    found = {(one["rule"], one["tail"], one["on"], one["day"]) for one in listed["due"]}
    assert ("soon", "0018", "2027-02-14", "2027-03-01") in found
    assert "sms" not in {one["rule"] for one in listed["due"]}  # nobody agreed to be told
    today = stage.box("rules", "due")["due"]
    assert {one["rule"] for one in today} == {"now"}
    assert ("0018", "王**") in {(one["tail"], one["name"]) for one in today}
    hands.keys("/9", "4", "6")
    (slip,) = hands.paper()
    assert "今日待办提醒" in slip and "王** 0018" in slip and "备礼" not in slip
    hands.idle()
    stage.stop("box")  # the list is made from the store as well
    assert stage.box("rules", "due")["due"] == today
    stage.start_box()
