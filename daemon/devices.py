"""What the box config says about one device: plain data, checked by `config`, used by `drivers`."""

import msgspec

from daemon.events import DeviceKind

ROLES = ("", "customer", "clerk", "receipts", "spare")


class DeviceConfig(msgspec.Struct, frozen=True):
    """One `[[devices]]` table. Empty text and None mean "as the profile or the kind has it"."""

    name: str
    kind: DeviceKind
    driver: str
    port: str  # pipe:PATH, /dev/..., tcp:HOST:PORT, folder:PATH, printer:NAME
    role: str = ""  # one of ROLES; a spare printer prints only when named
    baud: int | None = None
    columns: int | None = None  # cells of one line of paper or pole
    profile: str = ""  # a file of config/devices/, without .toml
    printer: str = ""  # what hangs on a printer (a drawer, a pole): the printer's name
    numbers: str = ""  # readers without contact: how they write a card, as "8H-10D lsb"
    keys: tuple[tuple[str, str], ...] = ()  # keypads: KEY_NAME and the key that it means
    logo: str = ""  # receipt printers: a PNG that is printed above every receipt
    member_qr: str = ""  # scanners: what begins so is a member's card
