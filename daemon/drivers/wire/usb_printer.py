"""What the USB printer class says: device id and port status. No I/O.

device id    LL LL text    LL LL length, big-endian, itself included; KEY:value;KEY:value;
port status  one byte      20 paper empty   10 selected   08 not error    healthy: 18
Source: spec/devices.md 3.5 (USB printer class 1.1, 4.2.1 and 4.2.2). Cheap boards answer a constant
18: only a bit that was ever seen to change says something.
"""

from types import MappingProxyType

import msgspec

ID_BYTES_MAX = 1024  # what the kernel's ioctl has room for
PAPER_EMPTY, SELECTED, NOT_ERROR = 0x20, 0x10, 0x08

# Languages of office printers: they would print a receipt as pages of garbage.
_OFFICE = frozenset({"PCL", "PCLXL", "PCL5", "PCL6", "PJL", "POSTSCRIPT", "PS", "URF", "PDF"})
_OURS = ("ESC/POS", "ESCPOS", "POS", "EPSON", "ESC")
_KEYS = MappingProxyType(
    {"MANUFACTURER": "MFG", "MODEL": "MDL", "COMMAND SET": "CMD", "CLASS": "CLS"}
)


class DeviceId(msgspec.Struct, frozen=True):
    """Who a printer says it is; empty text where it says nothing."""

    maker: str = ""
    model: str = ""
    commands: tuple[str, ...] = ()

    @property
    def is_office_printer(self) -> bool:
        """Whether it speaks page languages only: no ESC/POS would come out right."""
        spoken = {command.upper() for command in self.commands}
        return bool(spoken & _OFFICE) and not any(
            command.startswith(_OURS) for command in spoken - _OFFICE
        )


def parse_device_id(data: bytes) -> DeviceId:
    """Return what a device id says; makers pad it, cut it short, and get the length wrong."""
    length = int.from_bytes(data[:2], "big")
    body = data[2:length] if 2 < length <= len(data) else data[2:]
    text = body.split(b"\0", 1)[0].decode("latin-1")
    fields: dict[str, str] = {}
    for part in text.split(";"):
        key, colon, value = part.partition(":")
        if colon:
            key = key.strip().upper()
            fields.setdefault(_KEYS.get(key, key), value.strip())
    commands = tuple(word.strip() for word in fields.get("CMD", "").split(",") if word.strip())
    return DeviceId(fields.get("MFG", ""), fields.get("MDL", ""), commands)


class PortStatus:
    """What the port status bytes of one printer have ever said."""

    def __init__(self) -> None:
        self._moves = False

    def paper_end(self, byte: int | None) -> bool | None:
        """Return whether paper is out; None while this board has never said that it is."""
        if byte is None:
            return None
        if byte & PAPER_EMPTY:
            self._moves = True
        return bool(byte & PAPER_EMPTY) if self._moves else None
