"""A serial reader of EM4100 cards on the bench.

One card on the wire, ten bytes:    02 0A 02 n1 n2 n3 n4 n5 BCC 03

0A is the length of the frame, 02 the kind of card, BCC the XOR of all from the length to n5.
"""

from tests.hardware_sim.sentences import refuse_unless
from tests.hardware_sim.serial_source import SerialSource


def tag_frame(number: str) -> bytes:
    """The frame of a card of ten hex digits."""
    body = bytes((0x0A, 0x02)) + bytes.fromhex(number)
    check = 0
    for byte in body:
        check ^= byte
    return b"\x02" + body + bytes((check,)) + b"\x03"


class TagReader(SerialSource):
    """Cards are held to it, not swiped."""

    def present(self, number: str) -> None:
        """Hold a card of ten hex digits to it. Raises RefusedError."""
        digits = len(number) == 10 and all(char in "0123456789ABCDEFabcdef" for char in number)
        refuse_unless(digits, f"{self.name}: a card has ten hex digits, not {number!r}")
        self.send(tag_frame(number))


class SerialScanner(SerialSource):
    """A scanner that sends a code and CR."""

    def scan(self, code: str) -> None:
        """Raises RefusedError."""
        self.send(code.encode() + b"\r")
