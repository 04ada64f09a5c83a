"""Mistakes in a file that a person wrote: data, all at once, each with what would be right.

What is allowed for a key is said once, in its description: daemon/config_reading.py makes mistakes
of it for the config, daemon/rules/checking.py for packs. No mistake ever shows a secret.
"""

import re
from collections.abc import Mapping
from pathlib import PurePath

import msgspec

Scalar = str | int | float | bool | None

HIDDEN = "***"
SHOWN_CHARS_MAX = 80  # a mistake is one line on a screen; a pasted certificate is not
LIKENESS_MIN = 0.5  # of difflib; below it "nearest" is a guess that misleads

# Whatever stands in [hq] beside the address may be the token, pasted at the wrong key.
_SECRET = re.compile(r"^hq\.(?!mqtt$)|token|secret|passw|credential", re.IGNORECASE)


class ConfigProblem(msgspec.Struct, frozen=True):
    """One mistake. `key` is a path (`devices[2].port`, counted from 0); empty: the whole file."""

    file: str
    key: str
    value: Scalar  # as written; None for a table or for nothing; HIDDEN for what may be a secret
    allowed: str
    nearest: str | None = None
    found: str = "is not allowed"

    def __str__(self) -> str:
        shown = "" if self.value is None else f"{_literal(self.value)} "
        where = ": ".join(part for part in (PurePath(self.file).name, self.key) if part)
        hint = "" if self.nearest is None else f" Nearest: {self.nearest}."
        return f"{where}: {shown}{self.found}. Use {self.allowed}.{hint}"


def nearest(text: object, known: list[str]) -> str | None:
    """Return the known word that text was probably meant to be, or None."""
    from difflib import get_close_matches  # a box without mistakes does not carry it

    matches = get_close_matches(str(text), known, n=1, cutoff=LIKENESS_MIN)
    return matches[0] if matches else None


def shown(key: str, value: object) -> Scalar:
    """Return value as it may be shown beside key: nothing secret, nothing long, no tables."""
    if isinstance(value, Mapping | list | tuple):
        return None
    if is_secret(key):
        return HIDDEN
    if value is None or isinstance(value, bool | int):
        return value
    text = str(value)
    if "@" in text:  # user:password@host
        return HIDDEN
    return text if len(text) <= SHOWN_CHARS_MAX else f"{text[:SHOWN_CHARS_MAX]}..."


def is_secret(key: str) -> bool:
    """Tell whether what stands at a key may be a secret."""
    return _SECRET.search(key) is not None


def any_of(words: list[str]) -> str:
    """Say that one of the words is allowed."""
    return f"one of {', '.join(words)}" if len(words) > 1 else words[0]


def _literal(value: Scalar) -> str:
    if value == HIDDEN or isinstance(value, bool):
        return str(value).lower()
    return f'"{value}"' if isinstance(value, str) else str(value)
