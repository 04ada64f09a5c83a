"""Cables pulled, brokers and headquarters gone, bank cards swiped: the counter goes on."""

import base64
import json

import pytest
import zstandard

from tests.soak import bank
from tests.stage import Stage


def sell(stage: Stage, *, plu: str = "18") -> int:
    """Sell one thing by WeChat at the keypad; return the entry's number."""
    before = stage.box("status")["seq"]
    stage.bench.keys("CLEAR", "CLEAR", plu, "ENTER")
    stage.bench.keys("ENTER")
    stage.bench.keys("*2")
    stage.until(lambda: _last_sale(stage, before) > before, "the sale to be committed")
    return _last_sale(stage, before)


def _last_sale(stage: Stage, after: int) -> int:
    newest = stage.box("journal", "tail", "--count", "5")["entries"]
    sales = [entry["seq"] for entry in newest if entry["kind"] == "sale" and entry["seq"] > after]
    return max(sales, default=0)


def receipt_of(stage: Stage, seq: int) -> str | None:
    for receipt in stage.bench.receipts():
        if f"-{seq:06}" in receipt["text"] and receipt["cut"]:
            return str(receipt["text"])
    return None


@pytest.mark.parametrize("fault", ["unplug", "paper_end", "cover_open"])
def test_a_sale_goes_on_without_its_printer_and_the_receipt_comes_later(stage: Stage, fault):
    stage.bench.ask("fault", device="printer", fault=fault)
    stage.until(
        lambda: stage.box("devices")["devices"]["printer"]["state"] != "online",
        "the printer's trouble to be seen",
        within_s=10,
    )
    seq = sell(stage)
    assert stage.box("status")["spool"] == 1
    stage.bench.ask("fault", device="printer", fault="clear")
    stage.until(lambda: receipt_of(stage, seq) is not None, "the receipt", within_s=15)
    stage.until(lambda: stage.box("status")["spool"] == 0, "the spool to be empty")


@pytest.mark.parametrize("device", ["pole", "swiper", "scanner", "clerk", "led"])
def test_unplugging_a_device_in_the_middle_of_a_sale_never_stops_it(stage: Stage, device):
    before = stage.box("status")["seq"]
    stage.bench.keys("CLEAR", "CLEAR", "18", "ENTER")
    stage.bench.ask("fault", device=device, fault="unplug")
    stage.until(
        lambda: stage.box("devices")["devices"][device]["state"] == "offline", "it to be missed"
    )
    stage.bench.keys("19", "ENTER")
    stage.bench.keys("ENTER")
    stage.bench.keys("20", "ENTER")
    stage.until(lambda: _last_sale(stage, before) > before, "the sale to be committed")
    stage.bench.ask("fault", device=device, fault="clear")
    stage.until(
        lambda: stage.box("devices")["devices"][device]["state"] == "online",
        "it to be back",
        within_s=15,
    )


def test_a_swiper_that_came_back_reads_cards(stage: Stage):
    stage.bench.keys("CLEAR", "CLEAR")
    stage.bench.ask("fault", device="swiper", fault="unplug")
    stage.bench.ask("fault", device="swiper", fault="clear")
    stage.until(
        lambda: stage.bench.try_ask("swipe", track2="8800000000018")["ok"],
        "the swiper to be read",
        within_s=15,
    )
    stage.until(lambda: "0018" in "".join(stage.bench.lines("pole")), "the member's page")


def test_the_keypad_comes_back_too(stage: Stage):
    stage.bench.ask("fault", device="keypad", fault="unplug")
    stage.bench.ask("fault", device="keypad", fault="clear")
    stage.until(
        lambda: stage.bench.try_ask("keys", keys=["CLEAR"])["ok"], "the keypad", within_s=15
    )
    assert sell(stage)


def test_broker_headquarters_and_box_killed_in_turn_lose_and_double_nothing(stage: Stage):
    broker = stage.broker
    assert broker is not None
    sold = [sell(stage)]
    broker.kill()
    sold.append(sell(stage))
    broker.start()
    sold.append(sell(stage))
    stage.kill("hq")
    sold.append(sell(stage))
    stage.kill("box")
    stage.start_box()
    stage.until(lambda: stage.bench.try_ask("keys", keys=["CLEAR"])["ok"], "the keypad")
    sold.append(sell(stage))
    stage.start_hq()
    stage.until(stage.in_step, "headquarters to have everything", within_s=60)
    assert len(set(sold)) == len(sold)
    mine = stage.box("status")
    theirs = stage.hq("status")["boxes"]["0018"]
    assert (theirs["mark"], theirs["hash"], theirs["cases"]) == (mine["seq"], mine["hash"], 0)
    assert stage.box("verify", "--full")["ok"]


def test_bank_cards_leave_no_trace(stage: Stage):
    """`make soak-bank` does the same ten thousand times."""
    stage.bench.keys("CLEAR", "CLEAR")
    result = bank.run(stage, 300, seed=20260306)
    assert result.traces == []
    assert result.control, "not even the member's card was found: the search proves nothing"
    assert result.messages, "the spy heard nothing, so it proves nothing"
    assert bank.MEMBER not in json.dumps(stage.box("status"))


def test_the_search_finds_what_is_hidden():
    digits, name = "12345678", "QXZVKJWH"
    hidden = {
        "number plain": b"x12345678y",
        "number reversed": b"x87654321",
        "number UTF-16": "12345678".encode("utf-16-le"),
        "number hex": b"12345678".hex().encode(),
        "number base64": base64.b64encode(b"ab12345678abc"),
        "number packed": bytes.fromhex("9123456789"),
        "zstd, name plain": b"x" + zstandard.compress(b"of QXZVKJWH's " * 20),
    }
    for how, data in hidden.items():
        assert how in bank.traces(data, digits, name)
    assert bank.traces(b"1234567 QXZVKJW", digits, name) == []


def test_no_personal_data_stands_in_clear(stage: Stage):
    folder = stage.bench_dir / "state"
    for path in (path for path in folder.rglob("*") if path.is_file()):
        data = path.read_bytes()
        for text in ("王晓芸", "13800000001", "1990-03-01", "13800000007"):
            assert text.encode() not in data, (path, text)
