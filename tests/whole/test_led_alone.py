"""A counter with an eight-digit LED and a printer, and nothing else to look at.

The clerk has the key card: he reads a code on the LED and answers it, and reads lists on paper.
"""

import re
from collections.abc import Mapping

import pytest

from tests.stage import Stage

CREAM, SOAP, WANG, BLANK = "6901234100044", "6901234100013", "8800000000018", "8800000001015"
DEVICE = re.compile(r'\[\[devices\]\]\nname = "(?:pole\w*|clerk)"\n(?:\S.*\n)+')
KIOSK = re.compile(r"\[kiosk\]\n(?:\S.*\n)+")


class Blind:
    """A clerk before an LED and a printer."""

    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.read = len(stage.bench.receipts())

    def sees(self, digits: str, lamp: str = "") -> None:
        """Wait until that stands on the LED."""

        self.stage.until(
            lambda: self._led() == (digits, lamp),
            f"{digits} {lamp} on the LED, which showed {self._led()}",
            within_s=10,
        )

    def sees_lamp(self, lamp: str) -> None:
        self.stage.until(lambda: self._led()[1] == lamp, f"the lamp {lamp}", within_s=10)

    def sees_points(self) -> None:
        self.stage.until(lambda: "." not in self._led()[0] and self._led()[0].isdigit(), "points")

    def answers(self, *steps: tuple[str, str]) -> None:
        """Press keys, or swipe or scan a long number, each time when the LED asks for it."""
        for asked, said in steps:
            self.sees(asked)
            self.does(said)

    def does(self, said: str) -> None:
        if len(said) == 13 and said.isdigit():
            card = said.startswith("88")
            self.stage.bench.ask(*(("swipe",) if card else ("scan",)), **_read(said, card=card))
        else:
            self.stage.bench.keys(*said.split())

    def follows(self, keys: str) -> str:
        """Press keys; return what stands on the LED after them."""
        before = self._led()[0]
        self.does(keys)
        self.stage.until(lambda: self._led()[0] != before, f"what follows {before}", within_s=10)
        return self._led()[0]

    def paper(self, title: str) -> str:
        """Wait for the next paper; it has that title."""
        self.stage.until(
            lambda: len(self.stage.bench.receipts()) > self.read, f"the paper {title}", within_s=10
        )
        text = str(self.stage.bench.receipts()[self.read]["text"])
        self.read += 1
        assert title in text, text
        return text

    def row(self, title: str, words: str) -> str:
        """Return the number of a row of a list on paper."""
        listed = self.paper(title)
        found = re.search(rf"^ *(\d+) .*{re.escape(words)}", listed, re.MULTILINE)
        assert found is not None, listed
        return found[1]

    def _led(self) -> tuple[str, str]:
        """Return what stands on it: digits, lamp."""
        led = self.stage.bench.ask("led")
        return led["digits"], led["lamp"]

    def number(self, receipt: str) -> str:
        found = re.search(r"单号 0018-(\d+)", receipt)
        assert found is not None, receipt
        return found[1]


def _read(said: str, *, card: bool) -> Mapping[str, str]:
    return {"track2": said} if card else {"code": said}


@pytest.fixture(scope="module")
def stage(tmp_path_factory):
    with Stage(tmp_path_factory.mktemp("led")) as made:
        made.start_broker()
        made.start_bench(*made.init_hq())
        whole = made.config.read_text(encoding="utf-8")
        made.config.write_text(KIOSK.sub("", DEVICE.sub("", whole)), encoding="utf-8")
        made.fill_hq()
        made.start_hq()
        made.start_box()
        made.wait_for_goods()
        yield made


@pytest.fixture
def clerk(stage):
    stage.bench.keys("CLEAR", "CLEAR")
    made = Blind(stage)
    made.sees("-")
    return made


def test_nothing_else_is_there_to_look_at(stage: Stage):
    devices = stage.box("status")["devices"]
    assert {name for name, one in devices.items() if one["kind"] == "line_display"} == {"led"}
    assert stage.box("status")["kiosk_url"] is None


def bought(clerk: Blind, *goods: str) -> str:
    """Sell to a member; return the receipt."""
    clerk.does(WANG)
    for code in goods:
        clerk.does(code)
    clerk.does("ENTER")
    clerk.sees_lamp("合计")
    clerk.does("ENTER")
    return clerk.paper("销售小票")


