"""What became of the technician's file, as provisioning tells the box: one small file in memory."""

import os
from collections.abc import Mapping
from pathlib import Path

import msgspec

from daemon.devices import DeviceConfig

REPORT = "report.json"
VARIABLE = "MEMBERBOX_PROVISION"  # the folder of the report; systemd's unit says it
DEFAULT = Path("run/memberbox-provision")


class Provisioned(msgspec.Struct, frozen=True):
    """`outcome`: none, unchanged, applied, refused, unreadable, failed."""

    outcome: str
    source: str  # the file; "" where there was none
    said: str
    mistakes: tuple[str, ...] = ()
    devices: tuple[DeviceConfig, ...] = ()  # on which a refused file's mistakes can be told


def report_dir(environ: Mapping[str, str] = os.environ, root: Path = Path("/")) -> Path:
    """Return where the report lies."""
    named = environ.get(VARIABLE, "")
    return Path(named) if named else root / DEFAULT


def read(environ: Mapping[str, str] = os.environ) -> Provisioned | None:
    """Return what provisioning told at this start; None: nothing was asked of it."""
    try:
        data = (report_dir(environ) / REPORT).read_bytes()
        return msgspec.json.decode(data, type=Provisioned)
    except (OSError, msgspec.MsgspecError):
        return None
