"""Lines and codes as dots: read back from the simulated paper, dot by dot."""

import random
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from daemon import cells
from daemon.drivers.pen import Pen
from daemon.drivers.wire.dialect import Dialect, Missing, QrBy
from daemon.drivers.wire.escpos import document, end_of_frame
from daemon.drivers.wire.gbk import Charset
from daemon.drivers.wire.raster import Bitmap, commands, draw_text, scaled
from daemon.paper import Align, Cut, Logo, Qr, Text
from tests.hardware_sim import qr
from tests.hardware_sim.escpos import Printer
from tests.hardware_sim.paper import Picture

SHARE = Path(__file__).parents[3] / "config"
PEN = Pen(SHARE)
NO_CHINESE = Dialect(columns=48, charset=Charset.ASCII, qr=QrBy.RASTER)
FIRMWARE = {Charset.GBK: "gbk", Charset.GB2312: "gb2312", Charset.ASCII: "no_chinese"}


def printed(*blocks, dialect=NO_CHINESE):
    printer = Printer(dialect.columns, FIRMWARE[dialect.charset])
    printer.feed(document((*blocks, Cut()), dialect, PEN))
    (receipt,) = printer.receipts
    assert (receipt.unknown, receipt.ignored) == ((), ())
    return receipt


def dots_of(receipt) -> list[str]:
    """Every row of dots of the pictures on a receipt, top to bottom."""
    rows = []
    for item in receipt.items:
        if isinstance(item, Picture):
            for at in range(item.rows):
                row = item.data[at * item.width_bytes : (at + 1) * item.width_bytes]
                rows.append(bin(int.from_bytes(row, "big"))[2:].zfill(item.width_bytes * 8))
    return rows


def read(rows: list[str], text: str) -> bool:
    """Whether 24 rows of dots are text, character for character."""
    at = 0
    for char in text:
        wide = 12 * cells.width(char)
        glyph = PEN.glyph(char)
        assert glyph is not None
        for row in range(24):
            wanted = bin(int.from_bytes(glyph[row * 3 : row * 3 + 3], "big"))[2:].zfill(24)
            if rows[row][at : at + wide] != wanted[:wide]:
                return False
        at += wide
    return all("1" not in row[at:] for row in rows)


def test_a_printer_without_chinese_prints_chinese_as_dots():
    line = "会员 张* 积分 120.00"
    rows = dots_of(printed(Text(line)))
    assert len(rows) == 24
    assert read(rows, line)
    assert not read(rows, line.replace("会", "合"))


def test_what_the_charset_has_stays_text():
    receipt = printed(Text("plain 12.00"), Text("会员"), Text("plain again"))
    assert receipt.text.splitlines()[0] == "plain 12.00"
    assert receipt.text.splitlines()[-1] == "plain again"


@pytest.mark.parametrize(
    ("charset", "line"),
    [(Charset.GBK, "€ 12.00"), (Charset.GB2312, "镕基 喆"), (Charset.GB2312, "珺 €")],
)
def test_only_the_line_that_needs_it_becomes_dots(charset, line):
    receipt = printed(Text("会员卡"), Text(line), dialect=Dialect(charset=charset))
    assert "会员卡" in receipt.text
    assert read(dots_of(receipt), line)


def test_a_character_that_the_font_lacks_too_is_replaced_in_its_width():
    assert "甲?乙" in printed(Text("甲ñ乙"), dialect=Dialect()).text
    substitute = Dialect(charset=Charset.GB2312, missing=Missing.SUBSTITUTE)
    assert "□基" in printed(Text("镕基"), dialect=substitute).text


@pytest.mark.parametrize(("wide", "high"), [(1, 1), (2, 1), (1, 2), (2, 2), (3, 3)])
def test_sizes_make_every_dot_larger(wide, high):
    rows = dots_of(printed(Text("会", width=wide, height=high)))
    plain = dots_of(printed(Text("会")))
    assert rows == ["".join(dot * wide for dot in row) for row in plain for _ in range(high)]


def test_bold_is_thicker_and_alignment_is_the_printers():
    plain, thick = (dots_of(printed(Text("会", bold=bold))) for bold in (False, True))
    assert sum(row.count("1") for row in thick) > sum(row.count("1") for row in plain)
    receipt = printed(Text("会员", Align.CENTRE))
    assert {item.align.name for item in receipt.items if isinstance(item, Picture)} == {"CENTRE"}


