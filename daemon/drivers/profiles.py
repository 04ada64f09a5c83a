"""What one model of a device needs, as data: `devices/*.toml` of the shared data.

A profile names its driver and its source; the driver's own defaults serve where it is silent.
"""

import tomllib
from pathlib import Path

import msgspec

from daemon.drivers.transport import Flow
from daemon.drivers.wire import cd5220, led8n
from daemon.drivers.wire.escpos import Dialect
from daemon.errors import DeviceError

FOLDER = "devices"


class Link(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The line. A network printer ignores baud and flow."""

    baud: int = 9600
    flow: Flow = Flow.NONE
    stall_s: float = 5.0  # no byte taken for so long: stuck. Printers feed and cut for up to 3


class PrinterProfile(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="driver", tag="escpos"
):
    model: str = ""
    source: str = ""
    answers: bool = True  # False: it is known never to answer a status question
    idle_poll_s: float = 5.0  # how late "paper end" may be seen between two receipts
    link: Link = Link()
    dialect: Dialect = Dialect()


class Cd5220Profile(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="driver", tag="cd5220"
):
    model: str = ""
    source: str = ""
    columns: int = cd5220.COLUMNS
    link: Link = Link()


class Led8nProfile(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="driver", tag="led8n"
):
    model: str = ""
    source: str = ""
    digits: int = led8n.DIGITS
    link: Link = Link(baud=2400)


Profile = PrinterProfile | Cd5220Profile | Led8nProfile


def load_profile(share: Path, name: str) -> Profile:
    """Return the profile of that name. Raises DeviceError with file, what is wrong, what exists."""
    path = share / FOLDER / f"{name}.toml"
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        profile: Profile = msgspec.convert(document, Profile)
    except OSError as error:
        known = ", ".join(profile_names(share)) or "none"
        raise _unusable(path, f"no such profile ({error.strerror})", f"Known: {known}.") from error
    except (tomllib.TOMLDecodeError, msgspec.ValidationError, UnicodeDecodeError) as error:
        raise _unusable(path, str(error), "Correct the file, or name another profile.") from error
    return profile


def profile_names(share: Path) -> list[str]:
    """Return the names of all profiles there are."""
    return sorted(path.stem for path in (share / FOLDER).glob("*.toml"))


def _unusable(path: Path, found: str, fix: str) -> DeviceError:
    return DeviceError(str(path), doing="reading profile", found=found, fix=fix, retry=False)
