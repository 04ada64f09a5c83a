"""The printer prints what the manuals say, names what they do not know, and answers at once."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.hardware_sim.escpos import Printer, Pulse
from tests.hardware_sim.paper import Picture, Receipt, Row
from tests.hardware_sim.printer_status import Condition

INIT = b"\x1b@\x1c&"
CUT = b"\x1dV\x42\x00"
STATUS = b"\x10\x04\x01"


def printed(data: bytes, columns: int = 32, firmware: str = "gbk") -> Receipt:
    printer = Printer(columns, firmware)
    printer.feed(data + CUT)
    (receipt,) = printer.receipts
    return receipt


def gbk(text: str) -> bytes:
    return text.encode("gbk")


def qr(function: int, body: bytes) -> bytes:
    return b"\x1d(k" + (2 + len(body)).to_bytes(2, "little") + bytes((0x31, function)) + body


def code(payload: bytes) -> bytes:
    return qr(65, b"2\0") + qr(67, b"\4") + qr(69, b"1") + qr(80, b"0" + payload) + qr(81, b"0")


def test_text_keeps_its_columns() -> None:
    line = gbk("件数 4               合计 227.90\n")
    title = b"\x1ba\x01" + gbk("销售小票\n") + b"\x1ba\x02" + gbk("右\n") + b"\x1ba\x00"
    receipt = printed(INIT + title + line)
    assert receipt.text.split("\n") == [
        " " * 12 + "销售小票",
        " " * 30 + "右",
        "件数 4               合计 227.90",
    ]
    assert (receipt.unknown_bytes, receipt.cut, receipt.number) == (0, True, 1)


def test_double_size_counts_double() -> None:
    receipt = printed(INIT + b"\x1ba\x01\x1d!\x11" + gbk("真子") + b"\x1d!\x00" + gbk("卡\n"))
    assert receipt.text == " " * 11 + "真子" + " " * 4 + "卡"


def test_esc_exclamation_leaves_chinese_alone() -> None:
    receipt = printed(INIT + b"\x1b!\x30" + gbk("真a") + b"\n")
    (row,) = receipt.items
    assert isinstance(row, Row)
    assert [(one.style.wide, one.style.high) for one in row.glyphs] == [(1, 1), (2, 2)]


@pytest.mark.parametrize(("columns", "fits"), [(32, 16), (48, 24)])
def test_full_line_goes_on_in_the_next_and_no_character_straddles(columns: int, fits: int) -> None:
    receipt = printed(INIT + gbk("x" + "卡" * fits) + b"\n", columns)
    assert receipt.text.split("\n") == ["x" + "卡" * (fits - 1), "卡"]


def test_chinese_mode_is_off_until_it_is_asked_for() -> None:
    assert printed(gbk("会\n")).text == gbk("会").decode("cp437")
    assert printed(INIT + b"\x1b@" + gbk("会\n")).text != "会"
    assert printed(INIT + b"\x1c." + b"\x1bt\x10" + b"\xe9\n").text == "é"


@pytest.mark.parametrize(
    ("data", "count", "text"),
    [
        (b"\x01\n", 1, ""),
        (b"\x0d\n", 0, ""),
        (b"\x1bZA\n", 2, "A"),
        (b"\x1b\x1ba\x01\n", 3, "a"),  # ESC ESC is one unknown pair; a is text
        (b"\x1da\n\x1cC\x01\n", 3, ""),  # FS C is Japanese
        (b"\x1ba\x07\n", 3, ""),
        (b"\x1d!\x80\n", 3, ""),
        (b"\x1bM\x01\n", 3, ""),
        (b"\x1bp\x05\x19\xfa\n", 5, ""),
        (b"\x1dV\x07\n", 3, ""),
        (b"\x1d(L\x02\x000p\n", 7, ""),
        (b"\x1d(k\x03\x001\x99\x01\n", 8, ""),
        (b"\x1dv1\n", 3, ""),
        (b"\x80\n", 1, ""),
        (b"\x81\x30\x84\x36\n", 2, "06"),  # GB18030's yen sign of four bytes
        (b"\xfe\xfe\n", 2, "□"),
        (b"\x10\x05\n", 2, ""),
        (b"\x10\x04\x09\n", 3, ""),
    ],
)
def test_unknown_bytes_are_counted_and_named(data: bytes, count: int, text: str) -> None:
    receipt = printed(INIT + data)
    assert (receipt.unknown_bytes, receipt.text) == (count, text)
    assert sum(len(each.split()) for each in receipt.unknown) == count


def test_unknown_bytes_belong_to_their_receipt() -> None:
    printer = Printer()
    printer.feed(INIT + b"\x01a\n" + CUT + b"b\n" + CUT)
    assert [one.unknown_bytes for one in printer.receipts] == [1, 0]
    assert [one.text for one in printer.receipts] == ["a", "b"]
    assert [one.number for one in printer.receipts] == [1, 2]


def test_firmware_that_knows_less() -> None:
    assert printed(INIT + gbk("喆\n"), firmware="gbk").unknown_bytes == 0
    assert printed(INIT + gbk("喆\n"), firmware="gb2312").unknown_bytes > 0
    assert printed(INIT + gbk("会\n"), firmware="gb2312").text == "会"
    assert printed(INIT + gbk("会\n"), firmware="no_chinese").text == gbk("会").decode("cp437")


def test_feeds_are_blank_lines() -> None:
    assert printed(b"a\x1bd\x03b\n\x1bJ\x3cc\n").text == "a\n\n\nb\n\n\nc"


def test_qr_shows_its_payload() -> None:
    receipt = printed(INIT + b"\x1ba\x01" + code(b"MB1:0018-000412") + gbk("谢谢惠顾\n"))
    assert receipt.text == " " * 6 + "[QR MB1:0018-000412]\n" + " " * 12 + "谢谢惠顾"
    assert (receipt.unknown_bytes, receipt.ignored) == (0, ())
    assert "[QR 会员]" in printed(code("会员".encode())).text


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"x" + code(b"1"), "middle of a line"),
        (qr(81, b"0"), "no QR code is stored"),
        (code(b"1") + b"\x1b@" + qr(81, b"0"), "no QR code is stored"),
        (qr(67, b"\x10") + qr(80, b"0" + b"x" * 60) + qr(81, b"0"), "wider than the paper"),
        (b"x\x1ba\x01\n", "align in the middle"),
        (b"\x1dv0\0\x31\0\1\0" + bytes(49), "cut to the paper"),
    ],
)
def test_what_cannot_be_done_is_named(data: bytes, why: str) -> None:
    receipt = printed(data + b".\n")
    assert receipt.unknown_bytes == 0
    assert any(why in each for each in receipt.ignored), receipt.ignored


def test_drawer_pulses() -> None:
    printer = Printer()
    printer.feed(b"\x1bp\x00\x19\xfa\x1bp1\x32\x01\x10\x14\x01\x00\x02")
    pulses = [Pulse(2, 50, 500), Pulse(5, 100, 100), Pulse(2, 200, 0)]
    assert printer.drawer_pulses == pulses
    assert printer.feed(STATUS) == b"\x16"  # the drawer is open
    printer.set_condition(Condition.DRAWER_OPEN, present=False)
    assert printer.feed(STATUS) == b"\x12"


@pytest.mark.parametrize(
    ("condition", "answers"),
    [
        (None, (0x12, 0x12, 0x12, 0x12)),
        (Condition.PAPER_END, (0x1A, 0x32, 0x12, 0x7E)),
        (Condition.NEAR_END, (0x12, 0x12, 0x12, 0x1E)),
        (Condition.COVER_OPEN, (0x1A, 0x16, 0x12, 0x12)),
        (Condition.CUTTER_ERROR, (0x1A, 0x52, 0x1A, 0x12)),
        (Condition.HEAD_HOT, (0x1A, 0x52, 0x52, 0x12)),
    ],
)
def test_status_answers(condition: Condition | None, answers: tuple[int, ...]) -> None:
    printer = Printer()
    if condition:
        printer.set_condition(condition, present=True)
    for number, answer in enumerate(answers, 1):
        assert printer.feed(bytes((0x10, 0x04, number))) == bytes((answer,))


def test_query_inside_image_is_answered_and_stays_image() -> None:
    printer = Printer()
    image = b"\xff" + b"\x10\x04\x04" + b"\x00" * 4
    assert printer.feed(b"\x1dv0\0\x01\0\x08\0" + image) == b"\x12"
    printer.feed(CUT)
    (picture,) = printer.receipts[0].items
    assert isinstance(picture, Picture)
    assert picture.data == image
    assert printer.receipts[0].unknown_bytes == 0


def test_offline_printer_answers_and_prints_when_it_is_back() -> None:
    printer = Printer()
    printer.feed(b"one\n")
    printer.set_condition(Condition.COVER_OPEN, present=True)
    assert printer.feed(b"two\n\x1bp\x00\x19\xfa" + CUT + STATUS) == b"\x1a"
    assert (printer.unfinished.text, printer.drawer_pulses, printer.receipts) == ("one", [], [])
    printer.set_condition(Condition.COVER_OPEN, present=False)
    assert printer.receipts[0].text == "one\ntwo"
    assert len(printer.drawer_pulses) == 1


def test_paper_ends_in_the_middle() -> None:
    printer = Printer()
    printer.run_out_after(2)
    printer.feed(b"1\n2\n3\n4\n" + CUT)
    assert printer.unfinished.text == "1\n2"
    assert printer.feed(STATUS) == b"\x1a"
    printer.set_condition(Condition.PAPER_END, present=False)
    assert printer.receipts[0].text == "1\n2\n3\n4"


def test_automatic_status_tells_changes() -> None:
    printer = Printer()
    assert printer.feed(b"\x1da\x0f") == b"\x10\x00\x00\x00"
    assert printer.set_condition(Condition.COVER_OPEN, present=True) == b"\x38\x00\x00\x00"
    assert printer.set_condition(Condition.COVER_OPEN, present=True) == b""
    printer.set_condition(Condition.COVER_OPEN, present=False)
    assert printer.set_condition(Condition.PAPER_END, present=True) == b"\x18\x00\x0f\x00"
    printer.power_on()
    assert printer.set_condition(Condition.PAPER_END, present=False) == b""


def test_who_are_you() -> None:
    printer = Printer()
    assert printer.feed(b"\x1dI\x01") == b"\x20"
    assert printer.feed(b"\x1dI\x42") == b"_MEMBERBOX\0"
    assert printer.feed(b"\x1dr\x01\x1dr\x02") == b"\x00\x00"


def test_power_cycle_keeps_paper_and_loses_the_rest() -> None:
    printer = Printer()
    printer.feed(INIT + b"\x1ba\x01kept\nlost\x1d!")
    printer.power_on()
    printer.feed(b"next\n" + CUT)
    assert printer.receipts[0].text == " " * 14 + "kept\nnext"


def test_hand_tears_off_what_was_not_cut() -> None:
    printer = Printer()
    printer.feed(b"half\n")
    printer.tear()
    assert [(one.text, one.cut) for one in printer.receipts] == [("half", False)]


PIECES = [
    INIT,
    CUT,
    STATUS,
    *(b"\x10\x04\x04", b"\x10\x14\x01\x00\x01", b"\x10", b"\x04", b"\x1b", b"\x1d", b"\x14\x01"),
    *(b"\x1ba\x01", b"\x1d!\x11", b"\x1bp\x00\x19\xfa", b"\x1da\x0f", b"\x1dI\x42", b"\n", b"\x8a"),
    gbk("保湿面霜 120.00\n"),
    gbk("卡") * 20,
    code(b"MB1"),
    b"\x1dv0\0\x02\0\x02\0\x10\x04\x01\xff",
]


@given(st.lists(st.sampled_from(PIECES), max_size=12), st.lists(st.integers(1, 9), max_size=40))
@settings(deadline=None, max_examples=150)
def test_any_fragmentation_gives_the_same_paper(pieces: list[bytes], sizes: list[int]) -> None:
    data = b"".join(pieces) + b"." * 16 + b"\n" + CUT
    whole, parts = Printer(), Printer()
    answers, at, pieced = whole.feed(data), 0, b""
    for size in [*sizes, len(data)]:
        pieced += parts.feed(data[at : at + size])
        at += size
    assert parts.receipts == whole.receipts
    assert pieced == answers
    assert parts.drawer_pulses == whole.drawer_pulses


@given(st.binary(max_size=200))
@settings(deadline=None, max_examples=150)
def test_no_bytes_break_the_printer(data: bytes) -> None:
    printer = Printer()
    printer.feed(data)
    before = len(printer.receipts)
    printer.power_on()
    printer.feed(b"still here\n" + CUT)
    assert len(printer.receipts) == before + 1
    assert printer.receipts[-1].text.endswith("still here")
