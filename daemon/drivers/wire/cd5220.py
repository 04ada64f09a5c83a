"""CD5220 customer display, 2 x 20 ASCII: screens to bytes. No I/O.

0C | 1B 51 41 <20> 0D | 1B 51 42 <20> 0D       clear, upper line, lower line

After ESC Q A/B the display refuses every other command until CLR (0C), so a frame always begins
with it (spec/devices.md 4.2). ESC s 1 is never sent: it stores a font here, and is a lamp on LED8N.
"""

from daemon.drivers.wire.text_pole import CLEAR, RESYNC, cells

COLUMNS = 20
INIT = RESYNC + b"\x1b\x40"  # whoever had the line before may have left it in mid-command
UPPER, LOWER = b"\x1bQA", b"\x1bQB"
END = b"\r"


def frame(lines: tuple[str, str], columns: int = COLUMNS) -> bytes:
    """Return the bytes that show both lines; what is not printable ASCII is shown as `?`."""
    upper, lower = (cells(line, columns) for line in lines)
    return CLEAR + UPPER + upper + END + LOWER + lower + END
