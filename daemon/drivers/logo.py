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
    return commands(dots_of(picture_in(path, data), dots))


def picture_in(path: Path, data: bytes) -> Greys:
    """Return the picture that path holds, on white paper. Raises DeviceError."""
    import png  # for shops with a logo only

    try:
        reader = png.Reader(bytes=data)
        reader.preamble()  # its head, before anything is made as large as it says
        wide, high = reader.width, reader.height
        if max(wide, high) <= SIDE_PIXELS_MAX:
            return [_on_white(row) for row in reader.asRGBA8()[2]]
    except Exception as error:  # png and zlib have many errors for a file that is none
        raise _unusable(path, "is no PNG, or a damaged one") from error
    raise _unusable(path, f"{wide} x {high} pixels; at most {SIDE_PIXELS_MAX} a side")


def _on_white(row: bytearray) -> bytes:
    pixels = zip(row[0::4], row[1::4], row[2::4], row[3::4], strict=True)
    return bytes(
        WHITE - (WHITE - (299 * red + 587 * green + 114 * blue) // 1000) * opaque // WHITE
        for red, green, blue, opaque in pixels
    )


def _unusable(path: Path, found: str) -> DeviceError:
    return DeviceError(str(path), doing="reading the logo", found=found, fix=_FIX, retry=False)
