"""What a printer cannot draw itself: characters of the project's font as dots, QR codes, the logo.

The font's file is made by tools/glyphs.py, and opened at the first character that is asked for;
only the pages that are looked at are in memory.
"""

import logging
import mmap
from bisect import bisect_left
from collections.abc import Sequence
from pathlib import Path

from daemon.drivers.wire.raster import GLYPH_BYTES

FILE = Path("fonts") / "memberbox-24.glyphs"
_HEAD_BYTES, _CODE_BYTES = 8, 4

_log = logging.getLogger(__name__)


class Pen:
    """A wire.escpos.Drawing. Without the font's file nothing is drawn, and slips come out still.

    logo: a PNG, or None. It is printed once `read_logo` has read it.
    """

    def __init__(self, share: Path, logo: Path | None = None) -> None:
        self._logo_path = logo
        self._logo = b""
        self._path = share / FILE
        self._data: mmap.mmap | bytes | None = None
        self._count = 0

    def glyph(self, char: str) -> bytes | None:
        """Return the glyph of char; None if the font has none."""
        if self._data is None:
            self._data = self._open()
            self._count = int.from_bytes(self._data[4:_HEAD_BYTES], "little")
        at = bisect_left(range(self._count), ord(char), key=self._code)
        if at == self._count or self._code(at) != ord(char):
            return None
        start = _HEAD_BYTES + self._count * _CODE_BYTES + at * GLYPH_BYTES
        return self._data[start : start + GLYPH_BYTES]

    def modules(self, payload: str) -> Sequence[Sequence[bool]]:
        """Return the QR code of payload, level M. Raises ValueError when no code holds it."""
        import segno  # for printers without QR codes only

        symbol = segno.make_qr(payload.encode(), error="m", mode="byte", boost_error=False)
        return [[bool(module) for module in row] for row in symbol.matrix]

    def logo(self) -> bytes:
        return self._logo

    @property
    def lacks_logo(self) -> bool:
        """Return whether there is one that was not read yet."""
        return self._logo_path is not None and not self._logo

    def read_logo(self, dots: int) -> None:
        """Read the logo for paper of so many dots. Blocks for half a second; raises DeviceError."""
        if self._logo_path is not None:
            from daemon.drivers.logo import compiled

            self._logo = compiled(self._logo_path, dots)

    def _code(self, at: int) -> int:
        assert self._data is not None
        start = _HEAD_BYTES + at * _CODE_BYTES
        return int.from_bytes(self._data[start : start + _CODE_BYTES], "little")

    def _open(self) -> mmap.mmap | bytes:
        try:
            with self._path.open("rb") as file:
                return mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        except (OSError, ValueError) as error:
            _log.warning("reading the font %s: %s. Install memberbox anew.", self._path, error)
            return b""
