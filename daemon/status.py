"""What the box says of itself: one struct for `memberbox status`, status.json and MQTT's hello."""

from pathlib import Path

import msgspec

FILE = "status.json"


class PackSaid(msgspec.Struct, frozen=True):
    id: str
    version: int


class DeviceSaid(msgspec.Struct, frozen=True):
    kind: str
    state: str  # online, stale, offline
    reason: str


class KioskSaid(msgspec.Struct, frozen=True):
    """The page on the HDMI screen."""

    pages: int  # browsers that have it open
    seen_age_s: float | None  # since one of them last said that it lives; None: never
    playing: int  # pictures and videos of the playlist


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """Field names are a promise to outsiders (technicians' scripts read them)."""

    running: bool
    box: str
    epoch: int
    seq: int
    hash: str
    hq_mark: int  # the last entry that HQ has acknowledged
    hq_age_s: float | None  # age of that acknowledgement; None: never
    hq_connected: bool
    clock: str
    business_date: str | None
    pack: PackSaid | None
    devices: dict[str, DeviceSaid]
    store: str  # ok, checking, failed
    spool: int  # slips waiting for a printer
    last_good: bool  # running on the last good config since the new one is wrong
    second_copy: str | None  # where the journal's second copy lies; None: there is none
    kiosk_url: str | None
    kiosk: KioskSaid | None = None  # None: no [kiosk]
    told: tuple[str, ...] = ()  # what headquarters told the shop and is not done with
    watchdog_s: float | None = None  # after so long a silence systemd starts it anew; None: nobody
    notes: tuple[str, ...] = ()  # what a person should do something about


def write(run_dir: Path, status: Status) -> None:
    """Replace status.json as a whole. Raises OSError."""
    fresh = run_dir / f".{FILE}.new"
    with fresh.open("wb") as file:
        file.write(msgspec.json.format(msgspec.json.encode(status)))
    fresh.chmod(0o644)
    fresh.rename(run_dir / FILE)
