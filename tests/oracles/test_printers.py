"""Two encoders that are not ours print on the simulated printer: what it takes for ESC/POS is so.

python-escpos also asks it how it is, and gets what a real printer would answer.
"""

import asyncio
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.hardware_sim.escpos import Printer, Pulse
from tests.hardware_sim.paper import Picture
from tests.hardware_sim.printers import PrinterDevice
from tests.hardware_sim.tcp import TcpPort
from tests.stage import ROOT

HERE = Path(__file__).parent
ENCODER = HERE / "node_modules" / "@point-of-sale" / "receipt-printer-encoder"


async def python_escpos(device, what, tmp_path):
    port = device.path.rsplit(":", 1)[1]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "tests.oracles.python_escpos", port, what),
        cwd=ROOT,
        env={**os.environ, "TMPDIR": str(tmp_path)},  # each import leaves a folder behind
        stdout=subprocess.PIPE,
    )
    said, _ = await asyncio.wait_for(process.communicate(), 30)
    assert process.returncode == 0
    return json.loads(said.splitlines()[-1])  # it prints warnings of its own before


def with_printer(scenario):
    async def play():
        device = PrinterDevice("it", TcpPort(), 48, has_drawer=True)
        device.start()
        try:
            await scenario(device)
        finally:
            device.stop()

    asyncio.run(play())


def test_python_escpos_prints_without_an_unknown_byte(tmp_path):
    async def scenario(device):
        await python_escpos(device, "print", tmp_path)
        (receipt,) = device.printer.receipts
        assert (receipt.unknown, receipt.ignored) == ((), ())
        assert receipt.cut
        for words in ("会员积分", "café 12.00", "[QR MB1|0018|412]", "[picture 64x16]"):
            assert words in receipt.text
        assert device.printer.drawer_pulses == [Pulse(2, 50, 500)]

    with_printer(scenario)


@pytest.mark.parametrize(
    ("fault", "online", "paper"),
    [
        ("clear", True, 2),
        ("near_end", True, 1),
        ("paper_end", False, 0),
        ("cover_open", False, 2),
        ("cutter_error", False, 2),
    ],
)
def test_python_escpos_hears_what_a_real_printer_would_say(fault, online, paper, tmp_path):
    async def scenario(device):
        device.fault(fault)
        answer = await python_escpos(device, "status", tmp_path)
        assert answer == {"online": online, "paper": paper}

    with_printer(scenario)


@pytest.fixture
def encoder():
    """The npm package, where it is installed; in CI it must be."""
    if shutil.which("node") is None or not ENCODER.is_dir():
        why = "node or receipt-printer-encoder is missing: bash tools/test-tools.sh says why"
        if os.environ.get("CI") == "true":
            pytest.fail(why)
        pytest.skip(why)
    return ["node", str(HERE / "encode.mjs")]


@pytest.mark.parametrize("columns", [32, 42, 48])
def test_receipt_printer_encoder_prints_without_an_unknown_byte(columns, encoder):
    done = subprocess.run([*encoder, str(columns)], capture_output=True, text=True, check=True)
    printer = Printer(columns)
    printer.feed(bytes.fromhex(done.stdout))
    (receipt,) = printer.receipts
    assert (receipt.unknown, receipt.ignored) == ((), ())
    for words in ("ZHENZI", "café 12.00", "120.00", "[QR MB1|0018|412]"):
        assert words in receipt.text
    assert any(isinstance(item, Picture) and item.rows == 16 for item in receipt.items)
    assert printer.drawer_pulses == [Pulse(2, 50, 250)]
    assert receipt.cut
