"""Documents through our encoder and the simulated printer."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daemon import cells
from daemon.drivers.wire.dialect import Dialect, QrBy
from daemon.drivers.wire.escpos import document, drawer_pulse
from daemon.drivers.wire.gbk import Charset, encode
from daemon.paper import Align, Block, Cut, Feed, Paper, Qr, Text
from tests.drivers.wire.fuzzing import fuzz
from tests.hardware_sim.escpos import Printer, Pulse
from tests.hardware_sim.paper import Receipt

TABLE: list[tuple[Block, bytes]] = [
    (Text("abc"), b"abc\n"),
    (Text("会员"), bytes.fromhex("bbe1d4b1 0a")),
    (Text("¥12"), bytes.fromhex("a3a4 3132 0a")),
    (Text("，。：￥①℃"), "，。：￥①℃".encode("gbk") + b"\n"),
    (Text("a", Align.CENTRE), b"\x1ba\x01a\n"),
    (Text("a", Align.RIGHT), b"\x1ba\x02a\n"),
    (Text("a", width=2, height=2), b"\x1d!\x11a\n"),
    (Text("a", width=99, height=0), b"\x1d!\x70a\n"),
    (Text("a", bold=True), b"\x1bE\x01a\n"),
    (Feed(3), b"\x1bd\x03"),
    (Feed(999), b"\x1bd\xff"),
    (Cut(), b"\x1dVB\x00"),
    (
        Qr("AB", module=5, align=Align.LEFT),
        b"\x1d(k\x04\x001A2\x00"
        b"\x1d(k\x03\x001C\x05"
        b"\x1d(k\x03\x001E1"
        b"\x1d(k\x05\x001P0AB"
        b"\x1d(k\x03\x001Q0",
    ),
]


@pytest.mark.parametrize(("block", "data"), TABLE)
def test_every_block_has_its_bytes(block, data):
    assert document((block,), Dialect()) == b"\x1b@\x1c&" + data


def printed(paper: Paper, dialect: Dialect | None = None, firmware: str = "gbk") -> Receipt:
    printer = Printer(48, firmware)
    printer.feed(document((*paper, Cut()), dialect or Dialect()))
    (receipt,) = printer.receipts
    return receipt


def test_modes_are_sent_when_they_change_and_only_then():
    two = document((Text("a", bold=True), Text("b", bold=True)), Dialect())
    assert two.count(b"\x1bE") == 1
    back = document((Text("a", bold=True, width=2), Text("b")), Dialect())
    assert back.endswith(b"\x1d!\x00\x1bE\x00b\n")


@given(
    st.lists(
        st.builds(
            Text,
            st.text(max_size=20),
            st.sampled_from(list(Align)),
            st.integers(0, 9),
            st.integers(0, 9),
            st.booleans(),
        ),
        min_size=1,
        max_size=6,
    ),
    st.sampled_from(list(Charset)),
)
def test_no_text_can_say_anything_but_text(lines, charset):
    firmware = {Charset.GBK: "gbk", Charset.GB2312: "gb2312", Charset.ASCII: "no_chinese"}[charset]
    receipt = printed(tuple(lines), Dialect(charset=charset), firmware)
    assert receipt.unknown_bytes == 0


def has_plain_width(char: str) -> bool:
    return not unicodedata.combining(char) and char.isprintable()


@given(st.text(st.characters(codec="utf-8").filter(has_plain_width), max_size=24))
def test_what_is_printed_takes_the_cells_that_were_counted(text):
    assert len(encode(text, Charset.GBK)) == cells.width(text)


@given(st.text(st.sampled_from("会员积分，。：￥¥①·“”…—□ABCabc 019()×+-"), max_size=40))
def test_text_of_a_receipt_comes_out_as_it_went_in(text):
    assert encode(text, Charset.GBK).decode("gbk") == text.replace("¥", "￥")


@pytest.mark.parametrize("char", ["€", "龦", "㐀", "𠀀", "😀", "ñ", "\x1b", "\x10", "\n", "\x00"])
def test_what_the_firmware_has_not_is_replaced_in_its_width(char):
    data = encode(f"甲{char}乙", Charset.GBK)
    assert data == "甲".encode("gbk") + ("□" if cells.width(char) == 2 else "?").encode(
        "gbk"
    ) + "乙".encode("gbk")


def test_no_code_of_four_bytes_ever_leaves():
    for code in range(0x20, 0x30000):
        assert len(encode(chr(code), Charset.GBK)) <= 2
        if code > 0x7F:
            assert len(encode(chr(code), Charset.GB2312)) <= 2


def test_old_firmware_gets_gb2312_only():
    assert encode("镕", Charset.GBK) == "镕".encode("gbk")
    assert encode("镕", Charset.GB2312) == "□".encode("gb2312")
    assert encode("会a", Charset.ASCII) == b"??a"


def test_a_model_without_cutter_feeds_to_the_tear_bar():
    assert document((Cut(),), Dialect(cutter=False, tear_lines=5)).endswith(b"\x1bd\x05")


def test_a_model_without_qr_prints_the_payload():
    assert "https://x" in printed((Qr("https://x"),), Dialect(qr=QrBy.TEXT)).text


def test_a_qr_code_reads_as_it_was_meant():
    receipt = printed((Text("甲", Align.RIGHT, 2, 2), Qr("MB1|0018|412|会员", 6), Text("乙")))
    assert "MB1|0018|412|会员" in receipt.text
    assert receipt.unknown_bytes == 0


def test_the_drawer_pulse_is_short_enough_for_the_solenoid():
    assert drawer_pulse(Dialect()) == bytes.fromhex("1b 70 00 19 fa")
    assert drawer_pulse(Dialect(drawer_pin=5)) == bytes.fromhex("1b 70 01 19 fa")
    printer = Printer()
    printer.feed(drawer_pulse(Dialect()))
    assert printer.drawer_pulses == [Pulse(pin=2, on_ms=50, off_ms=500)]


def test_fuzz_no_document_stops_the_encoder():
    """Never an unknown byte, whatever the text is."""
    printer = Printer(48)
    signs = [chr(code) for code in (27, 29, 16, 4, 0x4E00, 0xE9, 0x20AC, 65)]

    def one(chance, number):
        printer.feed(document((Text("".join(chance.choices(signs, k=2))),), Dialect()))
        if number % 100 == 99:
            printer.tear()
            assert printer.receipts.pop().unknown_bytes == 0

    fuzz("documents", one)
