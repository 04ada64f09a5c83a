"""The devices of a config that has mistakes, as far as their own rows have none.

A box without any config tells its mistakes on these.
"""

import tomllib
from contextlib import suppress
from pathlib import Path

from daemon.config_reading import read_table
from daemon.config_tables import Device
from daemon.devices import DeviceConfig
from daemon.events import DeviceKind

_TELLING = (DeviceKind.RECEIPT_PRINTER, DeviceKind.LINE_DISPLAY)


def telling_devices(path: Path) -> tuple[DeviceConfig, ...]:
    """Return the printers and displays that the file names well, each name once."""
    rows: object = ()
    with suppress(OSError, ValueError, RecursionError):
        rows = tomllib.loads(path.read_bytes().decode()).get("devices", ())
    found: dict[str, DeviceConfig] = {}
    for row in rows if isinstance(rows, list) else ():
        table = read_table("", Device, row)
        if isinstance(table, Device) and table.kind in _TELLING and table.port:
            found.setdefault(table.name, _plain(table))
    return tuple(found.values())


def _plain(table: Device) -> DeviceConfig:
    return DeviceConfig(
        name=table.name,
        kind=table.kind,
        driver=table.driver,
        port=table.port,
        role=table.role,
        baud=table.baud,
        columns=table.columns,
        profile=table.profile,
    )
