"""The shop's logo: a PNG file to the bytes that print it. Read once in a box's life, in a thread.

It travels with every receipt as dots. A printer's own memory for logos bears some ten writes a
day, and a printer that is swapped would print another shop's (spec/devices.md 3.1).
"""

from pathlib import Path

from daemon.drivers.wire.picture import WHITE, Greys, dots_of
from daemon.drivers.wire.raster import commands
from daemon.errors import DeviceError

FILE_BYTES_MAX = 1024 * 1024
SIDE_PIXELS_MAX = 2000  # a paper is 640 dots wide; more takes seconds to read on a small machine
_FIX = "Put a PNG of at most 1 MiB there, or take logo out of the config."


def compiled(path: Path, dots: int) -> bytes:
    """Return the bytes that print the logo on paper of so many dots. Raises DeviceError."""
    try:
        with path.open("rb") as file:
            data = file.read(FILE_BYTES_MAX + 1)
    except OSError as error:
        raise _unusable(path, error.strerror or "cannot be read") from error
    if len(data) > FILE_BYTES_MAX:
        raise _unusable(path, "more than 1 MiB")
    return commands(dots_of(_greys(path, data), dots))


def _greys(path: Path, data: bytes) -> Greys:
    """Return the picture on white paper."""
    import png  # for shops with a logo only

    try:
        wide, high, rows, _ = png.Reader(bytes=data).asRGBA8()
        if max(wide, high) > SIDE_PIXELS_MAX:
            raise _unusable(path, f"{wide} x {high} pixels; at most {SIDE_PIXELS_MAX} a side")
        return [_on_white(row) for row in rows]
    except (png.Error, ValueError, EOFError, IndexError) as error:
        raise _unusable(path, "is no PNG, or a damaged one") from error


def _on_white(row: bytearray) -> list[int]:
    pixels = zip(row[0::4], row[1::4], row[2::4], row[3::4], strict=True)
    return [
        WHITE - (WHITE - (299 * red + 587 * green + 114 * blue) // 1000) * opaque // WHITE
        for red, green, blue, opaque in pixels
    ]


def _unusable(path: Path, found: str) -> DeviceError:
    return DeviceError(str(path), doing="reading the logo", found=found, fix=_FIX, retry=False)
