"""The real box under packs that tell much and little: page, poles, inquiry slip and receipt."""

import json

import pytest

from tests.stage import PACK, Stage
from tests.whole.hands import Hands

MEMBER, POINTS = "8800000000018", "620"
FOOT = ("可用积分", "会籍有效期至", "12月核对时", "可开票金额", "规则 zhenzi")
LITTLE = {
    "shown": {"receipt": ["saved"], "on_swipe": []},
    "display": {"opens_hour": 22, "closes_hour": 24},
}
MUCH = {
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
