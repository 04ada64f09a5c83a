"""Devices that were claimed at the counter (`/9 5`), beside the journal and under memberbox.toml.

An installed box may not write its config: /etc is read-only to it, and may be so to everybody. The
technician's file goes before: what names a device or a place of it that is claimed too, takes it.
"""

import tomllib
from collections.abc import Mapping, Sequence
from contextlib import suppress
from pathlib import Path

from daemon import wholefile

FILE = "claimed.toml"  # in the state directory; only [[devices]] in it are looked at
BYTES_MAX = 65_536  # of some hundred devices; more was not written by this box

Row = Mapping[str, object]


def read(state_dir: Path) -> list[Row]:
    """Return the tables of claimed devices; none where they cannot be read."""
    return rows_of(text_of(state_dir))


def text_of(state_dir: Path) -> str:
    with suppress(OSError, UnicodeDecodeError):
        file = state_dir / FILE
        return file.read_text(encoding="utf-8") if file.stat().st_size <= BYTES_MAX else ""
    return ""


def rows_of(text: str) -> list[Row]:
    """Return the tables of devices in a text; none where it is no TOML."""
    with suppress(tomllib.TOMLDecodeError):
        rows = tomllib.loads(text).get("devices", [])
        return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    return []


def laid_under(raw: Mapping[str, object], claimed: Sequence[Row]) -> dict[str, object]:
    """Return the file's tables with those claimed devices that it does not name itself."""
    mine = raw.get("devices", [])
    if not isinstance(mine, list):
        return dict(raw)
    rows = [row for row in mine if isinstance(row, dict)]
    taken = {str(row.get(key)) for row in rows for key in ("name", "port") if row.get(key)}
    free = [row for row in claimed if not {str(row.get("name")), str(row.get("port"))} & taken]
    return {**raw, "devices": [*mine, *free]}


def write(state_dir: Path, text: str) -> None:
    """Replace the file as a whole; it is on the medium when this returns. Raises OSError."""
    wholefile.replace(state_dir / FILE, text.encode(), wholefile.READABLE)