def test_a_member_buys(clerk: Blind):
    clerk.does(WANG)
    clerk.sees_points()
    clerk.does(CREAM)
    clerk.sees("120.00", "单价")
    clerk.does("/")
    clerk.sees("10-")
    clerk.does("CLEAR 77777 ENTER")
    clerk.sees("-10-")  # only a clerk can do something about it
    clerk.does("CLEAR")
    clerk.does("ENTER")
    clerk.sees("120.00", "合计")
    clerk.does("50 *1")
    clerk.sees("21-50.00")
    clerk.does("4711 ENTER")
    clerk.sees("70.00", "合计")
    clerk.does("5000 ENTER")
    clerk.sees("22-5000")
    clerk.does("CLEAR 100 ENTER")
    clerk.sees("30.00", "找零")
    receipt = clerk.paper("销售小票")
    assert "王**" in receipt and "找零                       30.00" in receipt


def test_somebody_joins(clerk: Blind):
    clerk.does("/2")
    clerk.answers(
        ("31-", BLANK),
        ("32-", "1"),
        ("33-", "13900000001 ENTER"),
        ("34-", "0002 ENTER"),
        ("-22-", "CLEAR"),
        ("33-", "13900000001 ENTER"),
        ("34-", "0001 ENTER"),
        ("35-", "1 ENTER"),
        ("36-", "0 ENTER"),
    )
    clerk.sees_lamp("合计")
    clerk.does("ENTER")
    assert "入会登记单" in clerk.paper("入会登记单")


def test_a_member_tops_up(clerk: Blind):
    clerk.does("/1")
    clerk.answers(("41-", WANG), ("42-", "300 ENTER"), ("44-", "1"))
    assert "+100P" in clerk.paper("已登记身份证件")
    clerk.sees("300.00", "合计")
    clerk.does("*2")
    for _ in range(2):
        assert "300.00" in clerk.paper("储值充值凭证")
    clerk.sees("300.00", "收款")


def test_goods_come_back(clerk: Blind):
    number = clerk.number(bought(clerk, CREAM, SOAP))
    clerk.does("/3")
    clerk.answers(("51-", f"{number} ENTER"))
    line = clerk.row("退哪一行", "保湿面霜")
    clerk.answers(("53-", f"{line} ENTER"), ("53-", "ENTER"), ("55-", "1"))
    assert "120.00" in clerk.paper("退货单")
    clerk.sees("120.00", "收款")


def test_goods_are_exchanged_for_dearer_ones(clerk: Blind):
    number = clerk.number(bought(clerk, SOAP))
    clerk.does("/")
    clerk.sees("10-")
    clerk.does("3 3")
    clerk.answers(("50-", f"{number} ENTER"))
    line = clerk.row("退哪一行", "洁面乳")
    clerk.answers(("53-", f"{line} ENTER"), ("53-", "ENTER"), ("55-", "1"))
    clerk.answers(("59-", CREAM), ("59-52.00", "ENTER"))
    clerk.sees("52.00", "合计")
    clerk.does("ENTER")
    assert "补差价" in clerk.paper("换货单")


def test_points_are_redeemed(clerk: Blind):
    clerk.does("/4")
    clerk.answers(("61-", WANG))
    row = clerk.row("兑换或领取哪一样", "丝巾")
    clerk.answers(("62-", f"{row} ENTER"), ("63-", "ENTER"))
    assert "王**" in clerk.paper("积分兑换单")


def test_who_hesitates_gets_the_choices_on_paper(clerk: Blind):
    clerk.does("/7")
    clerk.sees("90-")
    choices = clerk.paper("班次")
    assert "2 交班" in choices and "7 日结 Z" in choices


def test_a_shift_ends_and_the_next_begins_and_the_day_is_closed(clerk: Blind):
    clerk.does("/7")
    clerk.answers(("90-", "2"))
    assert "1 现金" in clerk.paper("清点金额")
    clerk.sees("93-")
    follows = clerk.follows("500 ENTER")
    while follows.startswith("93-"):  # behind it the tender's key
        follows = clerk.follows("ENTER")
    clerk.answers(("94-", "ENTER"))
    assert "长款" in (slip := clerk.paper("交班单")) or "短款" in slip
    clerk.does("/7")
    clerk.answers(("90-", "2"))
    clerk.sees("-37-")
    clerk.does("CLEAR CLEAR /7")
    clerk.answers(("90-", "1"), ("91-", "77 ENTER"), ("-25-", "02 ENTER"), ("92-", "300 ENTER"))
    clerk.sees("300.00", "收款")
    clerk.does("/7")
    clerk.answers(("90-", "7"), ("98-", "ENTER"))
    clerk.paper("日结单")
