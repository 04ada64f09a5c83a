"""The shop's logo, from the file to the paper: looked at once, kept as pictures since."""

import asyncio
import contextlib
import os
import zlib
from pathlib import Path

import pytest
from msgspec.structs import replace
from PIL import Image, ImageChops

from daemon.display.receipt import sale_receipt
from daemon.drivers.kinds import Printed
from daemon.drivers.logo import FILE_BYTES_MAX, SIDE_PIXELS_MAX, compiled, picture_in
from daemon.drivers.pen import Pen
from daemon.drivers.profiles import PrinterProfile, load_profile
from daemon.drivers.wire.escpos import document
from daemon.drivers.wire.picture import dots_of
from daemon.errors import DeviceError
from daemon.events import DeviceState
from daemon.paper import Cut, Logo, Text
from tests.contract.counter import SHARE, counter
from tests.contract.test_receipt_printer import printer
from tests.display import samples
from tests.drivers.wire.fuzzing import fuzz
from tests.hardware_sim.escpos import Printer
from tests.hardware_sim.paper import Align, Picture
from tests.hardware_sim.paper_png import render_png

LOGO = SHARE / "demo" / "logo.png"
GOLDEN = Path(__file__).parent / "golden"
NV_MEMORY = (b"\x1cq", b"\x1cp", b"\x1d(L", b"\x1d*")  # FS q, FS p, GS ( L, GS *


def receipt_with_logo(model: str) -> tuple[bytes, Printer]:
    profile = load_profile(SHARE, model)
    assert isinstance(profile, PrinterProfile)
    dialect = profile.dialect
    pen = Pen(SHARE, LOGO)
    pen.read_logo(dialect.dots)
    shop = samples.shop("zh_CN")
    entry = samples.entry(samples.MORNING)
    data = document(sale_receipt(entry, samples.MORNING_FACTS, shop, dialect.columns), dialect, pen)
    it = Printer(dialect.columns)
    it.feed(data)
    return data, it


@pytest.mark.parametrize("model", ["generic-58", "xprinter-80"])
def test_a_receipt_begins_with_the_logo(model):
    data, it = receipt_with_logo(model)
    (receipt,) = it.receipts
    assert (receipt.unknown, receipt.ignored) == ((), ())
    first = receipt.items[0]
    assert isinstance(first, Picture)
    assert first.align is Align.CENTRE
    image = render_png(receipt)
    path = GOLDEN / f"logo-{model}.png"
    if os.environ.get("MEMBERBOX_WRITE_GOLDEN"):
        image.save(path, optimize=True)
    with Image.open(path) as golden:
        assert ImageChops.difference(image.convert("RGB"), golden.convert("RGB")).getbbox() is None
    assert not any(command in data for command in NV_MEMORY)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_any_png_is_one_picture_on_white(mode, tmp_path):
    """A black bar on the left half, the rest white or nothing at all."""
    plain = Image.new("L", (32, 8), 255)
    plain.paste(0, (0, 0, 16, 8))
    if mode == "I;16":
        image = plain.convert("I").point(lambda grey: grey * 257).convert("I;16")
    else:
        image = plain.convert(mode)
    if mode in ("LA", "RGBA"):
        image.putalpha(plain.point(lambda grey: 255 - grey))  # white is see-through
    path = tmp_path / "logo.png"
    image.save(path)
    assert compiled(path, 384) == b"\x1dv0\x00\x04\x00\x08\x00" + b"\xff\xff\x00\x00" * 8


def broken_files(folder: Path) -> dict[str, Path]:
    good = LOGO.read_bytes()
    content = {
        "no PNG": b"GIF89a" + bytes(40),
        "damaged": good[: len(good) // 2],
        "1 MiB": bytes(FILE_BYTES_MAX + 1),
    }
    files = {words: folder / str(n) for n, words in enumerate(content)}
    for words, path in files.items():
        path.write_bytes(content[words])
    Image.new("1", (SIDE_PIXELS_MAX + 1, 1)).save(folder / "wide.png")
    return {**files, "pixels": folder / "wide.png", "No such file": folder / "none"}


def test_what_is_no_logo_says_what_to_put_there(tmp_path):
    for words, path in broken_files(tmp_path).items():
        with pytest.raises(DeviceError, match=words) as caught:
            compiled(path, 384)
        assert "at most 1 MiB" in caught.value.fix


def test_a_picture_that_is_small_as_a_file_and_huge_inside_is_refused_early(tmp_path):
    """Only its head is read: 100,000 x 100,000 pixels would fill the memory of the box."""
    head = b"\0\x01\x86\xa0\0\x01\x86\xa0\x08\0\0\0\0"
    chunk = b"IHDR" + head
    data = (13).to_bytes(4, "big") + chunk + zlib.crc32(chunk).to_bytes(4, "big")
    path = tmp_path / "bomb.png"
    body = b"IDAT" + zlib.compress(bytes(1000))
    idat = (len(body) - 4).to_bytes(4, "big") + body + zlib.crc32(body).to_bytes(4, "big")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + data + idat)
    with pytest.raises(DeviceError, match="100000 x 100000 pixels"):
        compiled(path, 384)


def test_fuzz_no_file_stops_the_reading(tmp_path):
    """A small PNG with bytes changed, cut off, put in: dots or a sentence, nothing else."""
    path = tmp_path / "logo.png"
    Image.new("P", (9, 3), 5).save(path)
    good = path.read_bytes()

    def one(chance, _):
        data = bytearray(good)
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(data))
            if chance.random() < 0.8:
                data[at] = chance.randrange(256)
            else:
                data[at : at + chance.randrange(9)] = chance.randbytes(chance.randrange(9))
        whole = _with_checksums(data) if chance.random() < 0.7 else bytes(data)
        with contextlib.suppress(DeviceError):
            dots_of(picture_in(path, whole), 384)

    fuzz("logos", one)


def _with_checksums(data: bytearray) -> bytes:
    """The chunks of data, each with the checksum that it should have: else nobody reads on."""
    out, at = bytes(data[:8]), 8
    while at + 12 <= len(data):
        length = min(int.from_bytes(data[at : at + 4], "big"), len(data) - at - 12)
        body = bytes(data[at + 4 : at + 8 + length])
        out += data[at : at + 4] + body + zlib.crc32(body).to_bytes(4, "big")
        at += 12 + length
    return out


@pytest.mark.parametrize(("logo", "note"), [(str(LOGO), ""), ("/nowhere/logo.png", "no logo")])
def test_a_running_printer_prints_it_or_says_why_not(logo, note, tmp_path):
    async def scenario():
        device, config = printer("printer", tmp_path)
        async with counter(replace(config, logo=logo)) as box:
            await box.online("it")
            assert box.state("it") is DeviceState.ONLINE
            assert note in box.reason("it")
            it = box.devices.printer("it")
            assert await it.print((Logo(), Text("会员"), Cut())) is Printed.CONFIRMED
            text = device.printer.receipts[0].text
            assert ("picture" in text) is not bool(note)
            assert "会员" in text
        device.stop()

    asyncio.run(scenario())
