"""An MSR605 reader-writer on the bench: it answers a swipe only when it was told to read.

    1B 61 reset    1B 72 read, decoded    1B 6D read, raw

    decoded   1B 73  1B 01 t1  1B 02 t2  1B 03 t3  3F 1C  1B 30
    raw       1B 73  1B 01 n bits  1B 02 n bits  1B 03 n bits  3F 1C  1B 30

n counts the bytes of bits that follow. Bits lie as on the stripe: five a character on tracks 2 and
3, seven on track 1, least significant first, then odd parity; the check character LRC comes last.
Commands that it does not know are counted.
"""

from pathlib import Path

from tests.hardware_sim.sentences import refuse_unless
from tests.hardware_sim.serial_source import SerialSource

OK, READ_ERROR, BAD_SWIPE = 0x30, 0x31, 0x39
_STARTS = ("%", ";", ";")
_LEADING_ZEROS = "0" * 22


def stripe_bits(track: str, data_bits: int) -> str:
    """The bits of one track with its sentinels, then LRC."""
    base = 0x20 if data_bits == 6 else 0x30
    values = [ord(char) - base for char in track]
    check = 0
    for value in values:
        check ^= value
    bits = ""
    for value in (*values, check):
        low_first = "".join(str(value >> place & 1) for place in range(data_bits))
        bits += low_first + ("0" if low_first.count("1") % 2 else "1")
    return bits


class Msr605(SerialSource):
    """Armed for one swipe at a time."""

    def __init__(self, name: str, link: Path, baud: int) -> None:
        super().__init__(name, "card_reader", link, baud, self._hear)
        self.unknown_commands = 0
        self._mode = ""
        self._command = b""

    @property
    def armed(self) -> bool:
        return bool(self._mode)

    def swipe(self, tracks: tuple[str, str, str], *, status: int = OK) -> None:
        """Pull a card through: its tracks without sentinels. Raises RefusedError."""
        refuse_unless(self.armed, f"{self.name} was not told to read. Start the box first.")
        raw, self._mode = self._mode == "m", ""
        body = b""
        for number, (start, track) in enumerate(zip(_STARTS, tracks, strict=True), 1):
            body += bytes((0x1B, number)) + self._track(start, track, raw=raw)
        self.send(b"\x1bs" + body + b"?\x1c\x1b" + bytes((status,)))

    @staticmethod
    def _track(start: str, track: str, *, raw: bool) -> bytes:
        if not raw:
            return f"{start}{track}?".encode() if track else b""
        if not track:
            return b"\x00"
        bits = _LEADING_ZEROS + stripe_bits(f"{start}{track}?", 6 if start == "%" else 4)
        bits += "0" * (-len(bits) % 8)
        data = bytes(int(bits[at : at + 8], 2) for at in range(0, len(bits), 8))
        return bytes((len(data),)) + data

    def _hear(self, data: bytes) -> None:
        for byte in data:
            self._command += bytes((byte,))
            if self._command == b"\x1b":
                continue
            if self._command == b"\x1ba":
                self._mode = ""
            elif self._command in (b"\x1br", b"\x1bm"):
                self._mode = chr(byte)
            else:
                self.unknown_commands += 1
            self._command = b""
