"""Pictures of receipts: real dots, real modules, the same every time; and the font they use."""

import os
from pathlib import Path

import pytest
import segno
from PIL import Image, ImageChops, ImageFont

from tests.hardware_sim.escpos import Printer
from tests.hardware_sim.paper_png import FONT, INK, OUTSIDE, PAPER, TOP_DOTS, render_png
from tests.hardware_sim_tests.outside import BenchProcess, until
from tests.hardware_sim_tests.test_escpos import CUT, INIT, code, gbk, printed, qr

GOLDEN = Path(__file__).parent / "golden"
FONT_BYTES_MAX = 3_500_000
MARGIN = (464 - 384) // 2


def ink(image: Image.Image) -> Image.Image:
    """What is black, as a picture of 0 and 255."""
    return image.point(lambda colour: 255 if colour == INK else 0, "L")


def box(data: bytes) -> tuple[int, int, int, int]:
    """Where the ink of one receipt is, from the left of the print line and its first dot."""
    found = ink(render_png(printed(data))).getbbox()
    assert found
    left, top, right, bottom = found
    return left - MARGIN, top - TOP_DOTS, right - MARGIN, bottom - TOP_DOTS


def sample() -> bytes:
    title = b"\x1ba\x01\x1d!\x11" + gbk("真子丽人") + b"\n\x1d!\x00\x1bE\x01" + gbk("销售小票\n")
    line = b"\x1bE\x00\x1ba\x00" + gbk("本次积分(正价 188.00 元)    +188\n￥·“”…—①℃ [正] ABCgjy@\n")
    marks = b"\x1bM\x00\x1b-\x01under\x1b-\x00 \x1dB\x01" + gbk("反白") + b"\x1dB\x00\n"
    image = b"\x1dv0\0\x02\0\x10\0" + b"\xaa\x55\x55\xaa" * 8
    return INIT + title + line + marks + image + b"\x1ba\x01" + code(b"MB1:0018-000412")


@pytest.mark.parametrize("columns", [32, 48])
def test_golden_picture(columns: int) -> None:
    path = GOLDEN / f"sample-{columns}.png"
    image = render_png(printed(sample() + gbk("谢谢惠顾\n"), columns))
    if os.environ.get("MEMBERBOX_WRITE_GOLDEN"):
        image.save(path, optimize=True)
    with Image.open(path) as golden:
        assert ImageChops.difference(image.convert("RGB"), golden.convert("RGB")).getbbox() is None


def test_paper_has_its_width_and_transparent_torn_edges() -> None:
    image = render_png(printed(INIT + gbk("卡\n")))
    assert image.width == 464
    assert render_png(printed(b"a\n", columns=48)).width == 640
    assert image.getpixel((4, 0)) == OUTSIDE == image.info["transparency"]
    assert image.getpixel((image.width // 2, image.height // 2)) in (PAPER, INK)


def test_characters_stand_in_their_cells() -> None:
    left, top, right, bottom = box(INIT + b" " * 30 + gbk("国\n"))
    assert 30 * 12 <= left < right <= 32 * 12
    assert 0 <= top < bottom <= 24
    left, top, right, bottom = box(INIT + b"\x1d!\x11" + gbk("国\n"))
    assert 40 <= right - left <= 48
    assert 40 <= bottom - top <= 48
    for char in "Wg@|[]jy_":
        left, top, right, bottom = box(b"     " + char.encode() + b"\n")
        assert 60 <= left < right <= 72, char
        assert 0 <= top < bottom <= 24, char


def test_bold_has_more_ink_and_reverse_has_most() -> None:
    plain, bold, reverse = (
        ink(render_png(printed(INIT + mode + gbk("会员\n")))).histogram()[255]
        for mode in (b"", b"\x1bE\x01", b"\x1dB\x01")
    )
    assert plain < bold < reverse


def test_qr_modules_are_those_of_the_payload() -> None:
    payload = "https://example.org/会员".encode()
    found = ink(render_png(printed(code(payload))))
    area = found.getbbox()
    assert area
    symbol = segno.make_qr(payload, error="M", mode="byte", boost_error=False)
    modules = [[bool(module) for module in row] for row in symbol.matrix]
    assert area[2] - area[0] == len(modules) * 4
    for row, line in enumerate(modules):
        for column, module in enumerate(line):
            dot = (area[0] + column * 4 + 1, area[1] + row * 4 + 2)
            assert (found.getpixel(dot) == 255) == module


def test_digits_make_a_smaller_code() -> None:
    assert box(qr(80, b"0" + b"7" * 40) + qr(81, b"0"))[2] == 21 * 3
    assert box(qr(80, b"0" + b"x" * 40) + qr(81, b"0"))[2] == 29 * 3


def test_image_is_its_dots() -> None:
    assert box(b"\x1dv0\0\x01\0\x02\0\x18\x18") == (3, 0, 5, 2)
    assert box(b"\x1dv0\3\x01\0\x02\0\x18\x18") == (6, 0, 10, 4)
    assert box(b"\x1ba\x02\x1dv0\0\x01\0\x01\0\x80")[0] == 384 - 8


def test_bench_writes_the_picture(bench: BenchProcess, tmp_path: Path) -> None:
    import socket

    count = len(bench.receipts()) + 1
    with socket.create_connection(("127.0.0.1", bench.port()), timeout=5) as line:
        line.sendall(sample() + CUT)
        until(lambda: len(bench.receipts()) == count)
    answer = bench.ask("paper_png", n=count, path=str(tmp_path / "r.png"))
    printer = Printer()
    printer.feed(sample() + CUT)
    with Image.open(str(answer["path"])) as written:
        same = ImageChops.difference(
            written.convert("RGB"), render_png(printer.receipts[0]).convert("RGB")
        )
        assert same.getbbox() is None
    refused = bench.try_ask("paper_png", n=count, path=str(tmp_path / "no" / "r.png"))
    assert "a folder that exists" in str(refused["error"])


def test_font_has_every_character_a_receipt_may_hold() -> None:
    font = ImageFont.truetype(str(FONT), 24, layout_engine=ImageFont.Layout.BASIC)
    missing = bytes(font.getmask("\U0010fffd"))
    pairs = [bytes((lead, trail)) for lead in range(0xB0, 0xF8) for trail in range(0xA1, 0xFF)]
    hanzi = {pair.decode("gb2312", errors="ignore") for pair in pairs} - {""}
    assert len(hanzi) == 6763
    signs = "￥·“”‘’…—①②℃×±°¥€《》【】、。,;:?!()□■★→←↑↓ⅠⅡ№"
    for char in (*hanzi, *signs, *map(chr, range(0x21, 0x7F))):
        assert bytes(font.getmask(char)) != missing, char
        if char.isascii():
            assert bytes(font.getmask(chr(0xE000 + ord(char)))) != missing, char


def test_font_is_small_free_and_under_its_own_name() -> None:
    assert FONT.stat().st_size <= FONT_BYTES_MAX
    family, _ = ImageFont.truetype(str(FONT), 24).getname()
    assert family == "Memberbox Sans"
    assert "SIL OPEN FONT LICENSE Version 1.1" in (FONT.parent / "OFL.txt").read_text()
