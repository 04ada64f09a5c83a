"""What the USB printer class says, as boards really say it."""

import pytest

from daemon.drivers.wire.usb_printer import DeviceId, PortStatus, parse_device_id
from tests.drivers.wire.fuzzing import fuzz


def said(text: str) -> bytes:
    return (len(text) + 2).to_bytes(2, "big") + text.encode("latin-1")


IDS = [
    (
        "MFG:EPSON;CMD:ESC/POS;MDL:TM-T82II;CLS:PRINTER;",
        DeviceId("EPSON", "TM-T82II", ("ESC/POS",)),
        False,
    ),
    (
        "MANUFACTURER:STMicroelectronics;COMMAND SET:ESC/POS;MODEL:POS58 Printer;COMMENT:x;",
        DeviceId("STMicroelectronics", "POS58 Printer", ("ESC/POS",)),
        False,
    ),
    (
        "MFG:Hewlett-Packard;MDL:HP LaserJet;CMD:PJL,PCL,POSTSCRIPT;CLS:PRINTER;",
        DeviceId("Hewlett-Packard", "HP LaserJet", ("PJL", "PCL", "POSTSCRIPT")),
        True,
    ),
    ("MFG:Star;MDL:X; CMD : PCL, ESC/POS ;", DeviceId("Star", "X", ("PCL", "ESC/POS")), False),
    ("", DeviceId(), False),
]


@pytest.mark.parametrize(("text", "who", "office"), IDS)
def test_device_ids(text, who, office):
    padded = said(text) + b"\0" * 20
    for data in (said(text), padded, b"\xff\xff" + said(text)[2:], b"\0\0" + said(text)[2:]):
        assert parse_device_id(data) == who
        assert who.is_office_printer is office


def test_a_board_that_always_says_the_same_says_nothing():
    cheap = PortStatus()
    assert [cheap.paper_end(byte) for byte in (0x18, 0x18, None, 0x18)] == [None] * 4
    real = PortStatus()
    assert [real.paper_end(byte) for byte in (0x18, 0x38, 0x18)] == [None, True, False]


def test_fuzz_no_device_id_stops_us():
    def one(chance, _):
        data = chance.randbytes(chance.randrange(40))
        if chance.random() < 0.5:
            data = said("".join(chance.choices("MFGDLCS:;, \0", k=chance.randrange(40))))
        parse_device_id(data)

    fuzz("device ids", one)
