"""The whole counter from outside: what clerk, customer and headquarters see of real input."""

import json
import re
import shutil
import sqlite3
import time

import pytest

from tests.demo.day import ACTS, Act
from tests.demo.play import play
from tests.kiosk.browser import Browser, installed
from tests.stage import Stage

HQ_WITHIN_S = 2.0


@pytest.mark.parametrize("act", ACTS, ids=[act.title for act in ACTS])
def test_the_demo_shops_day_is_seen_as_it_should_be(stage: Stage, act: Act):
    # the acts build on each other, as a day does
    seen = play(stage, act)
    assert seen.missing == ()


def test_a_sale_is_at_headquarters_within_two_seconds(stage: Stage):
    before = stage.box("status")["seq"]
    stage.bench.keys("CLEAR", "CLEAR")
    stage.bench.keys("18", "ENTER")
    stage.bench.keys("ENTER")
    stage.bench.keys("*2")
    stage.until(lambda: stage.box("status")["seq"] > before, "the sale to be committed")
    began = time.monotonic()
    stage.until(stage.in_step, "headquarters to have it", within_s=HQ_WITHIN_S)
    assert time.monotonic() - began < HQ_WITHIN_S
    entry = stage.box("journal", "show", str(stage.box("status")["seq"]))
    assert entry["kind"] == "sale"
    assert entry["body"]["tenders"] == [{"amount_fen": 990, "code": "wechat"}]


def test_the_books_say_what_the_receipts_said(stage: Stage):
    sums = {"cash": 0, "wechat": 0}
    for receipt in stage.bench.receipts():
        text = str(receipt["text"])
        assert receipt["unknown_bytes"] == 0
        if "销售小票" not in text and "会费" not in text:
            continue
        for code, label in (("cash", "现金"), ("wechat", "微信")):
            paid = re.search(rf"{label} +(\d+)\.(\d\d)", text)
            change = re.search(r"找零 +(\d+)\.(\d\d)", text) if code == "cash" else None
            for found, sign in ((paid, 1), (change, -1)):
                if found:
                    sums[code] += sign * (int(found[1]) * 100 + int(found[2]))
    posted = {"cash": 0, "wechat": 0}
    for entry in stage.box("journal", "tail", "--count", "500")["entries"]:
        for posting in entry["postings"]:
            for code, account in (("cash", "cash:drawer"), ("wechat", "tender:wechat")):
                if posting["account"] == account and entry["kind"] != "shift.opened":
                    posted[code] += posting["amount"]
    assert sums == posted
    assert sums["cash"] > 0


def test_every_entry_can_be_shown_and_every_sale_explained(stage: Stage):
    last = stage.box("status")["seq"]
    for seq in range(1, last + 1):
        entry = stage.box("journal", "show", str(seq))
        assert (entry["exit_code"], entry["seq"]) == (0, seq)
    ten_forty = next(
        seq
        for seq in range(1, last + 1)
        if stage.box("journal", "show", str(seq)).get("body", {}).get("pay_fen") == 22790
    )
    words = "\n".join(stage.box("rules", "explain", str(ten_forty))["lines"])
    assert "188" in words and "换购" in words


def test_the_day_replays_as_it_was_and_tries_another_pack(stage: Stage):
    again = stage.box("rules", "replay")
    assert (again["exit_code"], again["differences"]) == (0, [])
    assert again["evaluated"] >= 5
    tried = stage.box("rules", "backtest", "config/packs/year-roll.json", "--days", "30")
    assert tried["exit_code"] == 0
    assert tried["sales"] == sum(one["sales"] for one in tried["levels"].values())
    assert tried["levels"]["member"]["worse"] > 0  # it has no member prices
    changes = stage.box("rules", "diff", "config/packs/zhenzi.json", "config/packs/year-roll.json")
    assert len(changes["zh_CN"]) == len(changes["en"]) > 5


def test_headquarters_says_what_a_member_has(stage: Stage):
    stage.until(stage.in_step, "headquarters to be in step")
    points = {member["card"]: member["points"] for member in stage.hq("members")["members"]}
    assert points["8800000000018"] == 808
    assert points["8800000001015"] == 100
    text = json.dumps(stage.hq("status"))
    assert "13800000001" not in text and "王晓芸" not in text


def test_chain_and_books_verify(stage: Stage):
    proof = stage.box("verify", "--full")
    assert proof["ok"] and proof["bad"] == []
    assert proof["entries"] == stage.box("status")["seq"]


def test_a_flipped_byte_is_named_by_its_entry(stage: Stage, tmp_path):
    # on a copy: the box goes on running
    copy = tmp_path / "state"
    stage.box("status")
    _copy_state(stage, copy)
    number = 20
    data = bytes.fromhex(_stored(copy, number))
    spot = data.index(b'"kind"')
    flipped = data[:spot] + bytes([data[spot] ^ 1]) + data[spot + 1 :]
    _store(copy, number, flipped)
    config = tmp_path / "memberbox.toml"
    text = stage.config.read_text().replace(str(stage.bench_dir / "state"), str(copy))
    config.write_text(text)
    proof = stage.box_with(config, "verify", "--full")
    assert proof["exit_code"] == 1 and not proof["ok"]
    assert proof["bad"][0]["seq"] == number


def _copy_state(stage: Stage, to) -> None:
    shutil.copytree(stage.bench_dir / "state", to)


def _stored(state, number: int) -> str:
    with sqlite3.connect(state / "journal.db") as journal:
        key = (1 << 32) | number
        row = journal.execute("SELECT hex(data) FROM entry WHERE id = ?", (key,)).fetchone()
    return str(row[0])


def _store(state, number: int, data: bytes) -> None:
    with sqlite3.connect(state / "journal.db") as journal:
        key = (1 << 32) | number
        journal.execute("UPDATE entry SET data = ? WHERE id = ?", (data, key))


def test_a_quick_hand_at_every_device_mixes_nothing_up(stage: Stage):
    before = len(stage.bench.receipts())
    stage.bench.keys("CLEAR", "CLEAR")
    stage.bench.ask("swipe", track2="8800000000018")
    for code in ("6901234100044", "6901234100013", "6901234100167", "6901234100150"):
        stage.bench.ask("scan", code=code)
    stage.bench.ask("keys", keys=["ENTER"])
    stage.bench.ask("keys", keys=["2", "3", "0", "ENTER"])
    stage.until(lambda: len(stage.bench.receipts()) > before, "the receipt")
    text = stage.bench.receipts()[before]["text"]
    assert "227.90" in text and "+188" in text and "王**" in text


def test_the_customers_screen_shows_the_swipe_and_says_that_it_lives(stage: Stage):
    if not installed():
        pytest.skip("Chromium is missing: apt-get install chromium")
    stage.bench.keys("CLEAR", "CLEAR")
    with Browser() as screen:
        screen.open(stage.box("status")["kiosk_url"])
        screen.until("document.querySelector('.layer.seen img, .layer.seen video')")
        stage.bench.ask("swipe", track2="8800000000018")
        screen.until("document.body.dataset.view === 'member'")
        assert "王**" in screen.seen() and "丝巾礼盒" in screen.seen()
        assert "王晓芸" not in screen.ask("document.documentElement.outerHTML")
        said = stage.box("status")["kiosk"]
        assert (said["pages"], said["playing"]) == (1, 3) and said["seen_age_s"] < 30
        stage.bench.keys("CLEAR", "CLEAR")
        screen.until("document.body.dataset.view === 'ads'")
