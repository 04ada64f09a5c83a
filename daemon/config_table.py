"""What every table of memberbox.toml has in common: frozen records whose annotations say it all.

The type, msgspec's limits, and `Takes` where a type is not enough. A description completes the
sentence "Use ..."; daemon/config_reading.py makes records of what is written, or mistakes.
"""

from collections.abc import Callable, Collection
from pathlib import Path
from typing import Annotated

import msgspec

PORT_MAX = 65535


class Table(msgspec.Struct, frozen=True):
    """A table of the file. What its keys do not show one by one, __post_init__ may refuse."""


class Takes(msgspec.Struct, frozen=True):
    """In an annotation: a function makes the value of what is written, or raises Refused.

    Several are called from the inside out; msgspec is not asked then.
    """

    make: Callable[[object], object]


class Refused(ValueError):
    """What is written may not stand there. Empty `allowed`: the key's description says it."""

    def __init__(self, found: str, allowed: str = "", choices: Collection[str] = ()) -> None:
        super().__init__(found)
        self.found, self.allowed, self.choices = found, allowed, choices


def text_of(value: object) -> str:
    """Return what is written if it is text. Raises Refused."""
    if isinstance(value, str):
        return value
    raise Refused("is not allowed")


def absolute(value: object) -> object:
    if isinstance(value, str) and value.startswith("/") and value.isprintable():
        return Path(value)
    raise Refused("is no absolute path")


AbsolutePath = Annotated[Path, Takes(absolute)]
