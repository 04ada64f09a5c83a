"""What one model of a device needs, as data: `devices/*.toml` of the shared data.

A profile names its driver and its source; the driver's own defaults serve where it is silent.
"""

import tomllib
from pathlib import Path

import msgspec

from daemon.drivers.reader_settings import Link, ReaderProfile
from daemon.drivers.wire import cd5220, led8n, text_pole
from daemon.drivers.wire.dialect import Dialect
from daemon.errors import DeviceError

FOLDER = "devices"


class PrinterProfile(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="driver", tag="escpos"
):
    model: str = ""
    source: str = ""
    answers: bool = True  # False: it is known never to answer a status question
    idle_poll_s: float = 5.0  # how late "paper end" may be seen between two receipts
    confirms: bool = False  # GS r is answered once everything before it is on paper
    reports: bool = False  # GS a: it tells changes unasked
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


class TextPoleProfile(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, tag_field="driver", tag="text_pole"
):
    """Bytes as hex digits; silent, an Epson DM-D. See wire/text_pole.py."""

    model: str = ""
    source: str = ""
    columns: int = 20
    link: Link = Link()
    init: str = text_pole.DMD.init.hex()
    begin: str = text_pole.DMD.begin.hex()
    upper: str = text_pole.DMD.upper.hex()
    lower: str = text_pole.DMD.lower.hex()
    end: str = ""

    def speech(self) -> text_pole.Speech:
        """Raises ValueError for what is not hex."""
        told = (self.init, self.begin, self.upper, self.lower, self.end)
        return text_pole.Speech(*(bytes.fromhex(each) for each in told))


Profile = PrinterProfile | Cd5220Profile | Led8nProfile | TextPoleProfile | ReaderProfile


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
