"""What the box config says about one device: plain data, checked by `config`, used by `drivers`."""

from dataclasses import dataclass

from daemon.events import DeviceKind

ROLES = ("", "customer", "clerk", "receipts", "spare")


@dataclass(frozen=True, slots=True)
class DeviceConfig:
    """One `[[devices]]` table. Empty text and None mean "as the profile or the kind has it"."""

    name: str
    kind: DeviceKind
    driver: str
    port: str  # pipe:PATH, /dev/..., tcp:HOST:PORT, folder:PATH, printer:NAME
    role: str = ""  # one of ROLES; a spare printer prints only when named
    baud: int | None = None
    columns: int | None = None  # cells of one line of paper or pole
    profile: str = ""  # a file of config/devices/, without .toml
    printer: str = ""  # cash drawers: the name of the printer it hangs on
