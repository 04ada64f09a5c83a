"""Every printer profile that we ship prints a whole receipt as its model would understand it."""

from pathlib import Path

import pytest

from daemon.display.receipt import sale_receipt
from daemon.drivers.pen import Pen
from daemon.drivers.profiles import PrinterProfile, load_profile, profile_names
from daemon.drivers.wire.dialect import QrBy
from daemon.drivers.wire.escpos import document
from daemon.drivers.wire.gbk import Charset
from tests.display import samples
from tests.hardware_sim.escpos import Printer
from tests.hardware_sim.paper import Picture, QrCode

SHARE = Path(__file__).parents[2] / "config"
FIRMWARE = {Charset.GBK: "gbk", Charset.GB2312: "gb2312", Charset.ASCII: "no_chinese"}
MODELS = {
    name: profile
    for name in profile_names(SHARE)
    if isinstance(profile := load_profile(SHARE, name), PrinterProfile)
}


def test_there_are_models_of_every_width_with_and_without_cutter_and_qr():
    dialects = [model.dialect for model in MODELS.values()]
    assert {384, 432, 512, 576} <= {dialect.dots for dialect in dialects}
    assert {32, 36, 42, 48} <= {dialect.columns for dialect in dialects}
    assert {dialect.cutter for dialect in dialects} == {True, False}
    assert {dialect.qr for dialect in dialects} == set(QrBy)
    assert {dialect.charset for dialect in dialects} == set(Charset)


@pytest.mark.parametrize("name", MODELS)
def test_a_whole_receipt_comes_out(name):
    dialect = MODELS[name].dialect
    printer = Printer(dialect.columns, FIRMWARE[dialect.charset])
    entry, facts, shop = (
        samples.entry(samples.MORNING),
        samples.MORNING_FACTS,
        samples.shop("zh_CN"),
    )
    paper = sale_receipt(entry, facts, shop, dialect.columns)
    printer.feed(document(paper, dialect, Pen(SHARE)))
    receipt = printer.receipts[0] if dialect.cutter else printer.unfinished
    assert (receipt.unknown, receipt.ignored) == ((), ())
    assert receipt.cut is dialect.cutter
    codes = [item for item in receipt.items if isinstance(item, QrCode)]
    dots = [item for item in receipt.items if isinstance(item, Picture)]
    assert bool(codes) is (dialect.qr is QrBy.PRINTER)
    if dialect.charset is Charset.GBK:  # others lack hanzi of this receipt, which are drawn
        assert bool(dots) is (dialect.qr is QrBy.RASTER)
    assert all(picture.width_bytes * 8 <= dialect.dots for picture in dots)
