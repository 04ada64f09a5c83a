"""What `memberbox doctor` says of the link: its certificate, and how old is what waits."""

import stat
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import cast

from daemon.commands.answer import Plain
from daemon.commands.looking import open_journal
from daemon.config import Config
from daemon.config_tables import OWN_TLS
from daemon.errors import StoreError
from daemon.finding import Finding
from daemon.howmany import HowMany
from daemon.ledger.codec import envelope
from daemon.linking import TLS, tls_folder
from daemon.sync.security import CERTIFICATE, KEY

ENDS_WARN = timedelta(days=60)  # headquarters renews a year before: two months are a fault
WAITS_WARN = timedelta(days=3)  # without a second copy, so much would be lost with the card


def certificates(config: Config, now: datetime) -> Iterator[Finding]:
    """Look at the certificate that the link shows, as it would choose it."""
    folder = tls_folder(config)
    if folder is None or config.hq is None:
        return
    renewed = config.state_dir / TLS
    shown = renewed if (renewed / CERTIFICATE).exists() else folder
    if not (shown / CERTIFICATE).exists():
        fix = "memberbox-hq certificate BOX --out FOLDER, and copy the folder."
        if config.hq.tls == OWN_TLS:
            fix = "Carry a stick to headquarters and back, or set [hq] enrol."
        yield Finding("certificate", "warning", "headquarters has signed none yet", fix)
        return
    yield _ends(shown / CERTIFICATE, folder / KEY, now)


def _ends(path: Path, key: Path, now: datetime) -> Finding:
    from cryptography import x509  # nobody else on a box needs it
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    again = "Ask for a new one: memberbox-hq certificate BOX."
    try:
        found = x509.load_pem_x509_certificate(path.read_bytes())
        private = load_pem_private_key(key.read_bytes(), None)
        mode = stat.S_IMODE(key.stat().st_mode)
    except (OSError, ValueError) as error:
        return Finding("certificate", "error", f"{path.parent}: {error}", again)
    if private.public_key() != found.public_key():
        return Finding("certificate", "error", f"{path} is not of the key {key}", again)
    if mode & 0o077:
        return Finding("certificate", "error", f"{key} can be read by others", f"chmod 600 {key}")
    ends = found.not_valid_after_utc
    if ends < now:
        return Finding("certificate", "error", f"ended on {ends:%Y-%m-%d}", again)
    if ends - now < ENDS_WARN:
        fix = "It should have been renewed: does the link work? A stick renews it too."
        return Finding("certificate", "warning", f"ends on {ends:%Y-%m-%d}", fix)
    return Finding("certificate", "ok", f"good until {ends:%Y-%m-%d}")


def queue(config: Config, running: Plain, now: datetime) -> Iterator[Finding]:
    """Say how old the oldest entry is that headquarters does not have, and what printing waits."""
    spool = cast(int, running.get("spool", 0))
    if spool:
        fix = "Look at the printer: paper, cover, cable. memberbox spool list says what waits."
        yield Finding("spool", "warning", f"{HowMany(spool):slip} waiting for the printer", fix)
    if config.hq is None:
        return
    epoch, first = cast(int, running["epoch"]), cast(int, running["hq_mark"]) + 1
    try:
        with open_journal(config) as journal:
            oldest = journal.get(epoch, first)
    except StoreError:
        return  # said elsewhere
    if oldest is None:
        yield Finding("queue", "ok", "headquarters has everything")
        return
    age = now - datetime.fromisoformat(envelope(oldest.data).at.wall).astimezone(timezone.utc)
    waiting = HowMany(cast(int, running["seq"]) - first + 1)
    found = f"the oldest of {waiting:entry} is {_said(age)} old"
    if age < WAITS_WARN:
        yield Finding("queue", "ok", found)
        return
    fix = "Bring the network back, or carry a stick."
    if running.get("second_copy") is None:
        fix = f"They exist only here: set [second_copy]. {fix}"
    yield Finding("queue", "warning", found, fix)


def _said(age: timedelta) -> str:
    hours = max(age.total_seconds(), 0) / 3600
    return f"{hours / 24:.0f} days" if hours > 48 else f"{hours:.0f} h"
