"""How ESC/POS printers differ, as data: the `[dialect]` of a profile. No I/O."""

from enum import StrEnum

import msgspec

from daemon.drivers.wire.gbk import Charset


class QrBy(StrEnum):
    PRINTER = "printer"  # GS ( k
    RASTER = "raster"  # as dots: for clones that print GS ( k as garbage, or nothing
    TEXT = "text"  # the payload as text


class Missing(StrEnum):
    """What becomes of a line with characters that the charset lacks."""

    RASTER = "raster"  # drawn as dots, where the project's font has them all; else as below
    SUBSTITUTE = "substitute"  # a sign of the same width in place of each


class Dialect(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How one model differs (config/devices/*.toml). Times are milliseconds."""

    columns: int = 48
    dots: int = 576
    charset: Charset = Charset.GBK
    missing: Missing = Missing.RASTER
    cutter: bool = True
    tear_lines: int = 4  # fed instead of a cut, so that the last line clears the tear bar
    qr: QrBy = QrBy.PRINTER
    beep: str = ""  # hex digits; NN is the number of beeps. Empty: it has no buzzer
    drawer_pin: int = 2
    drawer_on_ms: int = 50
    drawer_off_ms: int = 500  # duty at most 0.2, else the solenoid burns
