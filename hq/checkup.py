"""`memberbox-hq doctor`: looks headquarters over; every finding has a level and says what to do."""

import shutil
from collections.abc import Iterator
from datetime import timedelta

from daemon.finding import Finding, Level
from daemon.ledger.accounts import LOSS_HQ_RESTORE
from hq import packs, report
from hq.answers import age
from hq.store import Office

FREE_MIB_WARN = 2048  # a day of 1,000 shops and its write-ahead log
FREE_MIB_ERROR = 200
SILENT_WARN_S = 24 * 3600.0  # a shop that comes by stick is heard of once a day
SILENT_ERROR_S = 7 * 24 * 3600.0  # what it holds is spent without our knowing, and is at risk
CERTIFICATE_WARN_DAYS = 60  # boxes renew a year before the end; brokers need a hand
BEHIND_WARN = 20_000  # entries: a minute of booking


def checkup(office: Office) -> list[Finding]:
    """Look at what goes wrong in the field: store, disk, certificates, pool, rules, shops, work."""
    parts = (_store, _disk, _certificates, _pool, _pack, _shops, _work)
    return [finding for part in parts for finding in part(office)]


def _store(office: Office) -> Iterator[Finding]:
    faults = office.db.findings()
    for found, fix in faults:
        yield Finding("store", "error", found, fix)
    if not faults:
        yield Finding("store", "ok", office.db.place)
    disks = office.db.durability()
    said = "two disks (a synchronous standby)" if disks == "two" else "one disk"
    yield Finding("durability", "ok", f"an acknowledged entry is on {said}")


def _disk(office: Office) -> Iterator[Finding]:
    """Look at the disk of the directory; a server's own is its operator's to watch."""
    free = shutil.disk_usage(office.folder).free // 2**20
    level: Level = "ok" if free > FREE_MIB_WARN else "warning" if free > FREE_MIB_ERROR else "error"
    fix = "" if level == "ok" else f"Make room on the disk of {office.folder}."
    yield Finding("disk", level, f"{free} MiB free", fix)


def _certificates(office: Office) -> Iterator[Finding]:
    today = office.clock.read().wall.date()
    soon = (today + timedelta(days=CERTIFICATE_WARN_DAYS)).isoformat()
    rows = office.db.execute(
        "SELECT name, max(ends) FROM certificate WHERE revoked IS NULL AND ends IS NOT NULL"
        " GROUP BY name HAVING max(ends) < ? ORDER BY name",
        (soon,),
    )
    for name, ends in rows:
        level: Level = "error" if ends < today.isoformat() else "warning"
        fix = f"memberbox-hq certificate {name} --out FOLDER (with --host for a broker)."
        yield Finding("certificate", level, f"{name}'s ends on {ends}", fix)


def _pool(office: Office) -> Iterator[Finding]:
    pool = report.status(office).pool
    if pool == "open":
        yield Finding("pool", "ok", "open")
    else:
        fix = (
            "Wait for these chains; give up one that never comes: memberbox-hq write-off BOX.EPOCH."
        )
        yield Finding("pool", "error", f"closed: {pool}", fix)
    lost = office.db.execute(
        "SELECT unit, -sum(amount) FROM balance WHERE account = ? GROUP BY unit ORDER BY unit",
        (LOSS_HQ_RESTORE,),
    )
    said = ", ".join(f"{amount} {unit}" for unit, amount in lost if amount)
    if said:
        fix = f"Granted before a restore and forgotten by it; it stands in {LOSS_HQ_RESTORE}."
        yield Finding("pool", "warning", f"restores have cost {said}", fix)


def _pack(office: Office) -> Iterator[Finding]:
    ref = packs.in_force(office.db)
    if ref is None:
        fix = "Publish one: memberbox-hq pack publish FILE."
        yield Finding("rules", "error", "no rule pack is in force", fix)
    else:
        yield Finding("rules", "ok", f"{ref.id} {ref.version}")


def _shops(office: Office) -> Iterator[Finding]:
    """Say of each shop that is silent since when, the longest silence first."""
    boxes = report.boxes(office)
    silent = sorted(
        ((box.data_age_s, name) for name, box in boxes.items() if not box.online),
        key=lambda one: (one[0] is not None, -(one[0] or 0.0)),
    )
    for seconds, name in silent:
        if seconds is None:
            fix = "Start it with its token, or bring its stick."
            yield Finding("shop", "warning", f"{name} has never been heard of", fix)
            continue
        level: Level = (
            "error" if seconds > SILENT_ERROR_S else "warning" if seconds > SILENT_WARN_S else "ok"
        )
        fix = "" if level == "ok" else "Look at its network, or have its stick brought."
        yield Finding("shop", level, f"{name} is silent for {age(seconds)}", fix)
    if boxes and not silent:
        yield Finding("shop", "ok", f"all {len(boxes)} online")


def _work(office: Office) -> Iterator[Finding]:
    for name, box in report.boxes(office).items():
        if box.cases:
            fix = "See memberbox-hq cases."
            yield Finding("cases", "warning", f"{name} has {box.cases}", fix)
    (behind,) = office.db.execute("SELECT coalesce(sum(mark - booked), 0) FROM chain").fetchone()
    if behind > BEHIND_WARN:
        fix = "Look whether memberbox-hq serve (or book) runs, and what it says."
        yield Finding("booking", "warning", f"{behind} stored entries are not booked", fix)