def test_a_qr_code_as_dots_is_the_code_that_a_printer_makes():
    module = 3
    rows = dots_of(printed(Qr("MB1|0018|412|会员", module)))
    wanted = qr.modules("MB1|0018|412|会员".encode(), "M")
    edge = 4 * module  # blank paper around it
    for y, line in enumerate(wanted):
        for x, black in enumerate(line):
            dot = rows[edge + y * module][edge + x * module]
            assert dot == ("1" if black else "0")
    assert all("1" not in row for row in rows[:edge])


@given(st.text(st.sampled_from("会员积分 abc12.，。￥□"), min_size=1, max_size=20))
@settings(deadline=None, max_examples=30)
def test_any_line_can_be_read_back(line):
    bitmap = draw_text(line, PEN.glyph)
    assert bitmap is not None
    assert bitmap.wide == 12 * cells.width(line)
    assert read([bin(row)[2:].zfill(bitmap.wide) for row in bitmap.rows], line)


@given(
    st.integers(1, 40), st.lists(st.integers(0), max_size=20), st.integers(1, 3), st.integers(1, 3)
)
@settings(deadline=None, max_examples=30)
def test_bands_hold_every_row_once(wide, rows, across, down):
    bitmap = Bitmap(wide, tuple(row & ((1 << wide) - 1) for row in rows))
    large = scaled(bitmap, across, down)
    printer = Printer(48)
    printer.feed(commands(large))
    found = dots_of(printer.unfinished)
    assert [row[: large.wide] for row in found] == [
        bin(row)[2:].zfill(large.wide) for row in large.rows
    ]


def test_after_a_break_in_an_image_the_next_slip_is_whole():
    data = document((Text("会员积分" * 6, width=1), Qr("MB1|0018", 4), Cut()), NO_CHINESE, PEN)
    for length in random.Random(5).sample(range(len(data)), 60):
        printer = Printer(48, "no_chinese")
        printer.feed(data[:length] + end_of_frame())
        printer.feed(document((Cut(), Text("next"), Cut()), NO_CHINESE, PEN))
        assert (printer.receipts[-1].text, printer.receipts[-1].unknown_bytes) == ("next", 0)


def test_without_the_font_slips_come_out_all_the_same(tmp_path):
    data = document((Text("会a"), Cut()), NO_CHINESE, Pen(tmp_path))
    assert b"??a\n" in data


class WithLogo(Pen):
    """A pen that has read a black logo of 640 dots, the widest paper that there is."""

    def logo(self):
        return commands(Bitmap(640, ((1 << 640) - 1,) * 20))


def test_a_logo_stands_above_the_slip_in_the_middle():
    dialect = Dialect(columns=54, dots=640)
    printer = Printer(54)
    printer.feed(document((Logo(), Text("a"), Cut()), dialect, WithLogo(SHARE)))
    (receipt,) = printer.receipts
    assert (receipt.unknown, receipt.ignored) == ((), ())
    pictures = [item for item in receipt.items if isinstance(item, Picture)]
    assert sum(picture.rows for picture in pictures) == 20
    assert {picture.align.name for picture in pictures} == {"CENTRE"}
    assert receipt.text.splitlines()[-1] == "a"  # at the left edge again


def test_after_a_break_anywhere_in_a_logo_the_next_slip_is_whole():
    data = document((Logo(), Cut()), Dialect(columns=54, dots=640), WithLogo(SHARE))
    for length in range(0, len(data), 3):
        printer = Printer(54)
        printer.feed(data[:length] + end_of_frame())
        printer.feed(document((Cut(), Text("whole"), Cut()), Dialect(columns=54)))
        assert printer.receipts[-1].text == "whole", length
        assert printer.receipts[-1].unknown_bytes == 0


def test_a_shop_without_a_logo_prints_none():
    slip = (Text("a"), Cut())
    assert document((Logo(), *slip), Dialect(), PEN) == document(slip, Dialect())
    assert document((Logo(), *slip), Dialect()) == document(slip, Dialect())
