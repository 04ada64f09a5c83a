"""Text to the bytes of a Chinese printer, cell for cell. No I/O.

Only one-byte ASCII and two-byte GBK ever leave here: GB18030's four-byte codes (U+00A5 among them)
print as garbage on GBK-only firmware (spec/devices.md 3.3). What has no such code is replaced by a
character of the same width, so that columns stay where they are.
"""

from enum import StrEnum

from daemon.cells import width

SUBSTITUTE_WIDE, SUBSTITUTE_NARROW = "□", "?"
YEN, YEN_WIDE = "¥", "￥"  # GBK has the full-width one only


class Charset(StrEnum):
    GBK = "gbk"
    GB2312 = "gb2312"  # old firmware: both bytes from A1 up
    ASCII = "ascii"  # no Chinese font at all


def encode(text: str, charset: Charset) -> bytes:
    """Return text as printer bytes; control characters are replaced like any unknown one."""
    if YEN in text:
        text = text.replace(YEN, YEN_WIDE)
    if text.isprintable():
        try:
            return text.encode(charset.value)  # these codecs know no longer code than two bytes
        except UnicodeEncodeError:
            pass
    return b"".join(_character(char, charset) for char in text)


def encode_exactly(lines: list[str], charset: Charset) -> bytes | None:
    """Return lines as printer bytes, each ended by LF; None when the charset lacks something."""
    text = "".join(lines)
    if YEN in text:
        lines = [line.replace(YEN, YEN_WIDE) for line in lines]
    if not text.replace("\u3000", "").isprintable():
        return None
    try:
        return ("\n".join(lines) + "\n").encode(charset.value)
    except UnicodeEncodeError:
        return None


def _character(char: str, charset: Charset) -> bytes:
    if char.isprintable() or char == "\u3000":  # the ideographic space counts as unprintable
        try:
            return char.encode(charset.value)
        except UnicodeEncodeError:
            pass
    if width(char) == 1:
        return SUBSTITUTE_NARROW.encode()
    return b"??" if charset is Charset.ASCII else SUBSTITUTE_WIDE.encode(charset.value)
